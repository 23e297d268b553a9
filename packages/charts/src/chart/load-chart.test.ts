import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { openDirectoryTree, type TarInput, writeTar } from '@kubecrate/files';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Chart } from './chart.ts';
import { chartFromFiles, loadChart, loadChartArchive, loadChartFromTree } from './load-chart.ts';

type Files = Readonly<Record<string, string>>;

const CHART_YAML = 'apiVersion: v2\nname: top\nversion: 1.0.0\n';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubecrate-charts-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function write(files: Files): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
}

async function archive(files: Files, more: readonly TarInput[] = []): Promise<Buffer> {
  const inputs: TarInput[] = Object.entries(files).map(([path, text]) => ({
    entry: { path, type: 'file', size: Buffer.byteLength(text, 'latin1'), mode: 0o644, uid: 0, gid: 0, mtime: 0 },
    bytes: Buffer.from(text, 'latin1'),
  }));
  return gzipSync(Buffer.concat(await writeTar([...inputs, ...more]).toArray()));
}

function names(files: readonly { readonly name: string }[]): string[] {
  return files.map(({ name }) => name);
}

async function loadError(load: Promise<Chart>): Promise<{ code: string; message: string }> {
  return load.then(
    () => ({ code: 'LOADED', message: '' }),
    (error) => error,
  );
}

describe('a chart', () => {
  const files: Files = {
    'Chart.yaml': `${CHART_YAML}appVersion: 1.10\ndescription: "two\\nlines"\nmaintainers:\n- {name: a, email: a@b}\n`,
    'values.yaml': '\ufeffa: 1\n',
    'values.schema.json': '{}',
    'Chart.lock': 'dependencies: []\n',
    'templates/a.yaml': 'x',
    'templates/_h.tpl': 'h',
    'templates/.hidden': 'no',
    'templates/sub/NOTES.txt': 'n',
    'crds/crd.yaml': 'c',
    'README.md': 'r',
    'cfg/x.txt': 'x',
    'charts/sub/Chart.yaml': 'name: sub\nversion: 0.1.0\n',
    'charts/sub/charts/deep/Chart.yaml': 'apiVersion: v2\nname: deep\nversion: 0.1.0\n',
    'charts/_skipped/whatever': '',
    'charts/.gitkeep': '',
    'charts/sub.tgz.prov': 'signature',
  };

  function check(chart: Chart, templates: readonly string[]): void {
    expect(chart.metadata).toMatchObject({
      name: 'top',
      version: '1.0.0',
      appVersion: '1.1',
      description: 'two lines',
    });
    expect(chart.metadata.maintainers).toEqual([{ name: 'a', email: 'a@b', url: '' }]);
    expect(chart.values).toEqual(new Map([['a', 1]]));
    expect(chart.schema).toBe('{}');
    expect(names(chart.templates).sort()).toEqual(templates);
    expect(names(chart.files).sort()).toEqual(['README.md', 'cfg/x.txt', 'charts/sub.tgz.prov', 'crds/crd.yaml']);
    expect(chart.dependencies.map(({ metadata }) => metadata)).toMatchObject([{ name: 'sub', apiVersion: 'v1' }]);
    expect(chart.dependencies[0]?.dependencies[0]?.metadata.name).toBe('deep');
  }

  it('is loaded from its directory, hidden templates left out', async () => {
    await write(files);
    check(await loadChart(directory), ['templates/_h.tpl', 'templates/a.yaml', 'templates/sub/NOTES.txt']);
  });

  it('is loaded from a tree of files', async () => {
    await write(Object.fromEntries(Object.entries(files).map(([name, text]) => [`charts/top/${name}`, text])));
    const tree = openDirectoryTree(directory);
    check(await loadChartFromTree(tree, 'charts/top'), [
      'templates/_h.tpl',
      'templates/a.yaml',
      'templates/sub/NOTES.txt',
    ]);
  });

  it('is loaded from an archive, whose first directory falls away', async () => {
    const inside = Object.fromEntries(
      Object.entries(files).map(([name, text]) => [`top/${name}`, text.replace('\ufeff', '')]),
    );
    const all = ['templates/.hidden', 'templates/_h.tpl', 'templates/a.yaml', 'templates/sub/NOTES.txt'];
    const bytes = await archive(inside);
    check(await loadChartArchive('top.tgz', bytes), all);
    check(await loadChartArchive('top.tgz', Readable.from([bytes.subarray(0, 20), bytes.subarray(20)])), all);
    await writeFile(join(directory, 'top.tgz'), bytes);
    check(await loadChart(join(directory, 'top.tgz')), all);
  });

  it('of v1 has its dependencies in requirements.yaml, which its files keep', async () => {
    const chart = await chartFromFiles({
      'Chart.yaml': 'name: top\nversion: 1.0.0\n',
      'requirements.yaml': 'dependencies:\n- name: sub\n  version: "1"\n  import-values: [x]\n',
    });
    expect(chart.metadata.apiVersion).toBe('v1');
    expect(chart.metadata.dependencies).toMatchObject([{ name: 'sub', version: '1', importValues: ['x'] }]);
    expect(names(chart.files)).toEqual(['requirements.yaml']);
  });

  it('may have charts in archives, which may have others', async () => {
    const deep = await archive({ 'deep/Chart.yaml': 'apiVersion: v2\nname: deep\nversion: 2.0.0\n' });
    const sub = await archive({
      'sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 1.0.0\n',
      'sub/charts/deep-2.0.0.tgz': deep.toString('latin1'),
    });
    const chart = await chartFromFiles({ 'Chart.yaml': CHART_YAML, 'charts/sub-1.0.0.tgz': sub });
    expect(chart.dependencies[0]?.dependencies[0]?.metadata).toMatchObject({ name: 'deep', version: '2.0.0' });
  });
});

