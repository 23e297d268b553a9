import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { blob, bytesOf, image, pushImage, randomBytes, streamOf } from '@kubecrate/content/testing';
import { TAR_END, tarHeader, tarPadding } from '@kubecrate/files';
import { type Descriptor, descriptorOf, digestOf, hexOf, MEDIA_TYPES } from '@kubecrate/oci';
import { registryLinkEntries } from '@kubecrate/stores';
import { leftoversIn, temporaryDirectory } from '@kubecrate/stores/testing';
import { describe, expect, test } from 'vitest';
import { openImageStore } from './image-store.ts';
import { LAYER_ANNOTATION } from './store-content.ts';

const app = image({ seed: 'app', layers: [{ seed: 'one', size: 200_000 }, { seed: 'two' }] });
const contents = new Map([app, ...app.blobs].map(({ descriptor, bytes }) => [descriptor.digest, bytes]));

/** The layer of a cluster image that carries `app` in its registry directory, with one byte of a blob changed if wanted. */
function registryLayer(change?: Buffer): { readonly descriptor: Descriptor; readonly bytes: Buffer } {
  const entries = registryLinkEntries([
    {
      repository: 'library/app',
      tags: [{ tag: 'v1', digest: app.descriptor.digest }],
      manifests: [app.descriptor],
      blobs: app.blobs.map(({ descriptor }) => descriptor),
    },
  ]);
  const files = entries.map(({ path, content }) => {
    const whole =
      content.kind === 'literal' ? Buffer.from(content.bytes) : (contents.get(content.digest) ?? Buffer.alloc(0));
    const bytes = change !== undefined && content.kind === 'blob' && content.size > 100_000 ? change : whole;
    const entry = { type: 'file', size: bytes.byteLength, mode: 0o644, uid: 0, gid: 0, mtime: 0 } as const;
    return Buffer.concat([tarHeader({ path: `registry/${path}`, ...entry }), bytes, tarPadding(bytes.byteLength)]);
  });
  const bytes = Buffer.concat([...files, TAR_END, Buffer.alloc(8192)]);
  const descriptor = { ...descriptorOf(MEDIA_TYPES.ociLayer, bytes), annotations: { [LAYER_ANNOTATION]: 'registry' } };
  return { descriptor, bytes };
}

describe('a layer that carries a part of the registry directory', () => {
  test('is taken apart into blobs that are stored once, and is given back byte for byte', async () => {
    await using directory = await temporaryDirectory();
    const store = await openImageStore(directory.path);
    await pushImage(store, app);
    const { descriptor, bytes } = registryLayer();
    const before = await readdir(join(directory.path, 'blobs/sha256'));
    await store.push(descriptor, streamOf(bytes));
    expect(await readdir(join(directory.path, 'blobs/sha256'))).toEqual(before);
    expect(await store.exists(descriptor)).toBe(true);
    expect((await bytesOf(await store.fetch(descriptor))).equals(bytes)).toBe(true);
    for (const start of [1, 511, 100_000, bytes.byteLength - 1]) {
      expect((await bytesOf(await store.fetch(descriptor, { start }))).equals(bytes.subarray(start))).toBe(true);
    }
    const recipe = await store.recipe(descriptor);
    const blobs = recipe?.parts.flatMap((part) => (part.kind === 'blob' ? [part.digest] : []));
    expect(blobs?.sort()).toEqual([...contents.keys()].sort());
  });

  test.each([7, 100, 512, 65_536, 1_000_000])('arrives in chunks of %i bytes', async (size) => {
    await using directory = await temporaryDirectory();
    const store = await openImageStore(directory.path);
    const { descriptor, bytes } = registryLayer();
    const chunks = (function* () {
      for (let i = 0; i < bytes.byteLength; i += size) yield bytes.subarray(i, i + size);
    })();
    await store.push(descriptor, Readable.from(chunks, { objectMode: false }));
    expect((await bytesOf(await store.fetch(descriptor))).equals(bytes)).toBe(true);
    expect(await leftoversIn(directory.path)).toEqual([]);
  });

  test('is stored whole where nothing says what it is', async () => {
    await using directory = await temporaryDirectory();
    const store = await openImageStore(directory.path);
    const { annotations: _annotations, ...descriptor } = registryLayer().descriptor;
    await store.push(descriptor, streamOf(registryLayer().bytes));
    expect(await store.recipe(descriptor)).toBeUndefined();
    expect(await readdir(join(directory.path, 'blobs/sha256'))).toEqual([hexOf(descriptor.digest)]);
  });

  test('is not taken by link or by a bulk transfer, which could not take it apart', async () => {
    await using directory = await temporaryDirectory();
    const store = await openImageStore(directory.path);
    const { descriptor, bytes } = registryLayer();
    const path = join(directory.path, 'layer.tar');
    await writeFile(path, bytes);
    expect(await store.link(descriptor, path)).toBe('declined');
    const fill = async (): Promise<'declined'> => expect.fail('nothing is to be filled');
    expect(await store.receive(descriptor, fill)).toBe('declined');
  });

  test.each(['a blob that is new', 'a blob that the store has'])(
    'is refused with a wrong byte in %s',
    async (place) => {
      await using directory = await temporaryDirectory();
      const store = await openImageStore(directory.path);
      if (place === 'a blob that the store has') await pushImage(store, app);
      const large = app.layers[0]?.bytes ?? Buffer.alloc(0);
      const { descriptor, bytes } = registryLayer(Buffer.from(large.with(1000, (large[1000] ?? 0) ^ 1)));
      await expect(store.push(descriptor, streamOf(bytes))).rejects.toHaveProperty('code', 'DIGEST_MISMATCH');
      expect(await store.exists(descriptor)).toBe(false);
      expect(await leftoversIn(directory.path)).toEqual([]);
    },
  );

  test.each<[string, (bytes: Buffer) => Buffer, string]>([
    ['bytes that are no tar', (bytes) => randomBytes('no tar', bytes.byteLength), 'INVALID_ARCHIVE'],
    [
      'a wrong byte outside of its blobs',
      (bytes) => Buffer.from(bytes.with(bytes.byteLength - 1, 1)),
      'DIGEST_MISMATCH',
    ],
    ['a short body', (bytes) => bytes.subarray(0, bytes.byteLength - 1), 'SIZE_MISMATCH'],
    ['half a body', (bytes) => bytes.subarray(0, bytes.byteLength / 2), 'INVALID_ARCHIVE'],
    ['a body that is too long', (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]), 'SIZE_MISMATCH'],
  ])('is refused with %s, and nothing of it is shown', async (_what, spoil, code) => {
    await using directory = await temporaryDirectory();
    const store = await openImageStore(directory.path);
    const { descriptor, bytes } = registryLayer();
    const stream = streamOf(spoil(bytes));
    await expect(store.push(descriptor, stream)).rejects.toHaveProperty('code', code);
    expect(stream.destroyed).toBe(true);
    expect(await store.exists(descriptor)).toBe(false);
    expect(await leftoversIn(directory.path)).toEqual([]);
    await store.prune();
    expect(await readdir(join(directory.path, 'blobs/sha256')).catch(() => [])).toEqual([]);
  });

  test('stops at an abort, with its reason', async () => {
    await using directory = await temporaryDirectory();
    const store = await openImageStore(directory.path);
    const { descriptor, bytes } = registryLayer();
    const controller = new AbortController();
    const reason = new Error('enough');
    const stream = Readable.from(
      (async function* () {
        yield bytes.subarray(0, 100_000);
        controller.abort(reason);
        await new Promise(() => undefined);
      })(),
      { objectMode: false },
    );
    await expect(store.push(descriptor, stream, { signal: controller.signal })).rejects.toBe(reason);
    expect(await leftoversIn(directory.path)).toEqual([]);
  });
});

