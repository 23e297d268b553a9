/** One repository of a KubeKey images directory, to read and to write. */

import { join } from 'node:path';
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
import { type Descriptor, type Digest, isManifestMediaType } from '@kubecrate/oci';
import { BlobFiles } from '../blobs/blob-files.ts';
import type { StoredFiles } from '../files/stored-files.ts';
import type { Staging } from '../staging/staging.ts';
import { KubekeyRepositoryFiles } from './kubekey-files.ts';
import {
  checkTag,
  foldersToWrite,
  type KubekeyLayout,
  type KubekeyRepositoryName,
  LAYOUT,
  manifestPath,
} from './paths.ts';
import { formatTagLayout } from './tag-layout.ts';

/** What the repositories of one directory share. */
export interface KubekeyStorage {
  readonly directory: string;
  readonly layout: KubekeyLayout;
  readonly files: StoredFiles;
  readonly staging: Staging;
  /** Configurations and layers of all repositories. */
  readonly blobs: BlobFiles;
  /** The last change of each file `layout`, so that changes of this process follow one another. */
  readonly updates: Map<string, Promise<void>>;
}

/** Blobs belong to all repositories of the directory; a blob that one of them has, all have. */
export class KubekeyRepository implements Target, BlobResolver, TagLister, Mounter, Locator, Linker, BulkReceiver {
  readonly repository: string;
  readonly space: object;
  readonly #storage: KubekeyStorage;
  readonly #name: KubekeyRepositoryName;
  readonly #files: KubekeyRepositoryFiles;

  constructor(storage: KubekeyStorage, name: KubekeyRepositoryName) {
    this.repository = `${name.domain}/${name.repository}`;
    this.space = storage;
    this.#storage = storage;
    this.#name = name;
    this.#files = new KubekeyRepositoryFiles(storage.files, name);
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

  locate(descriptor: Descriptor, options?: OperationOptions): Promise<readonly Segment[] | undefined> {
    return this.#files.locate(descriptor, options);
  }

  async push(descriptor: Descriptor, content: Readable, options?: OperationOptions): Promise<void> {
    await this.#pool(descriptor).push(descriptor, content, options);
    await this.#spread(descriptor);
  }

  async receive(descriptor: Descriptor, fill: Fill, options?: OperationOptions): Promise<'received' | 'declined'> {
    const outcome = await this.#pool(descriptor).receive(descriptor, fill, options);
    if (outcome === 'received') await this.#spread(descriptor);
    return outcome;
  }

  async link(descriptor: Descriptor, path: string, options?: OperationOptions): Promise<'linked' | 'declined'> {
    const outcome = await this.#pool(descriptor).link(descriptor, path, options);
    if (outcome === 'linked') await this.#spread(descriptor);
    return outcome;
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
    for (const folder of this.#folders()) {
      if (this.#storage.layout === 'v4.0.0') await this.#write(folder, tag, bytes);
      else await this.#listTag(folder, tag, stored.digest, bytes);
    }
  }

  /** Manifests are files of their repository, everything else is in the pool. */
  #pool({ mediaType }: Descriptor): BlobFiles {
    if (!isManifestMediaType(mediaType)) return this.#storage.blobs;
    const [folder = this.#name.domain] = this.#folders();
    return new BlobFiles(this.#storage.staging, (digest) =>
      join(this.#storage.directory, manifestPath(folder, this.#name.repository, digest)),
    );
  }

  /** Brings a manifest that was written in the first folder to the others. */
  async #spread(descriptor: Descriptor): Promise<void> {
    const [, ...others] = this.#folders();
    if (!isManifestMediaType(descriptor.mediaType) || others.length === 0) return;
    const bytes = await readContent(this, descriptor);
    for (const folder of others) await this.#write(folder, descriptor.digest, bytes);
  }

  async #listTag(folder: string, tag: string, digest: Digest, bytes: Buffer): Promise<void> {
    const path = manifestPath(folder, this.#name.repository, LAYOUT);
    const update = (this.#storage.updates.get(path) ?? Promise.resolve()).then(async () => {
      const tags = new Map(await this.#files.tagLayout(folder)).set(tag, digest);
      await this.#write(folder, digest, bytes);
      await this.#storage.staging.write(join(this.#storage.directory, path), formatTagLayout(tags));
    });
    // The next change goes on after a failed one; the failure is told to whoever made this one.
    this.#storage.updates.set(
      path,
      update.catch(() => undefined),
    );
    await update;
  }

  async #write(folder: string, reference: string, bytes: Buffer): Promise<void> {
    const path = manifestPath(folder, this.#name.repository, reference);
    await this.#storage.staging.write(join(this.#storage.directory, path), bytes);
  }

  #folders(): readonly string[] {
    return foldersToWrite(this.#name.domain, this.#storage.layout);
  }
}