describe('.helmignore', () => {
  it.each<readonly [string, readonly string[]]>([
    ['*.md\n', ['.helmignore', 'b/c.txt', 'b/d/e.md', 'x.txt'].filter((name) => !name.endsWith('.md'))],
    ['# note\n\n  x.txt  \n', ['.helmignore', 'README.md', 'b/c.txt', 'b/d/e.md']],
    ['b/\n', ['.helmignore', 'README.md', 'x.txt']],
    ['/b/d\n', ['.helmignore', 'README.md', 'b/c.txt', 'x.txt']],
    ['d\n', ['.helmignore', 'README.md', 'b/c.txt', 'x.txt']],
    ['b/*.txt\n', ['.helmignore', 'README.md', 'b/d/e.md', 'x.txt']],
    ['[rx]*\n', ['.helmignore', 'README.md', 'b/c.txt', 'b/d/e.md']],
    ['x?txt\n', ['.helmignore', 'README.md', 'b/c.txt', 'b/d/e.md']],
    ['txt/\n', ['.helmignore', 'README.md', 'b/c.txt', 'b/d/e.md', 'x.txt']],
  ])('%j leaves %j', async (ignore, expected) => {
    await write({
      'Chart.yaml': CHART_YAML,
      '.helmignore': ignore,
      'README.md': '',
      'x.txt': '',
      'b/c.txt': '',
      'b/d/e.md': '',
    });
    expect(names((await loadChart(directory)).files).sort()).toEqual(expected);
  });

  it('is refused where Helm refuses it', async () => {
    await write({ 'Chart.yaml': CHART_YAML, '.helmignore': 'a/**/b\n' });
    expect(await loadError(loadChart(directory))).toMatchObject({
      code: 'INVALID_CHART',
      message: expect.stringContaining('double-star (**) syntax is not supported'),
    });
  });
});

