/** An image archive that is open for reading. */

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
import type { Descriptor, Digest } from '@kubecrate/oci';
import type { NamedImage } from '../layout/layout-index.ts';

/** The forms of an archive: an OCI layout, what docker save writes, and what it wrote before version 1.10. */
export type ArchiveFormat = 'oci-archive' | 'docker-archive' | 'docker-archive-legacy';

/** What an archive holds, whatever its form. */
export interface ArchiveContents extends ReadOnlyTarget, BlobResolver, Locator, TagLister {
  images(options?: OperationOptions): Promise<readonly NamedImage[]>;
  /** Every content that is there, needed or not. */
  digests(): Promise<readonly Digest[]>;
}

/** Content is read from where it lies in the file, which must not change meanwhile. Disposing of it removes what was unpacked. */
export class ImageArchive implements ArchiveContents, AsyncDisposable {
  readonly format: ArchiveFormat;
  readonly #contents: ArchiveContents;
  readonly #unpacked: AsyncDisposable | undefined;

  constructor(format: ArchiveFormat, contents: ArchiveContents, unpacked: AsyncDisposable | undefined) {
    this.format = format;
    this.#contents = contents;
    this.#unpacked = unpacked;
  }

  /** The images with their names, in the order of the archive. */
  images(options?: OperationOptions): Promise<readonly NamedImage[]> {
    return this.#contents.images(options);
  }

  digests(): Promise<readonly Digest[]> {
    return this.#contents.digests();
  }

  fetch(descriptor: Descriptor, options?: FetchOptions): Promise<Readable> {
    return this.#contents.fetch(descriptor, options);
  }

  exists(descriptor: Descriptor, options?: OperationOptions): Promise<boolean> {
    return this.#contents.exists(descriptor, options);
  }

  resolve(nameOrDigest: string, options?: OperationOptions): Promise<Descriptor> {
    return this.#contents.resolve(nameOrDigest, options);
  }

  resolveBlob(digest: Digest, options?: OperationOptions): Promise<Descriptor> {
    return this.#contents.resolveBlob(digest, options);
  }

  locate(descriptor: Descriptor, options?: OperationOptions): Promise<readonly Segment[] | undefined> {
    return this.#contents.locate(descriptor, options);
  }

  tags(options?: OperationOptions): AsyncIterable<string> {
    return this.#contents.tags(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#unpacked?.[Symbol.asyncDispose]();
  }
}
