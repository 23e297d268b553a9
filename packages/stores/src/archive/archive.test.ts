import { execFile } from 'node:child_process';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { MemoryStore } from '@kubecrate/content';
import {
  all,
  bytesOf,
  chart,
  failingFetch,
  image,
  index,
  layerTar,
  lying,
  pushImage,
  readOnlyTargetComplianceSuite,
  slow,
  type TarFixture,
  tarOf,
} from '@kubecrate/content/testing';
import { digestOf, hexOf, parseManifest } from '@kubecrate/oci';
import { expect, test } from 'vitest';
import { openOciLayout } from '../layout/oci-layout.ts';
import { temporaryDirectory } from '../testing/index.ts';
import { openArchive, openDockerArchive, openOciArchive } from './open-archive.ts';
import { writeArchive } from './write-archive.ts';

for (const place of ['a store on disk', 'a store in memory'] as const) {
  readOnlyTargetComplianceSuite(`an OCI archive written from ${place}`, async (manifest, tag) => {
    const directory = await temporaryDirectory();
    const store =
      place === 'a store in memory'
        ? new MemoryStore()
        : await openOciLayout(join(directory.path, 'layout'), { access: 'write' });
    await pushImage(store, manifest);
    const file = join(directory.path, 'images.tar');
    await writeArchive(store, [{ descriptor: manifest.descriptor, names: [tag] }], file, { format: 'oci-archive' });
    const archive = await openOciArchive(file);
    return {
      target: archive,
      async [Symbol.asyncDispose](): Promise<void> {
        await archive[Symbol.asyncDispose]();
        await directory[Symbol.asyncDispose]();
      },
    };
  });
}

/** What docker save wrote from version 1.10 to 24: layers by path, one of them through a link to an equal one. */
function dockerSave(): { readonly entries: TarFixture; readonly config: Buffer; readonly layers: readonly Buffer[] } {
  const layers = [layerTar({ seed: 'one' }), layerTar({ seed: 'two' }), layerTar({ seed: 'one' })];
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'arm64',
      os: 'linux',
      config: { Cmd: ['/bin/true'] },
      rootfs: { type: 'layers', diff_ids: layers.map((layer) => digestOf(layer)) },
    }),
  );
  const paths = ['a', 'b', 'c'].map((id) => `${id.repeat(64)}/layer.tar`);
  const entries = {
    'manifest.json': JSON.stringify([
      { Config: `${hexOf(digestOf(config))}.json`, RepoTags: ['app:1', 'localhost:5000/team/app:v2'], Layers: paths },
      { Config: `${hexOf(digestOf(config))}.json`, RepoTags: null, Layers: paths },
    ]),
    [`${'a'.repeat(64)}/layer.tar`]: layers[0] ?? '',
    [`${'b'.repeat(64)}/layer.tar`]: layers[1] ?? '',
    [`${'c'.repeat(64)}/layer.tar`]: { linkTarget: `../${'a'.repeat(64)}/layer.tar` },
    repositories: JSON.stringify({ app: { 1: 'c'.repeat(64) } }),
  };
  return { entries: { ...entries, [`${hexOf(digestOf(config))}.json`]: config }, config, layers };
}

test('a docker archive gives its images, with the layers as they are and manifests made for them', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'saved.tar');
  const { entries, config, layers } = dockerSave();
  await writeFile(file, tarOf(entries));
  await using archive = await openArchive(file);
  expect(archive.format).toBe('docker-archive');
  const [saved] = await archive.images();
  expect(saved?.names).toEqual(['docker.io/library/app:1', 'localhost:5000/team/app:v2']);
  expect(await all(archive.tags())).toEqual(['docker.io/library/app:1', 'localhost:5000/team/app:v2']);
  const descriptor = await archive.resolve('app:1');
  const manifest = parseManifest(await bytesOf(await archive.fetch(descriptor)));
  if (manifest.kind !== 'manifest') throw new Error('an image has a manifest');
  expect((await bytesOf(await archive.fetch(manifest.config))).equals(config)).toBe(true);
  for (const [i, layer] of manifest.layers.entries()) {
    expect((await bytesOf(await archive.fetch(layer))).equals(layers[i] ?? Buffer.alloc(0))).toBe(true);
  }
});

