import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { MemoryStore, type Store } from '@kubecrate/content';
import { ensureDirectory, type TempDirectory, tempDirectory } from '@kubecrate/files';
import { type Digest, digestFrom, digestOf, MEDIA_TYPES } from '@kubecrate/oci';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeLayers, readParts } from './describe-layers.ts';
import { openImageTree } from './image-tree.ts';
import { framingOf } from './layer-parts.ts';
import { packRegistry } from './pack-registry.ts';
import type { RegistryEntry } from './registry-entry.ts';
import { DiskStore, plainStore } from './testing/disk-store.ts';
import { link, pushBlob } from './testing/registry.ts';

const MIB = 1024 * 1024;

let root: TempDirectory;
let store: DiskStore;

beforeEach(async () => {
  root = await tempDirectory(tmpdir());
  await ensureDirectory(join(root.path, 'blobs'));
  store = new DiskStore(join(root.path, 'blobs'));
});

afterEach(async () => {
  await root[Symbol.asyncDispose]();
});

describe('describeLayers', () => {
  it('computes the digest of the bytes that the recipe stands for', async () => {
    const groups = [
      [await pushBlob(store, 'a', 3 * MIB + 1)],
      [await pushBlob(store, 'b', 0), await pushBlob(store, 'c', 512)],
    ];
    const layers = await describeLayers(groups, store);
    for (const { descriptor, diffId, recipe } of layers) {
      const bytes = await buffer(readParts(recipe.parts, store));
      expect(descriptor).toEqual({ mediaType: MEDIA_TYPES.ociLayer, digest: digestOf(bytes), size: bytes.byteLength });
      expect(diffId).toBe(descriptor.digest);
      expect(recipe).toMatchObject({ digest: descriptor.digest, size: bytes.byteLength });
    }
  });

  it('makes a tar that the tar of the system reads', async () => {
    const [layer] = await describeLayers([[await pushBlob(store, 'a', 700)]], store);
    await writeFile(join(root.path, 'layer.tar'), await buffer(readParts(layer!.recipe.parts, store)));
    const { stdout } = await promisify(execFile)('tar', ['--utc', '-tvf', join(root.path, 'layer.tar')]);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => line.replace(/ +/g, ' '));
    expect(lines[0]).toBe('drwxr-xr-x 0/0 0 1970-01-01 00:00 registry/');
    expect(lines.at(-1)).toMatch(
      /^-rw-r--r-- 0\/0 700 1970-01-01 00:00 registry\/docker\/registry\/v2\/blobs\/sha256\/..\/.{64}\/data$/,
    );
    expect(lines).toHaveLength(9);
  });

  it('does not read blobs whose layer is known: from the fetching, or by the store', async () => {
    const [a, b] = [await pushBlob(store, 'a', 2 * MIB), await pushBlob(store, 'b', 2 * MIB)];
    const wanted = await describeLayers([[a], [b]], store);
    await store.describe(wanted[1]!.descriptor, wanted[1]!.recipe);
    const framed = new Map([[digestOfBlob(a), await framedDigest(a)]]);
    await truncate(store.path(digestOfBlob(a)), 0);
    await truncate(store.path(digestOfBlob(b)), 0);
    expect(await describeLayers([[a], [b]], store, { framed })).toEqual(wanted);
  });

  it('gives the same digests from a store that does not say where its blobs lie', async () => {
    const groups = [[await pushBlob(store, 'a', MIB)], [await pushBlob(store, 'b', 10)]];
    expect(await describeLayers(groups, plainStore(store))).toEqual(await describeLayers(groups, store));
  });

  it('says that a blob is missing, or has another size than it should', async () => {
    const entry = await pushBlob(store, 'a', 1000);
    await expect(describeLayers([[entry]], new MemoryStore())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await truncate(store.path(digestOfBlob(entry)), 999);
    await expect(describeLayers([[entry]], store)).rejects.toMatchObject({ code: 'SIZE_MISMATCH' });
    await expect(describeLayers([[entry]], plainStore(store))).rejects.toMatchObject({ code: 'SIZE_MISMATCH' });
  });

  it('stops with the reason of its signal, in the middle too', async () => {
    const entry = await pushBlob(store, 'a', 64 * MIB);
    const reason = new Error('enough');
    await expect(describeLayers([[entry]], store, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const describing = describeLayers(
      Array.from({ length: 20 }, () => [entry]),
      store,
      { signal: controller.signal },
    );
    setImmediate(() => controller.abort(reason));
    await expect(describing).rejects.toBe(reason);
  });
});

describe('packRegistry', () => {
  const tools = () => ({ tempDirectory: join(root.path, 'tmp'), manifests: new Set<Digest>() });

  it('makes layers that together hold every file, blobs without a second copy', async () => {
    const entries = await sample(store);
    const before = new Set(await readdir(store.directory));
    const layers = await packRegistry(entries, store, tools());
    await using tree = await openImageTree(
      store,
      layers.map(({ descriptor }) => descriptor),
      tools(),
    );
    for (const { path, content } of entries) {
      const bytes = await buffer(await tree.open(`registry/${path}`));
      if (content.kind === 'literal') expect(bytes).toEqual(Buffer.from(content.bytes));
      else {
        expect(digestOf(bytes)).toBe(content.digest);
        const extent = { path: store.path(content.digest), offset: 0, length: content.size };
        expect(await tree.extent(`registry/${path}`)).toEqual(content.size === 0 ? undefined : extent);
      }
    }
    expect((await readdir(store.directory)).filter((name) => !before.has(name))).toHaveLength(1);
    expect(store.recipes.size).toBe(layers.length - 1);
  });

  it('makes the same layers in every kind of store, and in any order of the files', async () => {
    const plain = plainStore(new DiskStore(store.directory));
    const first = await packRegistry(await sample(store), store, tools());
    const second = await packRegistry((await sample(plain)).reverse(), plain, tools());
    expect(second).toEqual(first);
    for (const { descriptor } of first) {
      const bytes = await readFile(store.path(descriptor.digest));
      expect(digestOf(bytes)).toBe(descriptor.digest);
    }
  });

  it('packs manifests with the links', async () => {
    const manifest = await pushBlob(store, 'manifest', 2000);
    const layers = await packRegistry([manifest, link('x', 'l')], store, {
      ...tools(),
      manifests: new Set([digestOfBlob(manifest)]),
    });
    expect(layers).toHaveLength(1);
    await using tree = await openImageTree(
      store,
      layers.map(({ descriptor }) => descriptor),
      tools(),
    );
    expect((await tree.stat(`registry/${manifest.path}`))?.size).toBe(2000);
  });

  it('does nothing again for what is there', async () => {
    const entries = await sample(store);
    const first = await packRegistry(entries, store, tools());
    store.calls.length = 0;
    expect(await packRegistry(entries, store, tools())).toEqual(first);
    expect(store.calls).toEqual([]);
  });

  it('makes no layers of no files', async () => {
    expect(await packRegistry([], store, tools())).toEqual([]);
  });
});

async function sample(target: Store): Promise<RegistryEntry[]> {
  const sizes = [3 * MIB, 2 * MIB + 1, MIB, 1000, 513, 512, 511, 1, 0];
  const blobs = await Promise.all(sizes.map((size) => pushBlob(target, `blob ${size}`, size)));
  return [...blobs, link('library/x/_layers/sha256/1', 'one'), link('x/_manifests/tags/1/current', 'two')];
}

async function framedDigest(entry: RegistryEntry): Promise<Digest> {
  const digest = digestOfBlob(entry);
  const bytes = await readFile(store.path(digest));
  const { before, after } = framingOf(entry.path, { digest, size: bytes.byteLength });
  return digestFrom(createHash('sha256').update(before).update(bytes).update(after));
}

function digestOfBlob({ content }: RegistryEntry): Digest {
  if (content.kind === 'blob') return content.digest;
  throw new Error('no blob');
}
