/** Reading one repository of a KubeKey images directory, of whichever generation. */

import type { Readable } from 'node:stream';
import type {
  BlobResolver,
  FetchOptions,
  Locator,
  OperationOptions,
  ReadOnlyTarget,
  Segment,
  TagLister,
} from '@kubecrate/content';
import { NotFoundError } from '@kubecrate/errors';
import {
  type Descriptor,
  type Digest,
  digestOf,
  isDigest,
  isManifestMediaType,
  isTag,
  MAX_MANIFEST_SIZE,
} from '@kubecrate/oci';
import { BLOB_MEDIA_TYPE } from '../blobs/blob-files.ts';
import { startCheck } from '../blobs/start-check.ts';
import type { StoredFiles } from '../files/stored-files.ts';
import { type FoundManifest, readManifestFile, type WholeManifest } from './manifest-file.ts';
import { blobPath, foldersToRead, type KubekeyRepositoryName, LAYOUT, manifestPath, manifestsPath } from './paths.ts';
import { conflictBetween, readLayout, readTag } from './read-tag.ts';
import { parseTagLayout } from './tag-layout.ts';

export class KubekeyRepositoryFiles implements ReadOnlyTarget, BlobResolver, Locator, TagLister {
  readonly name: KubekeyRepositoryName;
  readonly #files: StoredFiles;

  constructor(files: StoredFiles, name: KubekeyRepositoryName) {
    this.name = name;
    this.#files = files;
  }

  async fetch(descriptor: Descriptor, { signal, start = 0 }: FetchOptions = {}): Promise<Readable> {
    signal?.throwIfAborted();
    const { path, size } = await this.#required(descriptor);
    startCheck(descriptor, start, size);
    return await this.#files.open(path, start, { signal });
  }

  async exists(descriptor: Descriptor, { signal }: OperationOptions = {}): Promise<boolean> {
    signal?.throwIfAborted();
    return (await this.#find(descriptor))?.size === descriptor.size;
  }

  async locate(descriptor: Descriptor, { signal }: OperationOptions = {}): Promise<readonly Segment[] | undefined> {
    signal?.throwIfAborted();
    const segment = await this.#files.segment((await this.#required(descriptor)).path);
    return segment === undefined ? undefined : [segment];
  }

  async resolveBlob(digest: Digest, { signal }: OperationOptions = {}): Promise<Descriptor> {
    signal?.throwIfAborted();
    const { size } = await this.#required({ mediaType: BLOB_MEDIA_TYPE, digest, size: 0 });
    return { mediaType: BLOB_MEDIA_TYPE, digest, size };
  }

  /** @throws KubecrateError INVALID_MANIFEST, DIGEST_MISMATCH where the file is broken, or where another folder says otherwise */
  async resolve(tagOrDigest: string, { signal }: OperationOptions = {}): Promise<Descriptor> {
    signal?.throwIfAborted();
    const found = isDigest(tagOrDigest)
      ? await this.#manifest(tagOrDigest, { signal })
      : await this.#tagged(tagOrDigest, { signal });
    if (found?.state === 'broken') throw found.error;
    if (found !== undefined) return found.descriptor;
    throw this.#missing(isDigest(tagOrDigest) ? `manifest ${tagOrDigest}` : `tag ${JSON.stringify(tagOrDigest)}`);
  }

  async *tags({ signal }: OperationOptions = {}): AsyncGenerator<string> {
    signal?.throwIfAborted();
    const tags = new Set<string>();
    for (const folder of this.#folders()) {
      const layout = await this.#tagLayout(folder);
      for (const tag of layout?.keys() ?? []) tags.add(tag);
      for (const file of await this.#files.names(manifestsPath(folder, this.name.repository), 'file')) {
        if (isTag(file) && !(file === LAYOUT && layout !== undefined)) tags.add(file);
      }
    }
    yield* [...tags].sort();
  }

  async #tagLayout(folder: string): Promise<ReadonlyMap<string, Digest> | undefined> {
    const bytes = await this.#files.read(manifestPath(folder, this.name.repository, LAYOUT), MAX_MANIFEST_SIZE);
    return bytes === undefined ? undefined : parseTagLayout(bytes);
  }

  async #manifest(digest: Digest, options: OperationOptions): Promise<FoundManifest | undefined> {
    const path = await this.#manifestFile(digest);
    return path === undefined ? undefined : await readManifestFile(this.#files, path, options);
  }

  /** What a tag names, where all folders that have it agree. */
  async #tagged(tag: string, options: OperationOptions): Promise<FoundManifest | undefined> {
    if (!isTag(tag)) return undefined;
    const whole: WholeManifest[] = [];
    let broken: FoundManifest | undefined;
    for (const folder of this.#folders()) {
      const place = { folder, repository: this.name.repository };
      const layout = await readLayout(this.#files, place, options);
      const found = await readTag(this.#files, { ...place, tag, layout }, options);
      if (found?.state === 'whole') whole.push(found);
      else if (found !== undefined) return found;
      else if (layout.state === 'broken') broken = layout.broken;
    }
    return conflictBetween(whole) ?? whole[0] ?? broken;
  }

  /** The file of what a tag names. */
  async #tagFile(tag: string): Promise<string | undefined> {
    if (!isTag(tag)) return undefined;
    for (const folder of this.#folders()) {
      const layout = await this.#tagLayout(folder);
      const digest = layout?.get(tag);
      if (digest !== undefined) return manifestPath(folder, this.name.repository, digest);
      const path = manifestPath(folder, this.name.repository, tag);
      const isLayout = tag === LAYOUT && layout !== undefined;
      if (!isLayout && (await this.#files.size(path)) !== undefined) return path;
    }
    return undefined;
  }

  /** Up to v4.0.3, what is tagged is not there by its digest: then the tags are looked at. */
  async #manifestFile(digest: Digest): Promise<string | undefined> {
    for (const folder of this.#folders()) {
      const path = manifestPath(folder, this.name.repository, digest);
      if ((await this.#files.size(path)) !== undefined) return path;
    }
    for await (const tag of this.tags()) {
      const path = await this.#tagFile(tag);
      const bytes = path === undefined ? undefined : await this.#files.read(path, MAX_MANIFEST_SIZE);
      if (bytes !== undefined && digestOf(bytes) === digest) return path;
    }
    return undefined;
  }

  async #find({
    mediaType,
    digest,
  }: Descriptor): Promise<{ readonly path: string; readonly size: number } | undefined> {
    const path = isManifestMediaType(mediaType) ? await this.#manifestFile(digest) : blobPath(digest);
    const size = path === undefined ? undefined : await this.#files.size(path);
    return path === undefined || size === undefined ? undefined : { path, size };
  }

  async #required(descriptor: Descriptor): Promise<{ readonly path: string; readonly size: number }> {
    const found = await this.#find(descriptor);
    if (found === undefined) throw this.#missing(`content ${descriptor.digest}`);
    return found;
  }

  #folders(): readonly string[] {
    return foldersToRead(this.name.domain);
  }

  #missing(what: string): NotFoundError {
    const { domain, repository } = this.name;
    return new NotFoundError(`${what} is not in ${domain}/${repository} of ${JSON.stringify(this.#files.where)}`);
  }
}
