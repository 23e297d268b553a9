/** Holds README.md and docs/ against the program: commands are run, lists are complete, links lead somewhere. */

import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../cmd/kubecrate/src/commands/index.ts';
import { abridge, commandsOf, Numbers, normal } from './console.ts';
import { type Page, parsePage, readPage } from './page.ts';
import { openDocsWorkspace, ROOT } from './workspace.ts';

const PAGES: readonly Page[] = await Promise.all([
  readPage(join(ROOT, 'README.md')),
  ...(await readdir(join(ROOT, 'docs'), { recursive: true }))
    .filter((file) => file.endsWith('.md'))
    .map((file) => readPage(join(ROOT, 'docs', file))),
]);

const nameOf = ({ path }: Page): string => relative(ROOT, path);

function page(name: string): Page {
  const found = PAGES.find((each) => nameOf(each) === name);
  if (found === undefined) throw new Error(`there is no page ${name}`);
  return found;
}

async function packages(): Promise<readonly string[]> {
  return readdir(join(ROOT, 'packages'));
}

describe('the commands that pages show', () => {
  const running = PAGES.filter(({ blocks }) => blocks.some((block) => commandsOf(block).length > 0));

  test('are run for README.md and three other pages at least', () => {
    expect(running.length).toBeGreaterThanOrEqual(4);
    expect(running.map(nameOf)).toContain('README.md');
  });

  test.each(running.map((each) => [nameOf(each), each] as const))(
    'of %s print what it says',
    async (_name, { blocks }) => {
      await using workspace = await openDocsWorkspace();
      const { console: terminal } = workspace;
      const [told, seen] = [new Numbers(), new Numbers()];
      for (const block of blocks) {
        const file = block.info.find((word) => word.startsWith('file='))?.slice('file='.length);
        if (file !== undefined) await terminal.writeFile(file, block.text);
        for (const { line, output, exit } of commandsOf(block)) {
          const actual = await terminal.run(line);
          const expected = told.hide(normal(output));
          const printed = abridge(seen.hide(normal(actual.output)), expected);
          expect({ line, exit: actual.exit, printed }).toEqual({ line, exit, printed: expected });
        }
      }
    },
    120_000,
  );

  test('are all marked to be run', () => {
    for (const each of PAGES) {
      for (const block of each.blocks.filter(({ text }) => /^\$ /m.test(text)))
        expect(commandsOf(block), `${nameOf(each)}:${block.line}`).not.toEqual([]);
    }
  });

  test('use files of examples/ as they are', async () => {
    for (const { blocks } of PAGES) {
      for (const { info, text } of blocks) {
        const file = info.find((word) => word.startsWith('file=examples/'))?.slice('file='.length);
        if (file !== undefined) expect(text).toBe(await readFile(join(ROOT, file), 'utf8'));
      }
    }
  });
});

describe('links', () => {
  test.each(PAGES.map((each) => [nameOf(each), each] as const))('of %s lead somewhere', async (_name, each) => {
    for (const link of each.links.filter((target) => !/^https?:/.test(target))) {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? each.path : resolve(dirname(each.path), path);
      expect(existsSync(target), link).toBe(true);
      if (anchor === undefined) continue;
      expect([...(path === '' ? each : await readPage(target)).anchors], link).toContain(anchor);
    }
  });
});

describe('source files', () => {
  test('that pages name are there', async () => {
    const files = (
      await Promise.all(['packages', 'cmd', 'test'].map((top) => readdir(join(ROOT, top), { recursive: true })))
    )
      .flat()
      .filter((file) => file.endsWith('.ts') && !file.includes('node_modules') && !file.includes('dist/'));
    for (const each of PAGES) {
      for (const [, name = ''] of each.prose.matchAll(/`([\w./*-]+\.ts)`/g)) {
        const pattern = new RegExp(
          `(^|/)${name
            .replace(/^(packages|cmd|test)\//, '')
            .replaceAll('.', '\\.')
            .replaceAll('*', '[^/]*')}$`,
        );
        expect(
          files.some((file) => pattern.test(file.replace('/src/', '/')) || pattern.test(file)),
          `${nameOf(each)}: ${name}`,
        ).toBe(true);
      }
    }
  });
});

