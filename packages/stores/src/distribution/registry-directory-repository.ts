/** One repository of a registry directory. */

import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type {
  BlobResolver,
  BulkReceiver,
  Deleter,
  FetchOptions,
  Fill,
  Linker,
  Locator,
  Mounter,
  OperationOptions,
  ReferrerLister,
  Segment,
  TagLister,
  Target,
} from '@kubecrate/content';
import { fileError, NotFoundError } from '@kubecrate/errors';
import {
  type Descriptor,
  type Digest,
  descriptorOf,
  digestOf,
  isManifestMediaType,
  MAX_MANIFEST_SIZE,
  MEDIA_TYPES,
} from '@kubecrate/oci';
import type { BlobFiles } from '../blobs/blob-files.ts';
import type { StoredFiles } from '../files/stored-files.ts';
import type { Staging } from '../staging/staging.ts';
import {
  blobDataPath,
  layerLinkPath,
  MAX_LINK_SIZE,
  revisionLinkPath,
  tagCurrentPath,
  tagIndexPath,
  tagPath,
} from './paths.ts';
import { fallbackTag, formatReferrers, parseReferrers, referrerOf } from './referrers.ts';
import { RegistryFilesRepository } from './registry-files.ts';

/** What the repositories of one registry directory share. */
export interface RegistryStorage {
  readonly directory: string;
  readonly files: StoredFiles;
  readonly staging: Staging;
  readonly blobs: BlobFiles;
  /** The last change of each index of referrers, so that changes of this process follow one another. */
  readonly updates: Map<string, Promise<void>>;
}

/**
 * Reads and writes one repository. Data is there before the link to it, a manifest before the tag that names it; each file comes by rename.
 * A manifest with a subject is also listed under the fallback tag, for the registries that have no referrers API.
 */
