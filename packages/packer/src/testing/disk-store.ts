/** A store for the tests of this package: blobs as files in one directory, recipes in a map; as plain as a store can be. */

import { link, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  type Describer,
  type FetchOptions,
  keyOfParts,
  type Linker,
  type Locator,
  type OperationOptions,
  type Recipe,
  type RecipeFinder,
  type RecipePart,
  type Segment,
  type Store,
  verifying,
} from '@kubecrate/content';
import { NotFoundError } from '@kubecrate/errors';
import { openAtomicFile, readSegments, sliceSegments } from '@kubecrate/files';
import { type Descriptor, type Digest, hexOf } from '@kubecrate/oci';

export class DiskStore implements Store, Locator, Linker, Describer, RecipeFinder {
  readonly directory: string;
  readonly recipes: Map<Digest, Recipe> = new Map();
  /** Everything that was asked of it, for tests that count. */
  readonly calls: string[] = [];

  constructor(directory: string) {
    this.directory = directory;
  }

  async exists({ digest }: Descriptor, { signal }: OperationOptions = {}): Promise<boolean> {
    signal?.throwIfAborted();
    return this.recipes.has(digest) || (await this.#size(digest)) !== undefined;
  }

  async fetch(descriptor: Descriptor, { start = 0, signal }: FetchOptions = {}): Promise<Readable> {
    this.calls.push(`fetch ${descriptor.digest}`);
    return readSegments(sliceSegments(await this.locate(descriptor), start, descriptor.size), { signal });
  }

  async push(descriptor: Descriptor, content: Readable, { signal }: OperationOptions = {}): Promise<void> {
    this.calls.push(`push ${descriptor.digest}`);
    await using file = await openAtomicFile(this.path(descriptor.digest), { signal });
    await pipeline(content, verifying(descriptor), file.writable(), { signal });
    await file.commit();
  }

  async locate(descriptor: Descriptor, { signal }: OperationOptions = {}): Promise<readonly Segment[]> {
    signal?.throwIfAborted();
    const recipe = this.recipes.get(descriptor.digest);
    if (recipe !== undefined) return (await Promise.all(recipe.parts.map((part) => this.#locatePart(part)))).flat();
    const size = await this.#size(descriptor.digest);
    if (size === undefined) throw new NotFoundError(`content ${descriptor.digest} is not there`);
    return [{ kind: 'file', path: this.path(descriptor.digest), offset: 0, length: size }];
  }

  async link(descriptor: Descriptor, path: string): Promise<'linked'> {
    this.calls.push(`link ${descriptor.digest}`);
    const temporary = `${this.path(descriptor.digest)}.new`;
    await link(path, temporary);
    await rename(temporary, this.path(descriptor.digest));
    return 'linked';
  }

  async describe(descriptor: Descriptor, recipe: Recipe): Promise<void> {
    this.calls.push(`describe ${descriptor.digest}`);
    this.recipes.set(descriptor.digest, recipe);
  }

  async digestOfParts(parts: readonly RecipePart[]): Promise<Digest | undefined> {
    const key = keyOfParts(parts);
    return [...this.recipes.values()].find((recipe) => keyOfParts(recipe.parts) === key)?.digest;
  }

  path(digest: Digest): string {
    return join(this.directory, hexOf(digest));
  }

  async #locatePart(part: RecipePart): Promise<readonly Segment[]> {
    if (part.kind === 'literal') return [part];
    return this.locate({ mediaType: 'application/octet-stream', ...part });
  }

  async #size(digest: Digest): Promise<number | undefined> {
    return (await stat(this.path(digest)).catch(() => undefined))?.size;
  }
}

/** A store without any power, for what has to work everywhere: only `exists`, `fetch` and `push` of another. */
export function plainStore(store: Store): Store {
  return {
    exists: (descriptor, options) => store.exists(descriptor, options),
    fetch: (descriptor, options) => store.fetch(descriptor, options),
    push: (descriptor, content, options) => store.push(descriptor, content, options),
  };
}
