/** The content of a store: blobs as files, described layers as recipes; to everyone else both are blobs. */

import { join } from 'node:path';
import type { Readable } from 'node:stream';
import {
  type BlobResolver,
  type BulkReceiver,
  blobsOf,
  type Describer,
  type FetchOptions,
  type Fill,
  type Linker,
  type Locator,
  type OperationOptions,
  type Recipe,
  type RecipeFinder,
  type RecipePart,
  type RecipeSource,
  type Segment,
  type Store,
} from '@kubecrate/content';
import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import { type Descriptor, type Digest, MEDIA_TYPES } from '@kubecrate/oci';
import { BlobFiles, layoutBlobPath, readSegments, type Staging } from '@kubecrate/stores';
import { type BlobSink, decompose } from './decompose.ts';
import type { Leases } from './lease.ts';
import { digestsIn, Recipes } from './recipes.ts';

/** The annotation of a layer that carries a part of the registry directory; its value is then `registry`. */
export const LAYER_ANNOTATION = 'io.kubecrate.layer';

export class StoreContent
  implements Store, BlobResolver, Locator, Linker, BulkReceiver, Describer, RecipeSource, RecipeFinder
{
  readonly staging: Staging;
  readonly #directory: string;
  readonly #leases: Leases;
  readonly #blobs: BlobFiles;
  readonly #recipes: Recipes;
  /** Where the blobs of a layer go: to files, protected as if they had been pushed themselves. */
  readonly #sink: BlobSink = {
    exists: async (blob, options) => {
      await this.#leases.hold([blob.digest], options);
      return await this.#blobs.exists(blob, options);
    },
    push: (blob, content, options) => this.#blobs.push(blob, content, options),
  };

  constructor(directory: string, staging: Staging, leases: Leases) {
    this.#directory = directory;
    this.#leases = leases;
    this.staging = staging;
    this.#blobs = new BlobFiles(this.staging, (digest) => join(directory, layoutBlobPath(digest)));
    this.#recipes = new Recipes(directory, this.staging);
  }

  async exists(descriptor: Descriptor, options: OperationOptions = {}): Promise<boolean> {
    options.signal?.throwIfAborted();
    await this.#leases.hold([descriptor.digest], options);
    if (await this.#blobs.exists(descriptor, options)) return true;
    const recipe = await this.#recipes.readSound(descriptor.digest);
    if (recipe?.size !== descriptor.size) return false;
    await this.#leases.hold(blobsOf(recipe), options);
    for (const part of recipe.parts) {
      if (part.kind === 'blob' && (await this.#blobs.sizeOf(part.digest)) !== part.size) return false;
    }
    return true;
  }

  async resolveBlob(digest: Digest, options: OperationOptions = {}): Promise<Descriptor> {
    options.signal?.throwIfAborted();
    const recipe = (await this.#blobs.sizeOf(digest)) === undefined ? await this.#recipes.read(digest) : undefined;
    if (recipe === undefined) return await this.#blobs.resolveBlob(digest, options);
    return { mediaType: MEDIA_TYPES.ociLayer, digest, size: recipe.size };
  }

  async fetch(descriptor: Descriptor, options: FetchOptions = {}): Promise<Readable> {
    const { signal, start = 0 } = options;
    signal?.throwIfAborted();
    const recipe = await this.recipe(descriptor);
    if (recipe === undefined) return await this.#blobs.fetch(descriptor, options);
    if (start > 0 && start >= recipe.size) {
      throw new KubecrateError(
        'INVALID_ARGUMENT',
        `cannot read ${descriptor.digest} from byte ${start}: it has ${recipe.size} bytes`,
      );
    }
    return readSegments(await this.#segmentsOf(recipe), options);
  }

  async locate(descriptor: Descriptor, options: OperationOptions = {}): Promise<readonly Segment[]> {
    options.signal?.throwIfAborted();
    const recipe = await this.recipe(descriptor);
    return recipe === undefined ? await this.#blobs.locate(descriptor, options) : await this.#segmentsOf(recipe);
  }

  /** Content that is stored as a file has no recipe, even where one would describe it. */
  async recipe({ digest }: Descriptor): Promise<Recipe | undefined> {
    return (await this.#blobs.sizeOf(digest)) === undefined ? await this.#recipes.read(digest) : undefined;
  }

  async digestOfParts(parts: readonly RecipePart[]): Promise<Digest | undefined> {
    return await this.#recipes.find(parts);
  }

  /** A layer that carries a part of the registry directory is taken apart, so that each of its blobs is stored once. */
  async push(descriptor: Descriptor, content: Readable, options: OperationOptions = {}): Promise<void> {
    // The stream may fail before it is read; it tells again when it is.
    content.on('error', () => undefined);
    try {
      options.signal?.throwIfAborted();
      if (await this.exists(descriptor, options)) return;
      if (isRegistryLayer(descriptor)) {
        await this.describe(descriptor, await decompose(descriptor, content, this.#sink, options));
      } else {
        await this.#blobs.push(descriptor, content, options);
      }
    } finally {
      content.destroy();
    }
  }

  async receive(descriptor: Descriptor, fill: Fill, options: OperationOptions = {}): Promise<'received' | 'declined'> {
    if (await this.exists(descriptor, options)) return 'received';
    return isRegistryLayer(descriptor) ? 'declined' : await this.#blobs.receive(descriptor, fill, options);
  }

  async link(descriptor: Descriptor, path: string, options: OperationOptions = {}): Promise<'linked' | 'declined'> {
    if (await this.exists(descriptor, options)) return 'linked';
    return isRegistryLayer(descriptor) ? 'declined' : await this.#blobs.link(descriptor, path, options);
  }

  async describe(descriptor: Descriptor, recipe: Recipe): Promise<void> {
    if (recipe.digest !== descriptor.digest || recipe.size !== descriptor.size) {
      throw new KubecrateError(
        'INVALID_ARGUMENT',
        `the recipe of ${recipe.digest} (${recipe.size} bytes) does not describe ${descriptor.digest} (${descriptor.size} bytes)`,
      );
    }
    await this.#leases.hold([descriptor.digest, ...blobsOf(recipe)]);
    await this.#segmentsOf(recipe);
    await this.#recipes.write(recipe);
  }

  /** The digests of everything that is stored, as a file or as a recipe. */
  async digests(): Promise<ReadonlySet<Digest>> {
    const digests = new Set(await digestsIn(join(this.#directory, 'blobs'), /^([a-f0-9]+)$/));
    for (const digest of await this.described()) digests.add(digest);
    return digests;
  }

  /** The digests of the layers that are stored as recipes. */
  async described(): Promise<readonly Digest[]> {
    return await this.#recipes.digests();
  }

  /** Removes content, and gives the number of bytes that this frees. */
  async remove(digest: Digest): Promise<number> {
    const size = await this.#blobs.sizeOf(digest);
    await this.#recipes.remove(digest);
    await this.#blobs.remove(digest);
    return size ?? 0;
  }

  async #segmentsOf({ parts, digest }: Recipe): Promise<readonly Segment[]> {
    const segments: Segment[] = [];
    for (const part of parts) {
      if (part.kind === 'literal') {
        segments.push(part);
        continue;
      }
      if ((await this.#blobs.sizeOf(part.digest)) !== part.size) {
        throw new NotFoundError(`blob ${part.digest}, a part of layer ${digest}, is not there`);
      }
      const path = join(this.#directory, layoutBlobPath(part.digest));
      segments.push({ kind: 'file', path, offset: 0, length: part.size });
    }
    return segments;
  }
}

function isRegistryLayer({ mediaType, annotations }: Descriptor): boolean {
  const isPlainTar = mediaType === MEDIA_TYPES.ociLayer || mediaType === MEDIA_TYPES.dockerLayer;
  return isPlainTar && annotations?.[LAYER_ANNOTATION] === 'registry';
}