for (const [name, pack] of [
  ['gzip', 'gzip'],
  ['xz', 'xz'],
] as const) {
  test(`an archive that is compressed with ${name} is unpacked while it is open, and what was unpacked is removed`, async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'saved.tar');
    await writeFile(file, tarOf(dockerSave().entries));
    await promisify(execFile)(pack, ['-k', file]);
    await rm(file);
    const [packed = ''] = await readdir(directory.path);
    const archive = await openArchive(join(directory.path, packed));
    expect((await archive.images())[0]?.names).toHaveLength(2);
    expect(await readdir(directory.path)).toHaveLength(2);
    await archive[Symbol.asyncDispose]();
    expect(await readdir(directory.path)).toEqual([packed]);
  });
}

test('a truncated gzip is refused, and nothing stays', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'saved.tar.gz');
  const packed = gzipSync(tarOf(dockerSave().entries));
  await writeFile(file, packed.subarray(0, packed.byteLength / 2));
  await expect(openArchive(file)).rejects.toHaveProperty('code', 'INVALID_ARCHIVE');
  expect(await readdir(directory.path)).toEqual(['saved.tar.gz']);
});

test('compressed layers keep their bytes, and their diffIds are checked', async () => {
  await using directory = await temporaryDirectory();
  const { config, layers } = dockerSave();
  const packed = gzipSync(layers[0] ?? '');
  const item = { Config: 'config.json', RepoTags: ['app:1'], Layers: ['1.tar', '2.tar', '3.tar'] };
  const good = {
    'manifest.json': JSON.stringify([item]),
    'config.json': config,
    '1.tar': packed,
    '2.tar': layers[1] ?? '',
    '3.tar': packed,
  };
  await writeFile(join(directory.path, 'good.tar'), tarOf(good));
  await writeFile(join(directory.path, 'bad.tar'), tarOf({ ...good, '1.tar': gzipSync('other') }));
  await using archive = await openArchive(join(directory.path, 'good.tar'));
  const manifest = parseManifest(await bytesOf(await archive.fetch(await archive.resolve('app:1'))));
  if (manifest.kind !== 'manifest') throw new Error('an image has a manifest');
  expect(manifest.layers[0]).toMatchObject({ digest: digestOf(packed), mediaType: expect.stringContaining('gzip') });
  expect(manifest.layers[1]?.digest).toBe(digestOf(layers[1] ?? ''));
  await expect(openArchive(join(directory.path, 'bad.tar'))).rejects.toThrow('unpacks to');
});

test('an archive of before Docker 1.10 gets a configuration of its history', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'legacy.tar');
  const [base, top] = ['a'.repeat(64), 'b'.repeat(64)];
  const layers = [layerTar({ seed: 'base' }), layerTar({ seed: 'top' })];
  await writeFile(
    file,
    tarOf({
      repositories: JSON.stringify({ busybox: { latest: top, '1': top } }),
      [`${base}/json`]: JSON.stringify({ id: base, created: '2014-01-01T00:00:00Z' }),
      [`${base}/layer.tar`]: layers[0] ?? '',
      [`${top}/json`]: JSON.stringify({
        id: top,
        parent: base,
        os: 'linux',
        architecture: 'amd64',
        config: { Cmd: ['sh'] },
      }),
      [`${top}/layer.tar`]: layers[1] ?? '',
    }),
  );
  await using archive = await openDockerArchive(file);
  expect(archive.format).toBe('docker-archive-legacy');
  expect(await all(archive.tags())).toEqual(['docker.io/library/busybox:1', 'docker.io/library/busybox:latest']);
  const manifest = parseManifest(await bytesOf(await archive.fetch(await archive.resolve('busybox'))));
  if (manifest.kind !== 'manifest') throw new Error('an image has a manifest');
  expect(manifest.layers.map(({ digest }) => digest)).toEqual(layers.map((layer) => digestOf(layer)));
  const config = JSON.parse((await bytesOf(await archive.fetch(manifest.config))).toString());
  expect(config).toMatchObject({
    config: { Cmd: ['sh'] },
    rootfs: { diff_ids: layers.map((layer) => digestOf(layer)) },
  });
});

