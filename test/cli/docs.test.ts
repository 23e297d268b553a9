import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandPages } from '../../cmd/kubecrate/src/command-pages.ts';
import { COMMANDS } from '../../cmd/kubecrate/src/commands/index.ts';
import { buildProgram } from '../../cmd/kubecrate/src/program.ts';
import { idleContext } from './idle-context.ts';

const DIRECTORY = join(import.meta.dirname, '..', '..', 'docs', 'cli');

describe('docs/cli', () => {
  test('is what `npm run docs` makes of the command line now', async () => {
    const pages = commandPages(await buildProgram(['--help'], idleContext()));
    expect([...pages.keys()].sort()).toEqual(
      ['README.md', ...Object.keys(COMMANDS).map((name) => `${name}.md`)].sort(),
    );
    expect((await readdir(DIRECTORY)).sort()).toEqual([...pages.keys()].sort());
    for (const [name, text] of pages)
      expect(await readFile(join(DIRECTORY, name), 'utf8'), `${name}: run npm run docs`).toBe(text);
  });
});
