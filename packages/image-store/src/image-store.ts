/**
 * The local store of named images: an OCI layout directory whose described layers are recipes.
 *
 *   <dir>/oci-layout, index.json            the names (whole references), changed by one process at a time
 *   <dir>/blobs/sha256/<hex>                content, each once; also the cache of everything fetched so far
 *   <dir>/recipes/sha256/<hex>.json         layers that are described instead of stored
 *   <dir>/recipes/parts/<hex>               the digests of these, by what they are made of
 *   <dir>/leases/                           what running processes work with
 *   <dir>/tmp/                              where they work
 *   <dir>/reserve                           bytes to give up where the disk is full
 */

import type { Readable } from 'node:stream';
import type {
  BlobResolver,
  BulkReceiver,
  Companion,
  CompanionTagger,
  Describer,
  FetchOptions,
  Fill,
  Linker,
  Locator,
  OperationOptions,
  ReadOnlyTarget,
  Recipe,
  RecipeFinder,
  RecipePart,
  RecipeSource,
  ReferrerLister,
  Segment,
  Target,
} from '@kubecrate/content';
import { ensureDirectory, type TempDirectory } from '@kubecrate/files';
import type { Descriptor, Digest } from '@kubecrate/oci';
import { Staging, type VerifyReport } from '@kubecrate/stores';
import {
  type Freed,
  type PruneOptions,
  pruneStore,
  type RemovedImage,
  removeImage,
  type StoreParts,
} from './free-content.ts';
import { ImageNames } from './image-names.ts';
import { type Lease, Leases } from './lease.ts';
import { Notes } from './notes.ts';
import { Reserve } from './reserve.ts';
import { StoreContent } from './store-content.ts';
import { StoreIndex } from './store-index.ts';
import type { StoredImage } from './stored-image.ts';
import { verifyStoredImages, verifyWholeStore } from './verify-store.ts';
import { WorkDirectories } from './work-directories.ts';

/** Opens the store in a directory, which is made where it is missing. */
export async function openImageStore(directory: string): Promise<ImageStore> {
  await ensureDirectory(directory);
  return new ImageStore(directory);
}