describe('a described layer', () => {
  test('is not there without one of its blobs, and a push brings it back', async () => {
    await using directory = await temporaryDirectory();
    const store = await openImageStore(directory.path);
    const { descriptor, bytes } = registryLayer();
    await store.push(descriptor, streamOf(bytes));
    const large = app.layers[0]!.descriptor;
    await rm(join(directory.path, 'blobs/sha256', hexOf(large.digest)));
    expect(await store.exists(descriptor)).toBe(false);
    await expect(store.fetch(descriptor)).rejects.toHaveProperty('code', 'NOT_FOUND');
    await store.push(descriptor, streamOf(bytes));
    expect((await bytesOf(await store.fetch(descriptor))).equals(bytes)).toBe(true);
  });

  test('whose recipe is damaged is not there, is told by verify, and a push brings it back', async () => {
    await using directory = await temporaryDirectory();
    const store = await openImageStore(directory.path);
    const { descriptor, bytes } = registryLayer();
    await store.push(descriptor, streamOf(bytes));
    await writeFile(join(directory.path, 'recipes/sha256', `${hexOf(descriptor.digest)}.json`), '{');
    expect(await store.exists(descriptor)).toBe(false);
    expect((await store.verify()).problems).toMatchObject([{ kind: 'corrupt', subject: descriptor.digest }]);
    await store.push(descriptor, streamOf(bytes));
    expect((await store.verify()).problems).toEqual([]);
  });

  test('keeps its blobs from being freed, and goes with its image', async () => {
    await using directory = await temporaryDirectory();
    const store = await openImageStore(directory.path);
    const { descriptor, bytes } = registryLayer();
    await store.push(descriptor, streamOf(bytes));
    const config = blob(
      MEDIA_TYPES.ociConfig,
      JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [descriptor.digest] } }),
    );
    const value = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      config: config.descriptor,
      layers: [descriptor],
    };
    const manifest = blob(MEDIA_TYPES.ociManifest, JSON.stringify(value));
    await pushImage(store, { ...manifest, manifests: [], blobs: [config] }, 'cluster:1');
    expect(await store.prune()).toEqual({ digests: [], bytes: 0 });
    expect((await store.verify({ image: 'cluster:1' })).problems).toEqual([]);
    await store.remove('cluster:1');
    expect(await readdir(join(directory.path, 'blobs/sha256'))).toEqual([]);
    expect(await readdir(join(directory.path, 'recipes/sha256'))).toEqual([]);
  });

  test('needs a recipe that describes it, and blobs that are there', async () => {
    await using directory = await temporaryDirectory();
    const store = await openImageStore(directory.path);
    const literal = Buffer.from('text');
    const descriptor = descriptorOf(MEDIA_TYPES.ociLayer, literal);
    const recipe = { digest: descriptor.digest, size: 4, parts: [{ kind: 'literal', bytes: literal }] } as const;
    await expect(store.describe({ ...descriptor, size: 5 }, recipe)).rejects.toHaveProperty('code', 'INVALID_ARGUMENT');
    const missing = { ...recipe, parts: [{ kind: 'blob', digest: digestOf('x'), size: 4 }] } as const;
    await expect(store.describe(descriptor, missing)).rejects.toHaveProperty('code', 'NOT_FOUND');
    await store.describe(descriptor, recipe);
    expect(
      (await readFile(join(directory.path, 'recipes/sha256', `${hexOf(descriptor.digest)}.json`))).byteLength,
    ).toBeGreaterThan(0);
    expect((await bytesOf(await store.fetch(descriptor))).toString()).toBe('text');
  });
});
