/** Reading an OCI image layout, wherever its files are: a directory, or an archive as it lies on disk. */

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
import { KubecrateError, NotFoundError, toldWith } from '@kubecrate/errors';
import { type Descriptor, type Digest, isDigest, MAX_MANIFEST_SIZE, parseManifest } from '@kubecrate/oci';
import { BLOB_MEDIA_TYPE } from '../blobs/blob-files.ts';
import { startCheck } from '../blobs/start-check.ts';
import type { StoredFiles } from '../files/stored-files.ts';
import {
  checkLayoutVersion,
  entriesNamed,
  INDEX_FILE,
  imagesOf,
  LAYOUT_FILE,
  layoutBlobPath,
  MAX_INDEX_SIZE,
  type NamedImage,
  nameOf,
  parseLayoutIndex,
  unnamed,
} from './layout-index.ts';

/** A layout as a target: its tags are the names of its `index.json`. */
export class OciLayoutFiles implements ReadOnlyTarget, BlobResolver, Locator, TagLister {
  readonly #files: StoredFiles;

  constructor(files: StoredFiles) {
    this.#files = files;
  }

  /** The entries of `index.json`, as they are now; none where it is not written yet. */
  async entries({ signal }: OperationOptions = {}): Promise<readonly Descriptor[]> {
    signal?.throwIfAborted();
    const bytes = await this.#files.read(INDEX_FILE, MAX_INDEX_SIZE, { signal });
    if (bytes === undefined) return [];
    try {
      return parseLayoutIndex(bytes);
    } catch (error) {
      throw toldWith(`cannot read ${JSON.stringify(this.#files.where)}`, error);
    }
  }

  /** The images of the layout with their names. */
  async images(options: OperationOptions = {}): Promise<readonly NamedImage[]> {
    return imagesOf(await this.entries(options));
  }

  /** Every content that is there, needed or not. */
  async digests(): Promise<readonly Digest[]> {
    const digests: Digest[] = [];
    for (const algorithm of await this.#files.names('blobs', 'directory')) {
      for (const hex of await this.#files.names(`blobs/${algorithm}`, 'file')) {
        const text = `${algorithm}:${hex}`;
        if (isDigest(text)) digests.push(text);
      }
    }
    return digests;
  }

  async fetch(descriptor: Descriptor, { signal, start = 0 }: FetchOptions = {}): Promise<Readable> {
    signal?.throwIfAborted();
    const path = layoutBlobPath(descriptor.digest);
    const size = await this.#files.size(path);
    if (size === undefined) throw this.#missing(`content ${descriptor.digest}`);
    startCheck(descriptor, start, size);
    return await this.#files.open(path, start, { signal });
  }

  async exists({ digest, size }: Descriptor, { signal }: OperationOptions = {}): Promise<boolean> {
    signal?.throwIfAborted();
    return (await this.#files.size(layoutBlobPath(digest))) === size;
  }

  async locate({ digest }: Descriptor, { signal }: OperationOptions = {}): Promise<readonly Segment[] | undefined> {
    signal?.throwIfAborted();
    const path = layoutBlobPath(digest);
    if ((await this.#files.size(path)) === undefined) throw this.#missing(`content ${digest}`);
    const segment = await this.#files.segment(path);
    return segment === undefined ? undefined : [segment];
  }

  async resolveBlob(digest: Digest, { signal }: OperationOptions = {}): Promise<Descriptor> {
    signal?.throwIfAborted();
    const size = await this.#files.size(layoutBlobPath(digest));
    if (size === undefined) throw this.#missing(`blob ${digest}`);
    return { mediaType: BLOB_MEDIA_TYPE, digest, size };
  }

  async resolve(nameOrDigest: string, options: OperationOptions = {}): Promise<Descriptor> {
    options.signal?.throwIfAborted();
    const entries = await this.entries(options);
    if (isDigest(nameOrDigest)) {
      const entry = entries.find(({ digest }) => digest === nameOrDigest);
      if (entry !== undefined) return unnamed(entry);
      const bytes = await this.#files.read(layoutBlobPath(nameOrDigest), MAX_MANIFEST_SIZE);
      if (bytes === undefined) throw this.#missing(`manifest ${nameOrDigest}`);
      return { mediaType: parseManifest(bytes).mediaType, digest: nameOrDigest, size: bytes.byteLength };
    }
    const found = entriesNamed(entries, nameOrDigest);
    const [first, ...others] = found;
    if (first === undefined) throw this.#missing(`image ${JSON.stringify(nameOrDigest)}`, entries);
    if (others.every(({ digest }) => digest === first.digest)) return unnamed(first);
    throw new KubecrateError(
      'CONFLICT',
      `${JSON.stringify(nameOrDigest)} names several images in ${JSON.stringify(this.#files.where)}`,
      { hint: `name one of them: ${found.map((entry) => `${nameOf(entry)}@${entry.digest}`).join(', ')}` },
    );
  }

  async *tags(options: OperationOptions = {}): AsyncGenerator<string> {
    const names = (await this.images(options)).flatMap((image) => image.names);
    yield* [...new Set(names)].sort();
  }

  /** @throws NotFoundError where this is no layout; KubecrateError INVALID_ARCHIVE where it is of an unknown version */
  async check({ signal }: OperationOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const bytes = await this.#files.read(LAYOUT_FILE, MAX_MANIFEST_SIZE);
    if (bytes === undefined) {
      throw new NotFoundError(`${JSON.stringify(this.#files.where)} is no OCI layout: it has no file ${LAYOUT_FILE}`, {
        hint: 'give the directory that holds oci-layout and index.json, or an archive',
      });
    }
    checkLayoutVersion(bytes, this.#files.where);
    if ((await this.#files.size(INDEX_FILE)) !== undefined) return;
    throw new NotFoundError(`${JSON.stringify(this.#files.where)} is no OCI layout: it has no file ${INDEX_FILE}`);
  }

  #missing(what: string, entries: readonly Descriptor[] = []): NotFoundError {
    const names = entries.map(nameOf).filter((name) => name !== undefined);
    const shown = names.slice(0, SHOWN_NAMES).join(', ');
    return new NotFoundError(
      `${what} is not in ${JSON.stringify(this.#files.where)}`,
      names.length === 0 ? {} : { hint: `it has ${shown}${names.length > SHOWN_NAMES ? ', ...' : ''}` },
    );
  }
}

const SHOWN_NAMES = 8;