export class RegistryDirectoryRepository
  implements Target, TagLister, Mounter, Deleter, BlobResolver, Locator, Linker, BulkReceiver, ReferrerLister
{
  readonly repository: string;
  readonly space: object;
  readonly #storage: RegistryStorage;
  readonly #files: RegistryFilesRepository;

  constructor(storage: RegistryStorage, repository: string) {
    this.repository = repository;
    this.space = storage;
    this.#storage = storage;
    this.#files = new RegistryFilesRepository(storage.files, repository);
  }

  fetch(descriptor: Descriptor, options?: FetchOptions): Promise<Readable> {
    return this.#files.fetch(descriptor, options);
  }

  exists(descriptor: Descriptor, options?: OperationOptions): Promise<boolean> {
    return this.#files.exists(descriptor, options);
  }

  resolve(tagOrDigest: string, options?: OperationOptions): Promise<Descriptor> {
    return this.#files.resolve(tagOrDigest, options);
  }

  resolveBlob(digest: Digest, options?: OperationOptions): Promise<Descriptor> {
    return this.#files.resolveBlob(digest, options);
  }

  tags(options?: OperationOptions): AsyncIterable<string> {
    return this.#files.tags(options);
  }

  referrers(descriptor: Descriptor, options?: OperationOptions): AsyncIterable<Descriptor> {
    return this.#files.referrers(descriptor, options);
  }

  locate(descriptor: Descriptor, options?: OperationOptions): Promise<readonly Segment[] | undefined> {
    return this.#files.locate(descriptor, options);
  }

  async push(descriptor: Descriptor, content: Readable, options: OperationOptions = {}): Promise<void> {
    await this.#storage.blobs.push(descriptor, content, options);
    await this.#linkContent(descriptor, options);
  }

  async receive(descriptor: Descriptor, fill: Fill, options: OperationOptions = {}): Promise<'received' | 'declined'> {
    const outcome = await this.#storage.blobs.receive(descriptor, fill, options);
    if (outcome === 'received') await this.#linkContent(descriptor, options);
    return outcome;
  }

  async link(descriptor: Descriptor, path: string, options: OperationOptions = {}): Promise<'linked' | 'declined'> {
    const outcome = await this.#storage.blobs.link(descriptor, path, options);
    if (outcome === 'linked') await this.#linkContent(descriptor, options);
    return outcome;
  }

  async mount(
    descriptor: Descriptor,
    fromRepository: string | undefined,
    options: OperationOptions = {},
  ): Promise<'mounted' | 'declined'> {
    const from =
      fromRepository === undefined
        ? this.#storage.blobs
        : new RegistryFilesRepository(this.#storage.files, fromRepository);
    if (!(await from.exists(descriptor, options))) return 'declined';
    await this.#linkContent(descriptor, options);
    return 'mounted';
  }

  async tag(descriptor: Descriptor, tag: string, options: OperationOptions = {}): Promise<void> {
    const currentPath = tagCurrentPath(this.repository, tag);
    const { digest } = await this.resolve(descriptor.digest, options);
    await this.#write(tagIndexPath(this.repository, tag, digest), digest);
    await this.#write(currentPath, digest);
  }

  /** Takes the content out of this repository; its data stays for the others, until the unreferenced is collected. */
  async delete(descriptor: Descriptor, options: OperationOptions = {}): Promise<void> {
    const { digest } = descriptor;
    if (!(await this.exists(descriptor, options))) {
      throw new NotFoundError(`content ${digest} is not in ${this.repository}`);
    }
    if (isManifestMediaType(descriptor.mediaType)) {
      for await (const tag of this.tags(options)) {
        if ((await this.resolve(tag, options)).digest === digest) await this.untag(tag, options);
      }
      await this.#remove(dirname(revisionLinkPath(this.repository, digest)));
    } else {
      await this.#remove(dirname(layerLinkPath(this.repository, digest)));
    }
  }

  async untag(tag: string, { signal }: OperationOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const current = tagCurrentPath(this.repository, tag);
    if ((await this.#storage.files.size(current)) === undefined) {
      throw new NotFoundError(`tag ${JSON.stringify(tag)} is not in ${this.repository}`);
    }
    await this.#remove(current);
    await this.#remove(tagPath(this.repository, tag));
  }

  async #linkContent(descriptor: Descriptor, { signal }: OperationOptions): Promise<void> {
    signal?.throwIfAborted();
    const { digest, mediaType } = descriptor;
    if (!isManifestMediaType(mediaType)) {
      await this.#write(layerLinkPath(this.repository, digest), digest);
      return;
    }
    await this.#write(revisionLinkPath(this.repository, digest), digest);
    const bytes = await this.#storage.files.read(blobDataPath(digest), MAX_MANIFEST_SIZE);
    const referrer = bytes === undefined ? undefined : referrerOf(bytes, mediaType);
    if (referrer !== undefined) await this.#listReferrer(referrer.subject, referrer.descriptor);
  }

  async #listReferrer(subject: Digest, referrer: Descriptor): Promise<void> {
    const tag = fallbackTag(subject);
    const key = `${this.repository}:${tag}`;
    const update = (this.#storage.updates.get(key) ?? Promise.resolve()).then(async () => {
      const before = await this.#files.readTagged(tag);
      const listed = parseReferrers(before);
      if (listed.some(({ digest }) => digest === referrer.digest)) return;
      const bytes = formatReferrers([...listed, referrer]);
      const index = descriptorOf(MEDIA_TYPES.ociIndex, bytes);
      await this.#storage.staging.write(join(this.#storage.directory, blobDataPath(index.digest)), bytes);
      await this.#write(revisionLinkPath(this.repository, index.digest), index.digest);
      await this.tag(index, tag);
      if (before !== undefined) await this.#remove(dirname(revisionLinkPath(this.repository, digestOf(before))));
    });
    // The next change goes on after a failed one; the failure is told to whoever made this one.
    this.#storage.updates.set(
      key,
      update.catch(() => undefined),
    );
    await update;
  }

  async #write(path: string, digest: Digest): Promise<void> {
    const written = await this.#storage.files.read(path, MAX_LINK_SIZE);
    if (written?.toString('latin1') === digest) return;
    await this.#storage.staging.write(join(this.#storage.directory, path), digest);
  }

  async #remove(path: string): Promise<void> {
    const file = join(this.#storage.directory, path);
    try {
      await rm(file, { recursive: true, force: true });
    } catch (error) {
      throw fileError(`cannot remove ${JSON.stringify(file)}`, error);
    }
  }
}
