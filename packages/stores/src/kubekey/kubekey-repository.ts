/** One repository of a KubeKey images directory, to read and to write. */

import type { Readable } from 'node:stream';
import type {
  BlobResolver,
  BulkReceiver,
  FetchOptions,
  Fill,
  Linker,
  Locator,
  Mounter,
  OperationOptions,
  Segment,
  TagLister,
  Target,
} from '@kubecrate/content';
import { readContent } from '@kubecrate/content';
import { hasCode, NotFoundError } from '@kubecrate/errors';
import { type Descriptor, type Digest, isDigest, isManifestMediaType } from '@kubecrate/oci';
import type { BlobFiles } from '../blobs/blob-files.ts';
import type { StoredFiles } from '../files/stored-files.ts';
import type { Staging } from '../staging/staging.ts';
import { KubekeyRepositoryFiles } from './kubekey-files.ts';
import { ManifestFolders } from './manifest-folders.ts';
import { checkTag, type KubekeyLayout, type KubekeyRepositoryName } from './paths.ts';
import { inTurn, type Turns } from './turns.ts';

/** What the repositories of one directory share. */
export interface KubekeyStorage {
  readonly directory: string;
  /** Where it is written, a manifest or a tag is there only if it is whole in every folder in which it is written. */
  readonly access: 'read' | 'write';
  readonly layout: KubekeyLayout;
  readonly files: StoredFiles;
  readonly staging: Staging;
  /** Configurations and layers of all repositories. */
  readonly blobs: BlobFiles;
  /** By tag and by file `layout`: whoever looks while it is changed in several places sees what it was, or what it is. */
  readonly turns: Turns;
}

/** Blobs belong to all repositories of the directory; a blob that one of them has, all have. */
export class KubekeyRepository implements Target, BlobResolver, TagLister, Mounter, Locator, Linker, BulkReceiver {
  readonly repository: string;
  readonly space: object;
  readonly #storage: KubekeyStorage;
  readonly #manifests: ManifestFolders;
  readonly #files: KubekeyRepositoryFiles;

  constructor(storage: KubekeyStorage, name: KubekeyRepositoryName) {
    this.repository = `${name.domain}/${name.repository}`;
    this.space = storage;
    this.#storage = storage;
    this.#manifests = new ManifestFolders(storage, name);
    this.#files = new KubekeyRepositoryFiles(storage.files, name);
  }

  fetch(descriptor: Descriptor, options?: FetchOptions): Promise<Readable> {
    return this.#files.fetch(descriptor, options);
  }

  async exists(descriptor: Descriptor, options: OperationOptions = {}): Promise<boolean> {
    if (this.#storage.access === 'read' || !isManifestMediaType(descriptor.mediaType))
      return await this.#files.exists(descriptor, options);
    options.signal?.throwIfAborted();
    return await this.#manifests.hold(descriptor);
  }

  async resolve(tagOrDigest: string, options: OperationOptions = {}): Promise<Descriptor> {
    if (this.#storage.access === 'read' || isDigest(tagOrDigest))
      return await this.#files.resolve(tagOrDigest, options);
    return await inTurn(this.#storage.turns, this.#tagKey(tagOrDigest), () => this.#resolveWhole(tagOrDigest, options));
  }

  resolveBlob(digest: Digest, options?: OperationOptions): Promise<Descriptor> {
    return this.#files.resolveBlob(digest, options);
  }

  tags(options?: OperationOptions): AsyncIterable<string> {
    return this.#files.tags(options);
  }

  locate(descriptor: Descriptor, options?: OperationOptions): Promise<readonly Segment[] | undefined> {
    return this.#files.locate(descriptor, options);
  }

  async push(descriptor: Descriptor, content: Readable, options: OperationOptions = {}): Promise<void> {
    // It may fail while room is made; it tells again when it is read.
    content.on('error', () => undefined);
    try {
      await this.#into(descriptor, (pool) => pool.push(descriptor, content, options));
    } finally {
      content.destroy();
    }
  }

  async receive(descriptor: Descriptor, fill: Fill, options: OperationOptions = {}): Promise<'received' | 'declined'> {
    return await this.#into(descriptor, (pool) => pool.receive(descriptor, fill, options));
  }

  async link(descriptor: Descriptor, path: string, options: OperationOptions = {}): Promise<'linked' | 'declined'> {
    return await this.#into(descriptor, (pool) => pool.link(descriptor, path, options));
  }

  /** There is nothing to do for a blob that is there: the pool is one. */
  async mount(
    descriptor: Descriptor,
    _fromRepository: string | undefined,
    options?: OperationOptions,
  ): Promise<'mounted' | 'declined'> {
    return (await this.#storage.blobs.exists(descriptor, options)) ? 'mounted' : 'declined';
  }

  async tag(descriptor: Descriptor, tag: string, options: OperationOptions = {}): Promise<void> {
    checkTag(tag);
    const stored = await this.resolve(descriptor.digest, options);
    const bytes = await readContent(this, stored, options);
    await inTurn(this.#storage.turns, this.#tagKey(tag), () => this.#manifests.writeTag(tag, stored.digest, bytes));
  }

  /** Manifests are files of their repository, everything else is in the pool. */
  async #into<T>(descriptor: Descriptor, write: (pool: BlobFiles) => Promise<T>): Promise<T> {
    if (!isManifestMediaType(descriptor.mediaType)) return await write(this.#storage.blobs);
    await this.#manifests.makeRoom(descriptor);
    const outcome = await write(this.#manifests.first);
    if (outcome !== 'declined') await this.#manifests.spread(descriptor);
    return outcome;
  }

  async #resolveWhole(tag: string, options: OperationOptions): Promise<Descriptor> {
    const descriptor = await this.#files.resolve(tag, options).catch((error: unknown) => {
      throw BROKEN.some((code) => hasCode(error, code)) ? this.#notWhole(tag, error) : error;
    });
    if (!(await this.#manifests.holdTag(tag, descriptor))) throw this.#notWhole(tag);
    return descriptor;
  }

  #notWhole(tag: string, cause?: unknown): NotFoundError {
    return new NotFoundError(
      `the tag ${JSON.stringify(tag)} of ${this.repository} is not whole in ${JSON.stringify(this.#storage.directory)}`,
      cause === undefined ? {} : { cause },
    );
  }

  #tagKey(tag: string): string {
    return `${this.repository}:${tag}`;
  }
}

/** A broken manifest, or several that should be one. */
const BROKEN = ['INVALID_MANIFEST', 'INVALID_DIGEST', 'DIGEST_MISMATCH', 'LIMIT_EXCEEDED', 'UNSUPPORTED'] as const;
