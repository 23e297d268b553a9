/** Images of a docker archive, whose manifests exist in memory alone: configuration and layers lie in the archive. */

import { Readable } from 'node:stream';
import type { FetchOptions, OperationOptions, Segment } from '@kubecrate/content';
import { NotFoundError } from '@kubecrate/errors';
import { type Descriptor, type Digest, descriptorOf, isDigest, MEDIA_TYPES } from '@kubecrate/oci';
import { startCheck } from '../blobs/start-check.ts';
import type { StoredFiles } from '../files/stored-files.ts';
import { entriesNamed, imagesOf, type NamedImage, named, unnamed } from '../layout/layout-index.ts';
import type { ArchiveContents } from './image-archive.ts';

/** Content that is in memory, or a file of the archive. */
export type MadeContent =
  | { readonly descriptor: Descriptor; readonly bytes: Buffer }
  | { readonly descriptor: Descriptor; readonly path: string };

/** The parts of an image as an archive gives them. */
export interface MadeImage {
  readonly config: MadeContent;
  readonly layers: readonly MadeContent[];
  readonly names: readonly string[];
}

/** Images by their names, content by its digest. */
export class MadeImages implements ArchiveContents {
  readonly #files: StoredFiles;
  readonly #contents = new Map<Digest, MadeContent>();
  readonly #entries: Descriptor[] = [];

  constructor(files: StoredFiles, images: readonly MadeImage[]) {
    this.#files = files;
    for (const image of images) this.#add(image);
  }

  async images({ signal }: OperationOptions = {}): Promise<readonly NamedImage[]> {
    signal?.throwIfAborted();
    return imagesOf(this.#entries);
  }

  async digests(): Promise<readonly Digest[]> {
    return [...this.#contents.keys()];
  }

  async *tags(options: OperationOptions = {}): AsyncGenerator<string> {
    yield* [...new Set((await this.images(options)).flatMap(({ names }) => names))].sort();
  }

  async resolve(nameOrDigest: string, { signal }: OperationOptions = {}): Promise<Descriptor> {
    signal?.throwIfAborted();
    const found = isDigest(nameOrDigest)
      ? this.#entries.find(({ digest }) => digest === nameOrDigest)
      : entriesNamed(this.#entries, nameOrDigest).at(-1);
    if (found === undefined) throw this.#missing(`image ${JSON.stringify(nameOrDigest)}`);
    return unnamed(found);
  }

  async exists({ digest, size }: Descriptor, { signal }: OperationOptions = {}): Promise<boolean> {
    signal?.throwIfAborted();
    return this.#contents.get(digest)?.descriptor.size === size;
  }

  async resolveBlob(digest: Digest, { signal }: OperationOptions = {}): Promise<Descriptor> {
    signal?.throwIfAborted();
    return this.#content(digest).descriptor;
  }

  async fetch(descriptor: Descriptor, { signal, start = 0 }: FetchOptions = {}): Promise<Readable> {
    signal?.throwIfAborted();
    const content = this.#content(descriptor.digest);
    startCheck(descriptor, start, content.descriptor.size);
    if ('path' in content) return await this.#files.open(content.path, start, { signal });
    return Readable.from([content.bytes.subarray(start)], { objectMode: false });
  }

  async locate({ digest }: Descriptor, { signal }: OperationOptions = {}): Promise<readonly Segment[] | undefined> {
    signal?.throwIfAborted();
    const content = this.#content(digest);
    if ('bytes' in content) return [{ kind: 'literal', bytes: content.bytes }];
    const segment = await this.#files.segment(content.path);
    return segment === undefined ? undefined : [segment];
  }

  #add({ config, layers, names }: MadeImage): void {
    const manifest = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      config: config.descriptor,
      layers: layers.map(({ descriptor }) => descriptor),
    };
    const bytes = Buffer.from(JSON.stringify(manifest));
    const descriptor = descriptorOf(MEDIA_TYPES.ociManifest, bytes);
    for (const content of [config, ...layers, { descriptor, bytes }]) {
      this.#contents.set(content.descriptor.digest, content);
    }
    this.#entries.push(...(names.length === 0 ? [descriptor] : names.map((name) => named(descriptor, name))));
  }

  #content(digest: Digest): MadeContent {
    const content = this.#contents.get(digest);
    if (content === undefined) throw this.#missing(`content ${digest}`);
    return content;
  }

  #missing(what: string): NotFoundError {
    return new NotFoundError(`${what} is not in ${JSON.stringify(this.#files.where)}`);
  }
}
