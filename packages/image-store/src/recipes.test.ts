import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Recipe, RecipePart } from '@kubecrate/content';
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
