import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Recipe, RecipePart } from '@kubecrate/content';
import { image, pushImage } from '@kubecrate/content/testing';
import { type Descriptor, descriptorOf, digestOf, MEDIA_TYPES } from '@kubecrate/oci';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ImageStore, openImageStore } from './image-store.ts';

const BLOB = Buffer.from('the content of a blob');

let directory: string;
let store: ImageStore;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubecrate-store-'));
  store = await openImageStore(directory);
  await store.push(descriptorOf('application/octet-stream', BLOB), Readable.from([BLOB]));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe('the digest of a described layer', () => {
  it('is found by its parts, in another process too', async () => {
    const { descriptor, recipe } = layer('a');
    expect(await store.digestOfParts(recipe.parts)).toBeUndefined();
    await store.describe(descriptor, recipe);
    expect(await (await openImageStore(directory)).digestOfParts(recipe.parts)).toBe(descriptor.digest);
    expect(await store.digestOfParts(layer('b').recipe.parts)).toBeUndefined();
  });

  it('is not found where the recipe is gone, damaged, or another one', async () => {
    const { descriptor, recipe } = layer('a');
    await store.describe(descriptor, recipe);
    const path = join(directory, 'recipes/sha256', `${descriptor.digest.slice('sha256:'.length)}.json`);
    await writeFile(path, '{');
    expect(await store.digestOfParts(recipe.parts)).toBeUndefined();
    await rm(path);
    expect(await store.digestOfParts(recipe.parts)).toBeUndefined();
    const other = layer('b');
    await store.describe(other.descriptor, other.recipe);
    for (const name of await readdir(join(directory, 'recipes/parts'))) {
      await writeFile(join(directory, 'recipes/parts', name), other.descriptor.digest);
    }
    expect(await store.digestOfParts(recipe.parts)).toBeUndefined();
    expect(await store.digestOfParts(other.recipe.parts)).toBe(other.descriptor.digest);
  });

  it('leaves nothing when the layer is removed', async () => {
    const { descriptor, recipe } = layer('a');
    await store.describe(descriptor, recipe);
    await store.prune();
    expect(await store.exists(descriptor)).toBe(false);
    expect(await readdir(join(directory, 'recipes/parts'))).toEqual([]);
  });
});

describe('a described layer that no image has', () => {
  const base = image({ seed: 'base', layers: [{ seed: 'only' }] });
  const [blob] = base.layers;

  async function describeOver(): Promise<Descriptor> {
    await pushImage(store, base, 'base:1');
    const { digest, size } = blob!.descriptor;
    const literal = Buffer.from('behind this');
    const bytes = Buffer.concat([literal, blob!.bytes]);
    const descriptor = descriptorOf(MEDIA_TYPES.ociLayer, bytes);
    const parts: RecipePart[] = [
      { kind: 'literal', bytes: literal },
      { kind: 'blob', digest, size },
    ];
    await store.describe(descriptor, { digest: descriptor.digest, size: bytes.byteLength, parts });
    return descriptor;
  }

  it('goes with the image whose blobs it is made of', async () => {
    const descriptor = await describeOver();
    await store.remove('base:1');
    expect((await store.verify()).problems).toEqual([]);
    await expect(store.resolveBlob(descriptor.digest)).rejects.toHaveProperty('code', 'NOT_FOUND');
    expect(await readdir(join(directory, 'recipes/parts'))).toEqual([]);
  });

  it('stays while a process has a lease on it', async () => {
    await using _lease = await store.lease();
    const descriptor = await describeOver();
    await store.remove('base:1');
    expect(await store.exists(descriptor)).toBe(true);
  });

  it('is no fault of the store where its blobs are gone', async () => {
    const descriptor = await describeOver();
    const path = join(directory, 'recipes/sha256', `${descriptor.digest.slice('sha256:'.length)}.json`);
    const recipe = await readFile(path);
    await store.remove('base:1');
    await writeFile(path, recipe);
    expect((await store.verify()).problems).toEqual([]);
    await store.prune();
    expect(await readdir(join(directory, 'recipes/sha256'))).toEqual([]);
  });
});

/** A layer of one blob behind `text`. */
function layer(text: string): { descriptor: Descriptor; recipe: Recipe } {
  const literal = Buffer.from(text);
  const bytes = Buffer.concat([literal, BLOB]);
  const parts: RecipePart[] = [
    { kind: 'literal', bytes: literal },
    { kind: 'blob', digest: digestOf(BLOB), size: BLOB.byteLength },
  ];
  const descriptor = descriptorOf(MEDIA_TYPES.ociLayer, bytes);
  return { descriptor, recipe: { digest: descriptor.digest, size: bytes.byteLength, parts } };
}