describe('a chart that is wrong', () => {
  it.each<readonly [Files, string]>([
    [{ 'values.yaml': '' }, 'Chart.yaml file is missing'],
    [{ 'Chart.yaml': 'a: b: c' }, 'cannot load Chart.yaml: error converting YAML to JSON: yaml: mapping values'],
    [
      { 'Chart.yaml': 'name: [a]\nversion: 1.0.0' },
      'cannot unmarshal array into Go struct field Metadata.name of type string',
    ],
    [{ 'Chart.yaml': 'version: 1.0.0\n' }, 'validation: chart.metadata.name is required'],
    [{ 'Chart.yaml': 'name: a/b\nversion: 1.0.0\n' }, 'validation: chart.metadata.name "a/b" is invalid'],
    [{ 'Chart.yaml': 'name: a\n' }, 'validation: chart.metadata.version is required'],
    [{ 'Chart.yaml': 'name: a\nversion: x.y\n' }, 'validation: chart.metadata.version "x.y" is invalid'],
    [{ 'Chart.yaml': `${CHART_YAML}type: other\n` }, 'validation: chart.metadata.type must be application or library'],
    [
      { 'Chart.yaml': `${CHART_YAML}dependencies: [{name: a, alias: "b/c"}]\n` },
      'dependency "a" has disallowed characters in the alias',
    ],
    [
      { 'Chart.yaml': `${CHART_YAML}dependencies: [{name: a}, {name: b, alias: a}]\n` },
      'more than one dependency with name or alias "a"',
    ],
    [{ 'Chart.yaml': `${CHART_YAML}dependencies: [null]\n` }, 'dependencies must not contain empty or null nodes'],
    [{ 'Chart.yaml': CHART_YAML, 'values.yaml': '- a\n' }, 'cannot load values.yaml: error unmarshaling JSON'],
    [{ 'Chart.yaml': `${CHART_YAML}maintainers: [null]\n` }, 'maintainers must not contain empty or null nodes'],
    [
      { 'Chart.yaml': `${CHART_YAML}dependencies: [{name: a, tags: b}]\n` },
      'cannot unmarshal string into Go struct field Dependency.dependencies.tags of type []string',
    ],
    [{ 'Chart.yaml': CHART_YAML, 'Chart.lock': 'a: [' }, 'cannot load Chart.lock'],
    [
      { 'Chart.yaml': CHART_YAML, 'requirements.lock': '[]' },
      'cannot load requirements.lock: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type chart.Lock',
    ],
    [
      { 'Chart.yaml': CHART_YAML, 'Chart.lock': 'dependencies: x' },
      'cannot unmarshal string into Go struct field Lock.dependencies of type []*chart.Dependency',
    ],
    [
      { 'Chart.yaml': CHART_YAML, 'Chart.lock': 'generated: 2020-01-01' },
      'parsing time "2020-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"',
    ],
    [
      { 'Chart.yaml': CHART_YAML, 'Chart.lock': 'generated: 1' },
      'cannot load Chart.lock: error unmarshaling JSON: while decoding JSON: Time.UnmarshalJSON: input is not a JSON string',
    ],
    [
      { 'Chart.yaml': CHART_YAML, 'charts/sub/x': '' },
      'error unpacking subchart sub in top: Chart.yaml file is missing',
    ],
    [{ 'Chart.yaml': CHART_YAML, 'charts/x.tgz': 'no archive' }, 'error unpacking subchart x.tgz in top'],
  ])('%j', async (files, message) => {
    const error = await loadError(chartFromFiles(files));
    expect(error.message).toContain(message);
    expect(['INVALID_CHART', 'INVALID_ARCHIVE']).toContain(error.code);
  });

  it('is named in the error', async () => {
    const path = join(directory, 'none');
    expect(await loadError(loadChart(path))).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(`cannot load chart ${JSON.stringify(path)}`),
    });
  });
});

