/** The images of a store: manifests with names, ids, and what others say about them. */

import { type Companion, type OperationOptions, readContent, readManifest } from '@kubecrate/content';
import { NotFoundError } from '@kubecrate/errors';
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
import { imagesOf, named, referrerOf, unnamed } from '@kubecrate/stores';
import { companionTagged, withCompanion } from './companions.ts';
import { imageEntriesNamed, isImageEntry, SUBJECT_ANNOTATION, withEntry, withoutNames } from './entries.ts';
import { findImage } from './find-image.ts';
import type { StoreContent } from './store-content.ts';
import type { StoreIndex } from './store-index.ts';
import { describeImage, type StoredImage } from './stored-image.ts';

export interface ResolveNameOptions extends OperationOptions {
  readonly beside?: string;
}

/** Names over the content of a store; what they refer to is there when they are given. */
export class ImageNames {
  readonly #index: StoreIndex;
  readonly #content: StoreContent;

  constructor(index: StoreIndex, content: StoreContent) {
    this.#index = index;
    this.#content = content;
  }

  /** Keeps a stored manifest with the one it says something about, where it is such a manifest (a signature). */
  async remember(descriptor: Descriptor, options: OperationOptions = {}): Promise<void> {
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
      if (!(await this.#content.exists(entry, options))) continue;
      const referrer = referrerOf(await readContent(this.#content, entry, options), entry.mediaType);
      if (referrer !== undefined) yield referrer.descriptor;
    }
  }

  /** Keeps what has a tag made from the digest of an image with that image. */
  async tagCompanion(companion: Companion, options: OperationOptions = {}): Promise<void> {
    await this.#index.update(async (entries, write) => {
      await this.#requireStored(companion.descriptor, options);
      await write(withCompanion(entries, companion));
    }, options);
  }

  /**
   * The manifest of a name, of an id or the beginning of one, or of the digest of any manifest that is stored. The tag of a companion
   * (`sha256-<hex>.sig`) is looked for beside the image called `beside` first.
   */
  async resolve(text: string, { beside, ...options }: ResolveNameOptions = {}): Promise<Descriptor> {
    options.signal?.throwIfAborted();
    const entries = await this.#index.entries(options);
    const [exact] = imageEntriesNamed(entries, text);
    if (exact !== undefined && !isDigest(text)) return unnamed(exact);
    const companion = companionTagged(entries, text, beside);
    if (companion !== undefined) return companion;
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
      await this.#requireStored(descriptor, options);
      await write(withEntry(entries, entry));
    }, options);
  }

  async #requireStored(descriptor: Descriptor, options: OperationOptions): Promise<void> {
    if (await this.#content.exists(descriptor, options)) return;
    throw new NotFoundError(`manifest ${descriptor.digest} is not stored`);
  }

  async #resolveManifest(digest: Digest, missing: NotFoundError, options: OperationOptions): Promise<Descriptor> {
    const blob = await this.#content.resolveBlob(digest, options);
    if (blob.size > MAX_MANIFEST_SIZE) throw missing;
    const { manifest } = await readManifest(this.#content, blob, options);
    return { mediaType: manifest.mediaType, digest, size: blob.size };
  }
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
