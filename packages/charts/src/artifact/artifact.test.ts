import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chartFromFiles, loadChartArchive } from '../chart/load-chart.ts';
import { chartArtifact, chartTag, versionOfTag } from './chart-artifact.ts';
import { packageChart } from './package-chart.ts';
import { unpackChart } from './unpack-chart.ts';

const CHART_YAML = `apiVersion: v2
name: mysql
version: 8.8.19+up1
appVersion: "8.0"
description: A <database>
home: https://example.com
sources: [https://git.example.com/a, https://git.example.com/b]
maintainers:
- {name: A, email: a@example.com}
- {name: B}
annotations:
  category: Database
  org.opencontainers.image.title: other
dependencies: []
`;

describe('the artifact of a chart', () => {
  it('is what helm push makes of it', async () => {
    const { metadata } = await chartFromFiles({ 'Chart.yaml': CHART_YAML });
    const archive = Buffer.from('archive');
    const artifact = chartArtifact(metadata, archive, {
      provenance: Buffer.from('signed'),
      created: new Date('2024-01-02T03:04:05.678Z'),
    });
    expect(artifact).toMatchObject({ name: 'mysql', version: '8.8.19+up1', tag: '8.8.19_up1' });
    expect(artifact.config.toString()).toBe(
      '{"name":"mysql","home":"https://example.com","sources":["https://git.example.com/a","https://git.example.com/b"],' +
        '"version":"8.8.19+up1","description":"A \\u003cdatabase\\u003e",' +
        '"maintainers":[{"name":"A","email":"a@example.com"},{"name":"B"}],"apiVersion":"v2","appVersion":"8.0",' +
        '"annotations":{"category":"Database","org.opencontainers.image.title":"other"}}',
    );
    expect(artifact.layers).toEqual([
      { content: 'chart', data: archive },
      { content: 'provenance', data: Buffer.from('signed') },
    ]);
    expect(Object.fromEntries(artifact.annotations)).toEqual({
      'org.opencontainers.image.description': 'A <database>',
      'org.opencontainers.image.title': 'mysql',
      'org.opencontainers.image.version': '8.8.19+up1',
      'org.opencontainers.image.url': 'https://example.com',
      'org.opencontainers.image.created': '2024-01-02T03:04:05Z',
      'org.opencontainers.image.source': 'https://git.example.com/a',
      'org.opencontainers.image.authors': 'A (a@example.com), B',
      category: 'Database',
    });
  });

  it('has a tag that stands for its version', () => {
    expect(chartTag('1.2.3+a.b')).toBe('1.2.3_a.b');
    expect(versionOfTag('1.2.3_a.b')).toBe('1.2.3+a.b');
  });
});

describe('packaging', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kubecrate-package-'));
    await mkdir(join(directory, 'templates'));
    await writeFile(join(directory, 'Chart.yaml'), CHART_YAML);
    await writeFile(join(directory, '.helmignore'), '*.tmp\n');
    await writeFile(join(directory, 'notes.tmp'), 'x');
    await writeFile(join(directory, 'templates/a.yaml'), 'kind: A\n');
    await writeFile(join(directory, 'values.yaml'), 'a: 1\n');
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  async function bytes(): Promise<Buffer> {
    return Buffer.concat(await (await packageChart(directory)).archive.toArray());
  }

  it('gives an archive that is the chart again, without what is ignored', async () => {
    const { filename, metadata } = await packageChart(directory);
    expect(filename).toBe('mysql-8.8.19+up1.tgz');
    const chart = await loadChartArchive(filename, await bytes());
    expect(chart.metadata).toEqual(metadata);
    expect(chart.templates.map(({ name }) => name)).toEqual(['templates/a.yaml']);
    expect(chart.files.map(({ name }) => name)).toEqual(['.helmignore']);
    expect(chart.values).toEqual(new Map([['a', 1]]));
  });

  it.each(['', '{', '{} x'])('refuses the schema %j, which is no JSON', async (schema) => {
    await writeFile(join(directory, 'values.schema.json'), schema);
    await expect(packageChart(directory)).rejects.toMatchObject({
      code: 'INVALID_CHART',
      message: expect.stringContaining('failed to save: Invalid JSON in values.schema.json'),
    });
  });

  it('gives the same bytes every time', async () => {
    const first = await bytes();
    await utimes(join(directory, 'values.yaml'), new Date(), new Date());
    await writeFile(join(directory, 'notes.tmp'), 'other');
    expect((await bytes()).equals(first)).toBe(true);
  });

  it('writes Chart.yaml as Helm does where it gets other versions', async () => {
    const { filename, archive } = await packageChart(directory, { version: '9.0.0', appVersion: '8.4' });
    expect(filename).toBe('mysql-9.0.0.tgz');
    const parent = join(directory, 'out');
    const unpacked = await unpackChart(filename, Buffer.concat(await archive.toArray()), parent);
    expect(unpacked).toBe(join(parent, 'mysql'));
    expect(await readFile(join(unpacked, 'Chart.yaml'), 'utf8')).toBe(
      [
        'annotations:',
        '  category: Database',
        '  org.opencontainers.image.title: other',
        'apiVersion: v2',
        'appVersion: "8.4"',
        'description: A <database>',
        'home: https://example.com',
        'maintainers:',
        '- email: a@example.com',
        '  name: A',
        '- name: B',
        'name: mysql',
        'sources:',
        '- https://git.example.com/a',
        '- https://git.example.com/b',
        'version: 9.0.0',
        '',
      ].join('\n'),
    );
    await expect(packageChart(directory, { version: 'x' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('is undone by unpacking, whole or not at all', async () => {
    const parent = join(directory, 'out');
    const archive = await bytes();
    const unpacked = await unpackChart('mysql.tgz', archive, parent);
    expect((await readdir(unpacked, { recursive: true })).sort()).toEqual([
      '.helmignore',
      'Chart.yaml',
      'templates',
      'templates/a.yaml',
      'values.yaml',
    ]);
    expect(await readFile(join(unpacked, 'Chart.yaml'), 'utf8')).toBe(CHART_YAML);
    await expect(unpackChart('mysql.tgz', archive, parent)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    const other = join(directory, 'other');
    await expect(unpackChart('x.tgz', archive.subarray(0, 100), other)).rejects.toMatchObject({
      code: 'INVALID_ARCHIVE',
    });
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    await expect(unpackChart('x.tgz', archive, other, { signal: controller.signal })).rejects.toThrow('enough');
    await expect(readdir(other)).rejects.toThrow('ENOENT');
    expect(await readdir(parent)).toEqual(['mysql']);
  });

  it('refuses a chart whose dependencies are missing', async () => {
    await writeFile(
      join(directory, 'Chart.yaml'),
      CHART_YAML.replace('dependencies: []', 'dependencies: [{name: x, version: "1"}]'),
    );
    await expect(packageChart(directory)).rejects.toMatchObject({
      code: 'INVALID_CHART',
      message: expect.stringContaining('found in Chart.yaml, but missing in charts/ directory: x'),
    });
  });
});