test.each<[string, TarFixture, string]>([
  ['nothing of an image', { 'readme.txt': 'hello' }, 'is no image archive'],
  ['a manifest.json that is no JSON', { 'manifest.json': '{' }, 'cannot be read'],
  [
    'a name that is none',
    { 'manifest.json': '[{"Config":"x.json","Layers":[],"RepoTags":["No/Name:1"]}]' },
    'cannot parse reference "No/Name:1"',
  ],
  ['a configuration that is not there', { 'manifest.json': '[{"Config":"x.json","Layers":[]}]' }, 'x.json'],
  ['a path that leaves it', { '../manifest.json': '[]' }, 'has a ".." part'],
  ['a link that leads out', { 'manifest.json': { linkTarget: '/etc/passwd' } }, 'leads out'],
  [
    'links in a circle',
    { 'manifest.json': { linkTarget: 'other' }, other: { linkTarget: 'manifest.json' } },
    'links lead from one to the other',
  ],
  [
    'fewer layers than its configuration says',
    {
      'manifest.json': '[{"Config":"x.json","Layers":[]}]',
      'x.json': `{"rootfs":{"type":"layers","diff_ids":["sha256:${'a'.repeat(64)}"]}}`,
    },
    'its configuration says 1',
  ],
  [
    'a layout of a version to come',
    { 'oci-layout': '{"imageLayoutVersion":"2.0.0"}', 'index.json': '{}' },
    'its version is "2.0.0"',
  ],
  [
    'a legacy image under itself',
    {
      repositories: JSON.stringify({ a: { b: 'a'.repeat(64) } }),
      [`${'a'.repeat(64)}/json`]: JSON.stringify({ parent: 'a'.repeat(64) }),
    },
    'has itself',
  ],
])('an archive with %s is refused', async (_what, entries, message) => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'hostile.tar');
  await writeFile(file, tarOf(entries));
  await expect(openArchive(file)).rejects.toThrow(message);
});

test('the same images make the same bytes, with the documents first and content by digest', async () => {
  await using directory = await temporaryDirectory();
  const store = new MemoryStore();
  const app = image({ seed: 'app' });
  const both = index([
    image({ seed: 'amd' }),
    image({ seed: 'arm', platform: { os: 'linux', architecture: 'arm64' } }),
  ]);
  const mysql = chart({ name: 'mysql', version: '8.8.19' });
  for (const content of [app, both, mysql]) await pushImage(store, content);
  const images = [
    { descriptor: app.descriptor, names: ['docker.io/library/app:1', 'localhost:5000/app:1'] },
    { descriptor: both.descriptor, names: ['quay.io/both:2'] },
    { descriptor: mysql.descriptor, names: ['localhost:5000/helm-charts/mysql:8.8.19'] },
  ];
  const [one, two] = [join(directory.path, '1.tar'), join(directory.path, '2.tar')];
  for (const file of [one, two]) await writeArchive(store, images, file, { format: 'oci-archive' });
  expect((await readFile(one)).equals(await readFile(two))).toBe(true);
  const { stdout } = await promisify(execFile)('tar', ['-tf', one]);
  const paths = stdout.trim().split('\n');
  expect(paths.slice(0, 3)).toEqual(['oci-layout', 'index.json', 'manifest.json']);
  expect(paths.slice(3)).toEqual([...paths.slice(3)].sort());
  expect(await dockerItems(one)).toEqual([
    {
      Config: `blobs/sha256/${hexOf(app.config.descriptor.digest)}`,
      RepoTags: ['docker.io/library/app:1', 'localhost:5000/app:1'],
      Layers: app.layers.map(({ descriptor }) => `blobs/sha256/${hexOf(descriptor.digest)}`),
    },
    expect.objectContaining({ RepoTags: ['quay.io/both:2'] }),
  ]);
  await using archive = await openArchive(one);
  expect((await archive.images()).map(({ names }) => names)).toEqual(images.map(({ names }) => names));
});