describe('nothing is left out:', () => {
  test('every command is in the table of README.md', () => {
    for (const name of Object.keys(COMMANDS)) expect(page('README.md').prose).toContain(`(docs/cli/${name}.md)`);
  });

  test('every error code is in docs/errors.md, and no other', async () => {
    const source = await readFile(join(ROOT, 'packages', 'errors', 'src', 'kubecrate-error.ts'), 'utf8');
    const union = /export type ErrorCode =([^;]+);/.exec(source)?.[1] ?? '';
    const codes = [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code);
    const rows = [...page('docs/errors.md').prose.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(20);
    expect(rows.sort()).toEqual(codes.sort());
  });

  test('every package, with what it may import, is in docs/architecture.md', async () => {
    const rows = new Map(
      [...page('docs/architecture.md').prose.matchAll(/^\| `([a-z-]+)` \| ([^|]+) \|/gm)].map(([, name, list = '']) => [
        name,
        list === '-' ? [] : list.split(', ').sort(),
      ]),
    );
    for (const name of await packages()) {
      const manifest: unknown = JSON.parse(await readFile(join(ROOT, 'packages', name, 'package.json'), 'utf8'));
      const { dependencies = {} } = manifest as { dependencies?: Record<string, string> };
      const ours = Object.keys(dependencies).flatMap((each) => (each.startsWith('@kubecrate/') ? each.slice(11) : []));
      expect(rows.get(name), name).toEqual(ours.sort());
    }
    expect([...rows.keys()].sort()).toEqual([...(await packages())].sort());
  });

  test('every instruction is in docs/kubefile.md', async () => {
    const source = await readFile(join(ROOT, 'packages', 'kubefile', 'src', 'instruction.ts'), 'utf8');
    const keywords = new Set([...source.matchAll(/Located<([^>]+)>/g)].flatMap(([, list = '']) => words(list)));
    keywords.delete('Keyword');
    expect(keywords.size).toBeGreaterThanOrEqual(17);
    for (const keyword of keywords)
      expect(page('docs/kubefile.md').prose).toMatch(new RegExp(`^## (.* and )?${keyword}( and .*)?$`, 'm'));
  });

  test('every third-party package has a reason, and every reason a package', async () => {
    const manifests = [
      join(ROOT, 'package.json'),
      join(ROOT, 'cmd', 'kubecrate', 'package.json'),
      ...(await packages()).map((name) => join(ROOT, 'packages', name, 'package.json')),
    ];
    const declared = new Set<string>();
    for (const file of manifests) {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(await readFile(file, 'utf8')) as Manifest;
      for (const name of [...Object.keys(dependencies), ...Object.keys(devDependencies)])
        if (!name.startsWith('@kubecrate/')) declared.add(name.startsWith('@types/') ? '@types/*' : name);
    }
    const rows = [...page('docs/adr/0013-third-party-packages.md').prose.matchAll(/^\| (`[^|]+) \|/gm)];
    const told = rows.flatMap(([, names = '']) => names.split(', ').map((name) => name.replaceAll('`', '')));
    expect(told.sort()).toEqual([...declared].sort());
  });

  test('a decision record has a context, a decision and consequences, and its number is in its title', () => {
    const records = PAGES.filter((each) => nameOf(each).startsWith('docs/adr/'));
    expect(records.length).toBeGreaterThanOrEqual(13);
    for (const { path, prose, anchors } of records) {
      const number = Number(/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1]);
      expect(prose, path).toMatch(new RegExp(`^# ${number}\\. `));
      expect([...anchors].slice(1), path).toEqual(['context', 'decision', 'consequences']);
    }
  });
});

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function words(list: string): readonly string[] {
  return [...list.matchAll(/[A-Z]+/g)].map(([word]) => word).filter((word) => word.length > 1);
}

describe('the reader of pages', () => {
  const block = (info: string, text: string) => parsePage(`\`\`\`${info}\n${text}\`\`\`\n`).blocks[0]!;

  test('finds commands, what they print and how they end', () => {
    expect(commandsOf(block('console run exit=2', '$ a b\nx\ny\n$ c\n'))).toEqual([
      { line: 'a b', output: 'x\ny\n', exit: 2 },
      { line: 'c', output: '', exit: 2 },
    ]);
    expect(commandsOf(block('console', '$ a\n'))).toEqual([]);
    expect(() => commandsOf(block('console run', 'x\n$ a\n'))).toThrow();
  });

  test('takes a digest for the same only where it is the same again', () => {
    const [a, b] = ['a1'.repeat(32), 'b2'.repeat(32)];
    expect(new Numbers().hide(`${a} ${a}`)).toBe(new Numbers().hide(`${b} ${b}`));
    expect(new Numbers().hide(`${a} ${b}`)).not.toBe(new Numbers().hide(`${b} ${b}`));
    expect(new Numbers().hide(`${a} ${a.slice(0, 12)}`)).toBe('<digest 1> <digest 1>');
  });

  test('leaves out only what stands for any lines', () => {
    expect(abridge('a\nb\nc\n', 'a\n...\nc\n')).toBe('a\n...\nc\n');
    expect(abridge('a\nb\nc\n', 'a\n...\n')).toBe('a\n...\n');
    expect(abridge('a\nb\nc\nd\n', 'a\n...\nc\n')).toBe('a\nb\nc\nd\n');
    expect(abridge('a\nb\n', 'x\n...\nb\n')).toBe('a\nb\n');
  });

  test('lets images arrive in any order', () => {
    expect(normal('saved b\nsaved a\nbuilt c\n')).toBe('saved a\nsaved b\nbuilt c\n');
  });
});
