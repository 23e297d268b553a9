import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryStore } from '@kubecrate/content';
import { image, index, lying, pushImage, referrer } from '@kubecrate/content/testing';
import type { Digest } from '@kubecrate/oci';
import { expect, test } from 'vitest';
import { openArchive } from '../archive/open-archive.ts';
import { writeArchive } from '../archive/write-archive.ts';
import { blobDataPath, layerLinkPath, revisionLinkPath, tagCurrentPath } from '../distribution/paths.ts';
import { openRegistryDirectory } from '../distribution/registry-directory.ts';
import { temporaryDirectory } from '../testing/index.ts';
import { verifyArchive } from './verify-archive.ts';
import { verifyImages } from './verify-content.ts';
import { verifyRegistryDirectory } from './verify-registry.ts';

const one = image({ seed: 'one' });
const both = index([one, image({ seed: 'two', platform: { os: 'linux', architecture: 'arm64' } })], {
  attestations: 'one-each',
});

async function writtenRegistry(directory: string): Promise<void> {
  const registry = await openRegistryDirectory(directory, { access: 'write' });
  await pushImage(registry.repository('app'), both, 'v1');
  await pushImage(registry.repository('app'), referrer(both.descriptor));
  await pushImage(registry.repository('library/app'), one, 'v1');
}

test('a registry directory that is whole has no problem', async () => {
  await using directory = await temporaryDirectory();
  await writtenRegistry(directory.path);
  const report = await verifyRegistryDirectory(directory.path);
  expect(report.problems).toEqual([]);
  expect(report.checked).toBeGreaterThan(10);
});

const layer = one.layers[0]!.descriptor.digest;

test.each<[string, (path: (relative: string) => string) => Promise<void>, object]>([
  [
    'a bit that flipped',
    async (path) => {
      const bytes = await readFile(path(blobDataPath(layer)));
      await writeFile(path(blobDataPath(layer)), bytes.with(100, (bytes[100] ?? 0) ^ 1));
    },
    { kind: 'corrupt', subject: layer },
  ],
  ['data that is gone', (path) => rm(path(blobDataPath(layer))), { kind: 'missing', subject: layer }],
  [
    'a layer without a link',
    (path) => rm(path(layerLinkPath('library/app', layer)).replace(/\/link$/, ''), { recursive: true }),
    { kind: 'missing', subject: layer, where: 'library/app' },
  ],
  [
    'a link with a newline',
    (path) => writeFile(path(layerLinkPath('app', layer)), `${layer}\n`),
    { kind: 'broken-link', subject: layerLinkPath('app', layer) },
  ],
  [
    'a tag that names nothing',
    (path) => writeFile(path(tagCurrentPath('app', 'v1')), 'v0'),
    { kind: 'broken-link', subject: tagCurrentPath('app', 'v1') },
  ],
  [
    'a tag whose manifest is gone',
    (path) => rm(path(revisionLinkPath('app', both.descriptor.digest)).replace(/\/link$/, ''), { recursive: true }),
    { kind: 'missing', subject: both.descriptor.digest, where: 'app' },
  ],
])('a registry directory with %s is told', async (_what, damage, problem) => {
  await using directory = await temporaryDirectory();
  await writtenRegistry(directory.path);
  await damage((relative) => join(directory.path, relative));
  const { problems } = await verifyRegistryDirectory(directory.path);
  expect(problems).toContainEqual(expect.objectContaining(problem));
});

test('data that no repository links is unreferenced', async () => {
  await using directory = await temporaryDirectory();
  const registry = await openRegistryDirectory(directory.path, { access: 'write' });
  const repository = registry.repository('app');
  await pushImage(repository, one, 'v1');
  for (const { descriptor } of [one, ...one.blobs]) await repository.delete(descriptor);
  const { problems } = await verifyRegistryDirectory(directory.path);
  const digests = [one, ...one.blobs].map(({ descriptor }) => descriptor.digest);
  expect(problems.map(({ kind, subject }) => [kind, subject]).sort()).toEqual(
    digests.map((digest: Digest) => ['unreferenced', digest]).sort(),
  );
});

test('an index may lack platforms, but not all of them', async () => {
  const store = new MemoryStore();
  await pushImage(store, both);
  const root = { descriptor: both.descriptor, name: 'both' };
  for (const child of both.manifests.slice(1)) await store.delete(child.descriptor);
  expect((await verifyImages(store, [root])).problems).toEqual([]);
  await store.delete(one.descriptor);
  expect((await verifyImages(store, [root])).problems).toMatchObject([{ kind: 'missing', where: 'both' }]);
});

test('content that a source gives wrong is corrupt, and is read once', async () => {
  const store = new MemoryStore();
  await pushImage(store, both);
  const bad = lying(store, 'short', { where: ({ digest }) => digest === layer });
  const roots = [
    { descriptor: one.descriptor, name: 'one' },
    { descriptor: both.descriptor, name: 'both' },
  ];
  const { problems } = await verifyImages(bad, roots);
  expect(problems).toMatchObject([{ kind: 'corrupt', subject: layer, where: 'one' }]);
});

test('an archive tells what is corrupt in it, and what no image needs', async () => {
  await using directory = await temporaryDirectory();
  const store = new MemoryStore();
  await pushImage(store, both);
  const file = join(directory.path, 'both.tar');
  await writeArchive(store, [{ descriptor: both.descriptor, names: ['both:1'] }], file, { format: 'oci-archive' });
  {
    await using archive = await openArchive(file);
    expect((await verifyArchive(archive)).problems).toEqual([]);
    const segments = (await archive.locate(one.layers[0]!.descriptor)) ?? [];
    const [segment] = segments;
    if (segment?.kind !== 'file') throw new Error('content of an archive lies in its file');
    const bytes = await readFile(file);
    await writeFile(file, bytes.with(segment.offset, (bytes[segment.offset] ?? 0) ^ 1));
  }
  await using archive = await openArchive(file);
  expect((await verifyArchive(archive)).problems).toMatchObject([{ kind: 'corrupt', subject: layer }]);
});