test('docker load is told of one platform of an image: the one that is wanted where there is one, else the first', async () => {
  await using directory = await temporaryDirectory();
  const store = new MemoryStore();
  const arm = image({ seed: 'arm', platform: { os: 'linux', architecture: 'arm64' } });
  const both = index([image({ seed: 'app' }), arm], { attestations: 'one-each' });
  await pushImage(store, both);
  const file = join(directory.path, 'both.tar');
  const configOf = async (architecture: string): Promise<unknown> => {
    const platform = { os: 'linux', architecture };
    const images = [{ descriptor: both.descriptor, names: ['both:1'] }];
    await writeArchive(store, images, file, { format: 'oci-archive', platform });
    return (await dockerItems(file)).map(({ Config }) => Config);
  };
  expect(await configOf('arm64')).toEqual([`blobs/sha256/${hexOf(arm.config.descriptor.digest)}`]);
  const first = await configOf('amd64');
  expect(await configOf('s390x')).toEqual(first);
  await using archive = await openArchive(file);
  expect((await archive.resolve('both:1')).digest).toBe(both.descriptor.digest);
});

async function dockerItems(file: string): Promise<readonly { readonly Config: string }[]> {
  const { stdout } = await promisify(execFile)('tar', ['-xOf', file, 'manifest.json']);
  return JSON.parse(stdout);
}

test('a docker archive holds what docker load needs, and refuses what it cannot hold', async () => {
  await using directory = await temporaryDirectory();
  const store = new MemoryStore();
  const app = image({ seed: 'app' });
  const both = index([app, image({ seed: 'arm', platform: { os: 'linux', architecture: 'arm64' } })]);
  await pushImage(store, both);
  const file = join(directory.path, 'docker.tar');
  await writeArchive(store, [{ descriptor: app.descriptor, names: ['app:1'] }], file, { format: 'docker-archive' });
  await using archive = await openArchive(file);
  expect(archive.format).toBe('docker-archive');
  const manifest = parseManifest(await bytesOf(await archive.fetch(await archive.resolve('app:1'))));
  expect(manifest).toMatchObject({ layers: app.layers.map(({ descriptor: { digest } }) => ({ digest })) });
  const refused = writeArchive(store, [{ descriptor: both.descriptor, names: ['both:1'] }], file, {
    format: 'docker-archive',
  });
  await expect(refused).rejects.toHaveProperty('code', 'UNSUPPORTED');
  expect(await readdir(directory.path)).toEqual(['docker.tar']);
});

test('where content is wrong, breaks off or is aborted, the file that was there stays and no other is left', async () => {
  await using directory = await temporaryDirectory();
  const store = new MemoryStore();
  const app = image({ seed: 'app', layers: [{ seed: 'large', size: 300_000 }] });
  await pushImage(store, app);
  const images = [{ descriptor: app.descriptor, names: ['app:1'] }];
  const file = join(directory.path, 'app.tar');
  await writeArchive(store, images, file, { format: 'oci-archive' });
  const before = await stat(file);
  const isLayer = { where: ({ size }: { readonly size: number }) => size > 100_000 };
  for (const broken of [
    failingFetch(store, 1000, isLayer),
    lying(store, 'flipped-bit', isLayer),
    lying(store, 'short', isLayer),
  ]) {
    await expect(writeArchive(broken, images, file, { format: 'oci-archive' })).rejects.toThrow();
  }
  const reason = new Error('enough');
  const controller = new AbortController();
  const aborted = writeArchive(slow(store, 50), images, file, {
    format: 'oci-archive',
    signal: controller.signal,
    onEvent: ({ type }) => type === 'planned' && controller.abort(reason),
  });
  await expect(aborted).rejects.toBe(reason);
  expect(await readdir(directory.path)).toEqual(['app.tar']);
  expect((await stat(file)).ino).toBe(before.ino);
});