describe('a hostile chart', () => {
  const good: Files = { 'top/Chart.yaml': CHART_YAML };

  it('does not leave its archive', async () => {
    for (const path of ['top/../../etc/passwd', '/etc/passwd', 'top/..\\..\\x']) {
      const tar = Buffer.concat(await writeTar([fileEntry('top/AAAAAAAAAAAAAAAAAAAAAAAA')]).toArray());
      const error = await loadError(
        loadChartArchive('bad.tgz', gzipSync(renamed(tar, 'top/AAAAAAAAAAAAAAAAAAAAAAAA', path))),
      );
      expect(['UNSAFE_PATH', 'INVALID_CHART', 'INVALID_ARCHIVE']).toContain(error.code);
    }
  });

  it('has its links passed over in an archive', async () => {
    const link: TarInput = {
      entry: {
        path: 'top/link',
        type: 'symlink',
        size: 0,
        mode: 0o777,
        uid: 0,
        gid: 0,
        mtime: 0,
        linkTarget: '/etc/passwd',
      },
    };
    const chart = await loadChartArchive('x.tgz', await archive(good, [link]));
    expect(chart.files).toEqual([]);
  });

  it('has links followed in a directory, as long as they stay in it', async () => {
    await write({ 'Chart.yaml': CHART_YAML, 'shared/a.yaml': 'x: 1\n', 'shared/deep/b.txt': 'b' });
    await mkdir(join(directory, 'templates'));
    await symlink('../shared/a.yaml', join(directory, 'templates/a.yaml'));
    await symlink('shared/deep', join(directory, 'deep'));
    const chart = await loadChart(directory);
    expect(chart.templates.map(({ data }) => data.toString())).toEqual(['x: 1\n']);
    expect(names(chart.files)).toContain('deep/b.txt');
  });

  it.each(['/etc/passwd', '../../etc/passwd'])('does not read %s by a link', async (target) => {
    await write({ 'Chart.yaml': CHART_YAML });
    await symlink(target, join(directory, 'link'));
    expect(await loadError(loadChart(directory))).toMatchObject({ code: 'UNSAFE_PATH' });
  });

  it('does not go round in links', async () => {
    await write({ 'Chart.yaml': CHART_YAML, 'a/x': '' });
    await symlink('../a', join(directory, 'a/a'));
    await symlink('b', join(directory, 'b'));
    expect(await loadError(loadChart(directory))).toMatchObject({ code: 'UNSAFE_PATH' });
  });

  it('does not grow without end', async () => {
    const bytes = await archive({ ...good, 'top/big': 'x'.repeat(3000), 'top/other': 'x'.repeat(3000) });
    expect(await loadError(loadChartArchive('x.tgz', bytes, { limits: { maxFileBytes: 2999 } }))).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringContaining('chart file "big" is larger than the maximum file size 2999'),
    });
    expect(await loadError(loadChartArchive('x.tgz', bytes, { limits: { maxBytes: 5000 } }))).toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
    expect(await loadError(loadChartArchive('x.tgz', bytes, { limits: { maxFiles: 2 } }))).toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
    const bomb = gzipSync(Buffer.alloc(300 * 1024 * 1024));
    expect(await loadError(loadChartArchive('x.tgz', bomb))).toMatchObject({
      code: expect.stringMatching(/LIMIT_EXCEEDED|INVALID/),
    });
  });

  it('does not nest charts without end', async () => {
    const path = (depth: number): string => `${'charts/x/'.repeat(depth)}Chart.yaml`;
    const files = Object.fromEntries(Array.from({ length: 30 }, (_, depth) => [path(depth), CHART_YAML]));
    expect(await loadError(chartFromFiles(files))).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  it('stops when it is told to', async () => {
    await write({ 'Chart.yaml': CHART_YAML });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(loadChart(directory, { signal })).rejects.toThrow('enough');
    await expect(loadChartArchive('x.tgz', await archive(good), { signal })).rejects.toThrow('enough');
  });
});

function fileEntry(path: string): TarInput {
  return { entry: { path, type: 'file', size: 0, mode: 0o644, uid: 0, gid: 0, mtime: 0 } };
}

/** The same tar with another name in its first header, and the checksum that goes with it. */
function renamed(tar: Buffer, from: string, to: string): Buffer {
  const copy = Buffer.from(tar);
  copy.fill(0, 0, from.length);
  copy.write(to, 0, 'latin1');
  copy.fill(' ', 148, 156);
  const sum = copy.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return copy;
}
