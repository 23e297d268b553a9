import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type CopyEvent, readManifest } from '@kubecrate/content';
import { bytesOf, chartArchive } from '@kubecrate/content/testing';
import { openDirectoryTree } from '@kubecrate/files';
import { type ImageStore, openImageStore } from '@kubecrate/image-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SaveChartsOptions, type SavedChart, saveCharts } from './save-charts.ts';

let root: string;
let store: ImageStore;
let events: CopyEvent[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kubecrate-charts-'));
  store = await openImageStore(join(root, 'store'));
  events = [];
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function save(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: Partial<SaveChartsOptions> & { readonly signal?: AbortSignal } = {},
): Promise<readonly SavedChart[]> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, 'tree', path)), { recursive: true });
    await writeFile(join(root, 'tree', path), content);
  }
  const charts = Object.keys(files).filter((path) => path.endsWith('.tgz'));
  return await saveCharts(
    openDirectoryTree(join(root, 'tree')),
    charts.map((path) => ({ path, kind: 'archive' })),
    { repository: 'helm-charts', created: 0, ...options },
    { store, onEvent: (event) => void events.push(event), signal: options.signal },
  );
}

const names = (saved: readonly SavedChart[]): readonly string[] =>
  saved.map(({ named, result }) => `${named.repository}:${result.job.tags.join()}`);

describe('saveCharts', () => {
  it('stores an archive byte for byte, with its provenance, under the name and the version in it', async () => {
    const archive = chartArchive({ name: 'web', version: '1.2.0+7' });
    const saved = await save({ 'charts/any.tgz': archive, 'charts/any.tgz.prov': 'signed' });
    expect(names(saved)).toEqual(['helm-charts/web:1.2.0_7']);
    const [chart] = saved;
    const { manifest } = await readManifest(store, chart!.result.descriptor);
    if (manifest.kind !== 'manifest') throw new Error('it is an index');
    const contents = await Promise.all(manifest.layers.map(async (layer) => bytesOf(await store.fetch(layer))));
    expect(contents.map(String).sort()).toEqual([String(archive), 'signed'].sort());
    expect(manifest.annotations).toMatchObject({ 'org.opencontainers.image.created': '1970-01-01T00:00:00Z' });
    expect(chart!.result.content.blobs).toHaveLength(3);
  });

  it('gives the same manifest for the same archive, and another one for another time', async () => {
    const files = { 'charts/web.tgz': chartArchive({ name: 'web', version: '1.0.0' }) };
    const digestAt = async (created: number): Promise<string | undefined> =>
      (await save(files, { created }))[0]?.result.descriptor.digest;
    expect(await digestAt(0)).toBe(await digestAt(0));
    expect(await digestAt(1)).not.toBe(await digestAt(0));
  });

  it('puts nothing before the name where nothing is said, and leaves charts of applications alone', async () => {
    const files = {
      'charts/deep/web.tgz': chartArchive({ name: 'web', version: '1.0.0' }),
      'application/apps/db/db.tgz': chartArchive({ name: 'db', version: '1.0.0' }),
    };
    expect(names(await save(files, { repository: '' }))).toEqual(['web:1.0.0']);
  });

  it('warns of a chart whose name no registry takes', async () => {
    expect(await save({ 'charts/Web.tgz': chartArchive({ name: 'Web', version: '1.0.0' }) })).toEqual([]);
    const message = 'charts/Web.tgz: it is not in the registry: "helm-charts/Web:1.0.0" is no name of one';
    expect(events).toEqual([{ type: 'warning', message }]);
  });

  it('takes one archive twice, and refuses two that claim one name', async () => {
    const one = chartArchive({ name: 'web', version: '1.0.0' });
    const other = chartArchive({ name: 'web', version: '1.0.0', values: 'a: 1\n' });
    expect(names(await save({ 'charts/a.tgz': one, 'charts/b.tgz': one }))).toEqual(['helm-charts/web:1.0.0']);
    await expect(save({ 'charts/a.tgz': one, 'charts/b.tgz': other })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: 'two charts claim the name helm-charts/web:1.0.0: charts/a.tgz and charts/b.tgz',
    });
  });

  it('fails for what is no chart, and ends with the reason of an abort', async () => {
    await expect(save({ 'charts/no.tgz': 'no archive' })).rejects.toThrow('charts/no.tgz');
    const reason = new Error('enough');
    const files = { 'charts/web.tgz': chartArchive({ name: 'web', version: '1.0.0' }) };
    await expect(save(files, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
