/**
 * The local store of named images: an OCI layout directory whose described layers are recipes.
 *
 *   <dir>/oci-layout, index.json            the names (whole references), changed by one process at a time
 *   <dir>/blobs/sha256/<hex>                content, each once; also the cache of everything fetched so far
 *   <dir>/recipes/sha256/<hex>.json         layers that are described instead of stored
 *   <dir>/recipes/parts/<hex>               the digests of these, by what they are made of
 *   <dir>/leases/                           what running processes work with
 */

import type { Readable } from 'node:stream';
import type {
  BlobResolver,
  BulkReceiver,
  Describer,
  FetchOptions,
  Fill,
  Linker,
  Locator,
  OperationOptions,
  Recipe,
  RecipeFinder,
  RecipePart,
  RecipeSource,
  ReferrerLister,
  Segment,
  Target,
} from '@kubecrate/content';
import { readContent, readManifest } from '@kubecrate/content';
import { NotFoundError } from '@kubecrate/errors';
import { ensureDirectory } from '@kubecrate/files';
import {
  type Descriptor,
  type Digest,
  formatReference,
  isDigest,
  isManifestMediaType,
  MAX_MANIFEST_SIZE,
  parseReference,
  withDefaultTag,
} from '@kubecrate/oci';
import { imagesOf, named, referrerOf, Staging, unnamed, type VerifyReport } from '@kubecrate/stores';
import { imageEntriesNamed, isImageEntry, SUBJECT_ANNOTATION, withEntry, withoutNames } from './entries.ts';
import { findImage } from './find-image.ts';
import {
  type Freed,
  type PruneOptions,
  pruneStore,
  type RemovedImage,
  removeImage,
  type StoreParts,
} from './free-content.ts';
import { type Lease, Leases } from './lease.ts';
import { Notes } from './notes.ts';
import { StoreContent } from './store-content.ts';
import { StoreIndex } from './store-index.ts';
import { describeImage, type StoredImage } from './stored-image.ts';
import { verifyStoredImages, verifyWholeStore } from './verify-store.ts';

/** Opens the store in a directory, which is made where it is missing. */
export async function openImageStore(directory: string): Promise<ImageStore> {
  await ensureDirectory(directory);
  return new ImageStore(directory);
}

