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
import { hasCode, NotFoundError } from '@kubecrate/errors';
import { type Descriptor, type Digest, isDigest, isManifestMediaType, MAX_MANIFEST_SIZE } from '@kubecrate/oci';
import { BlobFiles } from '../blobs/blob-files.ts';
import type { StoredFiles } from '../files/stored-files.ts';
import type { Staging } from '../staging/staging.ts';
import { KubekeyRepositoryFiles } from './kubekey-files.ts';
import { readManifestFile } from './manifest-file.ts';
import {
  checkTag,
  foldersToRead,
  foldersToWrite,
  type KubekeyLayout,
  type KubekeyRepositoryName,
  LAYOUT,
  manifestPath,
  manifestsPath,
} from './paths.ts';
import { readTagAs } from './read-tag.ts';
import { formatTagLayout } from './tag-layout.ts';

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
  /** The last look at, or change of, each tag and each file `layout`: those of this process follow one another. */
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

  async exists(descriptor: Descriptor, options: OperationOptions = {}): Promise<boolean> {
    if (this.#storage.access === 'read' || !isManifestMediaType(descriptor.mediaType))
      return await this.#files.exists(descriptor, options);
    options.signal?.throwIfAborted();
    for (const folder of await this.#folders())
      if (!(await this.#holds(folder, descriptor.digest, descriptor))) return false;
    return true;
  }

  async resolve(tagOrDigest: string, options: OperationOptions = {}): Promise<Descriptor> {
    if (this.#storage.access === 'read' || isDigest(tagOrDigest))
      return await this.#files.resolve(tagOrDigest, options);
    return await this.#inTurn(this.#tagKey(tagOrDigest), () => this.#resolveWhole(tagOrDigest, options));
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
    await this.#makeRoom(descriptor);
    await this.#pool(descriptor).push(descriptor, content, options);
    await this.#spread(descriptor);
  }

  async receive(descriptor: Descriptor, fill: Fill, options: OperationOptions = {}): Promise<'received' | 'declined'> {
    await this.#makeRoom(descriptor);
    const outcome = await this.#pool(descriptor).receive(descriptor, fill, options);
    if (outcome === 'received') await this.#spread(descriptor);
    return outcome;
  }

  async link(descriptor: Descriptor, path: string, options: OperationOptions = {}): Promise<'linked' | 'declined'> {
    await this.#makeRoom(descriptor);
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
    await this.#inTurn(this.#tagKey(tag), () => this.#writeTag(tag, stored.digest, bytes));
  }

  async #writeTag(tag: string, digest: Digest, bytes: Buffer): Promise<void> {
    const { files, layout } = this.#storage;
    for (const folder of await this.#folders()) {
      // A tag that is there in the other form too would name the image that it was.
      const isFile = tag !== LAYOUT && (await files.size(this.#path(folder, tag))) !== undefined;
      const isListed = (await this.#files.tagLayout(folder)).has(tag);
      if (layout === 'v4.0.0' || isFile) await this.#write(folder, tag, bytes);
      if (layout === 'v4.0.5' || isListed) await this.#listTag(folder, tag, digest, bytes);
    }
  }

  /** Manifests are files of their repository, everything else is in the pool. */
  #pool({ mediaType }: Descriptor): BlobFiles {
    if (!isManifestMediaType(mediaType)) return this.#storage.blobs;
    return new BlobFiles(this.#storage.staging, (digest) =>
      join(this.#storage.directory, this.#path(this.#firstFolder(), digest)),
    );
  }

  /** Blobs are taken for whole by their size; of a manifest every byte is looked at, and an altered one goes. */
  async #makeRoom(descriptor: Descriptor): Promise<void> {
    const { digest, mediaType } = descriptor;
    if (isManifestMediaType(mediaType) && !(await this.#holds(this.#firstFolder(), digest, descriptor)))
      await this.#pool(descriptor).remove(digest);
  }

  /** Brings a manifest that was written in the first folder to the others. */
  async #spread(descriptor: Descriptor): Promise<void> {
    const { digest, mediaType } = descriptor;
    if (!isManifestMediaType(mediaType)) return;
    const first = this.#firstFolder();
    for (const folder of await this.#folders()) {
      if (folder === first || (await this.#holds(folder, digest, descriptor))) continue;
      const bytes = await this.#storage.files.read(this.#path(first, digest), MAX_MANIFEST_SIZE);
      if (bytes !== undefined) await this.#write(folder, digest, bytes);
    }
  }

  async #resolveWhole(tag: string, options: OperationOptions): Promise<Descriptor> {
    const descriptor = await this.#files.resolve(tag, options).catch((error: unknown) => {
      throw BROKEN.some((code) => hasCode(error, code)) ? this.#notWhole(tag, error) : error;
    });
    for (const folder of await this.#folders())
      if (!(await this.#holds(folder, tag, descriptor))) throw this.#notWhole(tag);
    return descriptor;
  }

  /** True where a folder has a manifest by its digest, or a tag in the form in which tags are written. */
  async #holds(folder: string, reference: string, { digest }: Pick<Descriptor, 'digest'>): Promise<boolean> {
    const { files, layout } = this.#storage;
    const found = isDigest(reference)
      ? await readManifestFile(files, this.#path(folder, reference))
      : await readTagAs(files, { folder, repository: this.#name.repository, tag: reference, form: layout });
    return found?.state === 'whole' && found.descriptor.digest === digest;
  }

  #notWhole(tag: string, cause?: unknown): NotFoundError {
    return new NotFoundError(
      `the tag ${JSON.stringify(tag)} of ${this.repository} is not whole in ${JSON.stringify(this.#storage.directory)}`,
      cause === undefined ? {} : { cause },
    );
  }

  async #listTag(folder: string, tag: string, digest: Digest, bytes: Buffer): Promise<void> {
    const path = this.#path(folder, LAYOUT);
    await this.#inTurn(path, async () => {
      const tags = new Map(await this.#files.tagLayout(folder)).set(tag, digest);
      await this.#write(folder, digest, bytes);
      await this.#storage.staging.write(join(this.#storage.directory, path), formatTagLayout(tags));
    });
  }

  /** Whoever looks at a tag or a list while it is changed in several places sees what it was, or what it is. */
  async #inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const { updates } = this.#storage;
    const turn = (updates.get(key) ?? Promise.resolve()).then(work);
    // The next one goes on after a failed one; the failure is told to whoever made this one.
    updates.set(
      key,
      turn.then(
        () => undefined,
        () => undefined,
      ),
    );
    return await turn;
  }

  #tagKey(tag: string): string {
    return `${this.repository}:${tag}`;
  }

  async #write(folder: string, reference: string, bytes: Buffer): Promise<void> {
    await this.#storage.staging.write(join(this.#storage.directory, this.#path(folder, reference)), bytes);
  }

  #path(folder: string, reference: string): string {
    return manifestPath(folder, this.#name.repository, reference);
  }

  #firstFolder(): string {
    return foldersToWrite(this.#name.domain, this.#storage.layout)[0] ?? this.#name.domain;
  }

  /** Those of the layout, and those in which the repository lies already: they would go on to hold what it was. */
  async #folders(): Promise<readonly string[]> {
    const { domain, repository } = this.#name;
    const written = foldersToWrite(domain, this.#storage.layout);
    const others = foldersToRead(domain).filter((folder) => !written.includes(folder));
    const lying = await Promise.all(
      others.map(async (folder) => (await this.#storage.files.names(manifestsPath(folder, repository), 'file')).length),
    );
    return [...written, ...others.filter((_, at) => lying[at] !== 0)];
  }
}

/** A broken manifest, or several that should be one. */
const BROKEN = ['INVALID_MANIFEST', 'INVALID_DIGEST', 'DIGEST_MISMATCH', 'LIMIT_EXCEEDED', 'UNSUPPORTED'] as const;