/** Any number of processes may use one store. Whoever fills it holds a {@link ImageStore.lease} until the image has its name. */
export class ImageStore
  implements
    Target,
    BlobResolver,
    Locator,
    Linker,
    BulkReceiver,
    Describer,
    RecipeSource,
    RecipeFinder,
    ReferrerLister,
    CompanionTagger
{
  readonly directory: string;
  readonly #index: StoreIndex;
  readonly #leases: Leases;
  readonly #content: StoreContent;
  readonly #names: ImageNames;
  readonly #notes: Notes;
  readonly #reserve: Reserve;
  readonly #work: WorkDirectories;

  constructor(directory: string) {
    this.directory = directory;
    const staging = new Staging(directory);
    this.#reserve = new Reserve(directory);
    this.#index = new StoreIndex(directory, staging, this.#reserve);
    this.#leases = new Leases(directory, staging, this.#reserve);
    this.#content = new StoreContent(directory, staging, this.#leases);
    this.#names = new ImageNames(this.#index, this.#content);
    this.#notes = new Notes(directory, staging);
    this.#work = new WorkDirectories(directory);
  }

  exists(descriptor: Descriptor, options?: OperationOptions): Promise<boolean> {
    return this.#content.exists(descriptor, options);
  }

  fetch(descriptor: Descriptor, options?: FetchOptions): Promise<Readable> {
    return this.#content.fetch(descriptor, options);
  }

  locate(descriptor: Descriptor, options?: OperationOptions): Promise<readonly Segment[]> {
    return this.#content.locate(descriptor, options);
  }

  recipe(descriptor: Descriptor): Promise<Recipe | undefined> {
    return this.#content.recipe(descriptor);
  }

  digestOfParts(parts: readonly RecipePart[]): Promise<Digest | undefined> {
    return this.#content.digestOfParts(parts);
  }

  resolveBlob(digest: Digest, options?: OperationOptions): Promise<Descriptor> {
    return this.#content.resolveBlob(digest, options);
  }

  receive(descriptor: Descriptor, fill: Fill, options?: OperationOptions): Promise<'received' | 'declined'> {
    return this.#content.receive(descriptor, fill, options);
  }

  link(descriptor: Descriptor, path: string, options?: OperationOptions): Promise<'linked' | 'declined'> {
    return this.#content.link(descriptor, path, options);
  }

  describe(descriptor: Descriptor, recipe: Recipe): Promise<void> {
    return this.#content.describe(descriptor, recipe);
  }

  /** A text that was kept under a name; undefined where there is none. Pruning forgets all of them. */
  note(name: string): Promise<Buffer | undefined> {
    return this.#notes.read(name);
  }

  keepNote(name: string, text: string): Promise<void> {
    return this.#notes.write(name, text);
  }

  /** A manifest that says something about another one (a signature) is remembered with it, and goes when that one goes. */
  async push(descriptor: Descriptor, content: Readable, options: OperationOptions = {}): Promise<void> {
    await this.#content.push(descriptor, content, options);
    await this.#names.remember(descriptor, options);
  }

  referrers(descriptor: Descriptor, options?: OperationOptions): AsyncGenerator<Descriptor> {
    return this.#names.referrers(descriptor, options);
  }

  /** The manifest of a name, of an id or the beginning of one, or of the digest of any manifest that is stored. */
  resolve(text: string, options?: OperationOptions): Promise<Descriptor> {
    return this.#names.resolve(text, options);
  }

  /**
   * Gives a manifest a name, a reference (`alpine` is `docker.io/library/alpine:latest`). An image that had it stays, without it.
   * @throws NotFoundError where the manifest is not stored; KubecrateError INVALID_REFERENCE
   */
  tag(descriptor: Descriptor, name: string, options?: OperationOptions): Promise<void> {
    return this.#names.tag(descriptor, name, options);
  }

  /** Keeps a companion with its subject: it is not listed, and goes when that one goes. */
  tagCompanion(companion: Companion, options?: OperationOptions): Promise<void> {
    return this.#names.tagCompanion(companion, options);
  }

  /** The store as the repository of an image sees it: what was kept beside that name comes before what was kept beside others. */
  beside(name: string): ReadOnlyTarget & Locator & ReferrerLister {
    return {
      exists: (descriptor, options) => this.exists(descriptor, options),
      fetch: (descriptor, options) => this.fetch(descriptor, options),
      locate: (descriptor, options) => this.locate(descriptor, options),
      referrers: (descriptor, options) => this.referrers(descriptor, options),
      resolve: (text, options) => this.#names.resolve(text, { ...options, beside: name }),
    };
  }

  /** Lists a manifest as an image without giving it a name. */
  keep(descriptor: Descriptor, options?: OperationOptions): Promise<void> {
    return this.#names.keep(descriptor, options);
  }

  /** Takes a name away; the image stays. @throws NotFoundError */
  untag(name: string, options?: OperationOptions): Promise<void> {
    return this.#names.untag(name, options);
  }

  /** The images of the store, the one made last first. */
  images(options?: OperationOptions): Promise<readonly StoredImage[]> {
    return this.#names.images(options);
  }

  /** What is known of one image. @throws NotFoundError */
  image(text: string, options?: OperationOptions): Promise<StoredImage> {
    return this.#names.image(text, options);
  }

  /**
   * Removes an image: by its id, or by its only name, with all its content that nothing else needs; by one of several names, that name alone.
   * @throws NotFoundError; KubecrateError CONFLICT
   */
  remove(text: string, options: OperationOptions = {}): Promise<RemovedImage> {
    return removeImage(this.#parts, text, options);
  }

  /** Frees everything that no image and no lease refers to. */
  async prune(options: PruneOptions = {}): Promise<Freed> {
    await this.#notes.clear();
    return await pruneStore(this.#parts, options);
  }

  /** Protects what this process stores and finds from now on, until it is disposed of. */
  lease(options?: OperationOptions): Promise<Lease> {
    return this.#leases.open(options);
  }

  /** A new directory on the disk of the store for what this process works with; where it is killed, {@link ImageStore.prune} frees it. */
  workDirectory(): Promise<TempDirectory> {
    return this.#work.open();
  }

  /** Reads one image, or everything that is stored, anew and says what is wrong. */
  async verify(options: OperationOptions & { readonly image?: string } = {}): Promise<VerifyReport> {
    if (options.image === undefined) return await verifyWholeStore(this.#content, await this.images(options), options);
    return await verifyStoredImages(this.#content, [await this.image(options.image, options)], options);
  }

  get #parts(): StoreParts {
    return {
      index: this.#index,
      content: this.#content,
      leases: this.#leases,
      work: this.#work,
      reserve: this.#reserve,
      images: () => this.images(),
    };
  }
}