/** Any number of processes may use one store. Whoever fills it holds a {@link ImageStore.lease} until the image has its name. */
export class ImageStore
  implements Target, BlobResolver, Locator, Linker, BulkReceiver, Describer, RecipeSource, RecipeFinder, ReferrerLister
{
  readonly directory: string;
  readonly #index: StoreIndex;
  readonly #leases: Leases;
  readonly #content: StoreContent;
  readonly #notes: Notes;

  constructor(directory: string) {
    this.directory = directory;
    const staging = new Staging(directory);
    this.#index = new StoreIndex(directory, staging);
    this.#leases = new Leases(directory, staging);
    this.#content = new StoreContent(directory, staging, this.#leases);
    this.#notes = new Notes(directory, staging);
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
    if (!isManifestMediaType(descriptor.mediaType) || descriptor.size > MAX_MANIFEST_SIZE) return;
    const referrer = referrerOf(await readContent(this.#content, descriptor, options), descriptor.mediaType);
    if (referrer === undefined) return;
    const entry = { ...referrer.descriptor, annotations: { [SUBJECT_ANNOTATION]: referrer.subject } };
    await this.#index.update(async (entries, write) => {
      const known = entries.some((other) => !isImageEntry(other) && other.digest === entry.digest);
      if (!known) await write([...entries, entry]);
    }, options);
  }

  async *referrers(descriptor: Descriptor, options: OperationOptions = {}): AsyncGenerator<Descriptor> {
    for (const entry of await this.#index.entries(options)) {
      if (entry.annotations?.[SUBJECT_ANNOTATION] !== descriptor.digest) continue;
      if (!(await this.exists(entry, options))) continue;
      const referrer = referrerOf(await readContent(this.#content, entry, options), entry.mediaType);
      if (referrer !== undefined) yield referrer.descriptor;
    }
  }

  /** The manifest of a name, of an id or the beginning of one, or of the digest of any manifest that is stored. */
  async resolve(text: string, options: OperationOptions = {}): Promise<Descriptor> {
    options.signal?.throwIfAborted();
    const entries = await this.#index.entries(options);
    const [exact] = imageEntriesNamed(entries, text);
    if (exact !== undefined && !isDigest(text)) return unnamed(exact);
    try {
      return (await findImage(text, () => this.images(options), options)).image.descriptor;
    } catch (error) {
      if (!(error instanceof NotFoundError) || !isDigest(text)) throw error;
      return await this.#resolveManifest(text, error, options);
    }
  }

  /**
   * Gives a manifest a name, a reference (`alpine` is `docker.io/library/alpine:latest`). An image that had it stays, without it.
   * @throws NotFoundError where the manifest is not stored; KubecrateError INVALID_REFERENCE
   */
  async tag(descriptor: Descriptor, name: string, options: OperationOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    const reference = formatReference(withDefaultTag(parseReference(name)));
    await this.#record(descriptor, options, (entry) => named(entry, reference));
  }

  /** Lists a manifest as an image without giving it a name. */
  async keep(descriptor: Descriptor, options: OperationOptions = {}): Promise<void> {
    await this.#record(descriptor, options, unnamed);
  }

  /** Takes a name away; the image stays. @throws NotFoundError */
  async untag(name: string, options: OperationOptions = {}): Promise<void> {
    await this.#index.update(async (entries, write) => {
      const gone = imageEntriesNamed(entries, name);
      if (gone.length === 0) throw new NotFoundError(`no image has the name ${JSON.stringify(name)}`);
      await write(withoutNames(entries, gone));
    }, options);
  }

  /** The images of the store, the one made last first. */
  async images(options: OperationOptions = {}): Promise<readonly StoredImage[]> {
    const entries = (await this.#index.entries(options)).filter(isImageEntry);
    const images: StoredImage[] = [];
    for (const image of imagesOf(entries)) images.push(await describeImage(this.#content, image, options));
    return images.sort((a, b) => compareTexts(b.created ?? '', a.created ?? ''));
  }

  /** What is known of one image. @throws NotFoundError */
  async image(text: string, options: OperationOptions = {}): Promise<StoredImage> {
    return (await findImage(text, () => this.images(options), options)).image;
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

  /** Reads one image, or everything that is stored, anew and says what is wrong. */
  async verify(options: OperationOptions & { readonly image?: string } = {}): Promise<VerifyReport> {
    if (options.image === undefined) return await verifyWholeStore(this.#content, await this.images(options), options);
    return await verifyStoredImages(this.#content, [await this.image(options.image, options)], options);
  }

  get #parts(): StoreParts {
    return { index: this.#index, content: this.#content, leases: this.#leases, images: () => this.images() };
  }

  async #record(
    descriptor: Descriptor,
    options: OperationOptions,
    entryOf: (descriptor: Descriptor) => Descriptor,
  ): Promise<void> {
    options.signal?.throwIfAborted();
    const { mediaType, digest, size, platform, artifactType } = descriptor;
    const entry = entryOf({
      mediaType,
      digest,
      size,
      ...(platform === undefined ? {} : { platform }),
      ...(artifactType === undefined ? {} : { artifactType }),
    });
    await this.#index.update(async (entries, write) => {
      // Looked at here, where nobody can free it any more.
      if (!(await this.exists(descriptor, options))) throw new NotFoundError(`manifest ${digest} is not stored`);
      await write(withEntry(entries, entry));
    }, options);
  }

  async #resolveManifest(digest: Digest, missing: NotFoundError, options: OperationOptions): Promise<Descriptor> {
    const blob = await this.resolveBlob(digest, options);
    if (blob.size > MAX_MANIFEST_SIZE) throw missing;
    const { manifest } = await readManifest(this.#content, blob, options);
    return { mediaType: manifest.mediaType, digest, size: blob.size };
  }
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
