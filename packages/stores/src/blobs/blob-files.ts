/** Content in files named by digest: what a registry directory, an OCI layout and a KubeKey directory have in common. */

import { statSync } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type {
  BlobResolver,
  BulkReceiver,
  FetchOptions,
  Fill,
  Linker,
  Locator,
  OperationOptions,
  Segment,
  Store,
} from '@kubecrate/content';
import { fileError, isMissing, NotFoundError } from '@kubecrate/errors';
import { type Descriptor, type Digest, hexOf } from '@kubecrate/oci';
import { SMALL_FILE, type Staging } from '../staging/staging.ts';
import { startCheck } from './start-check.ts';
import { readVerified, writeVerified } from './write-verified.ts';

/**
 * A pool of blobs, one file each. A file whose size is not the descriptor's (a power cut can leave one) counts as absent,
 * and the next push replaces it.
 */
export class BlobFiles implements Store, BlobResolver, Locator, Linker, BulkReceiver {
  readonly #staging: Staging;
  readonly #pathOf: (digest: Digest) => string;

  /** `pathOf` gives the file of a digest; it lies on the file system of `staging`. */
  constructor(staging: Staging, pathOf: (digest: Digest) => string) {
    this.#staging = staging;
    this.#pathOf = pathOf;
  }

  /** The bytes of a stored blob, or undefined where it is not stored. */
  async sizeOf(digest: Digest): Promise<number | undefined> {
    const path = this.#pathOf(digest);
    try {
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats?.isFile() === true ? stats.size : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw fileError(`cannot look at ${JSON.stringify(path)}`, error);
    }
  }

  async exists(descriptor: Descriptor, { signal }: OperationOptions = {}): Promise<boolean> {
    signal?.throwIfAborted();
    return (await this.sizeOf(descriptor.digest)) === descriptor.size;
  }

  async resolveBlob(digest: Digest, { signal }: OperationOptions = {}): Promise<Descriptor> {
    signal?.throwIfAborted();
    const size = await this.sizeOf(digest);
    if (size === undefined) throw new NotFoundError(`blob ${digest} is not there`);
    return { mediaType: BLOB_MEDIA_TYPE, digest, size };
  }

  async fetch(descriptor: Descriptor, { signal, start = 0 }: FetchOptions = {}): Promise<Readable> {
    signal?.throwIfAborted();
    const path = this.#pathOf(descriptor.digest);
    try {
      const handle = await open(path, 'r');
      try {
        startCheck(descriptor, start, (await handle.stat()).size);
        return handle.createReadStream({
          start,
          highWaterMark: READ_SIZE,
          signal,
        });
      } catch (error) {
        await handle.close();
        throw error;
      }
    } catch (error) {
      if (isMissing(error)) throw new NotFoundError(`content ${descriptor.digest} is not there`, { cause: error });
      throw fileError(`cannot read ${JSON.stringify(path)}`, error);
    }
  }

  async push(descriptor: Descriptor, content: Readable, { signal }: OperationOptions = {}): Promise<void> {
    // The stream may fail before it is read; it tells again when it is.
    content.on('error', () => undefined);
    try {
      if (await this.exists(descriptor, { signal })) return;
      if (descriptor.size <= SMALL_FILE) {
        await this.#staging.write(this.#pathOf(descriptor.digest), await readVerified(descriptor, content, signal));
        return;
      }
      await using file = await this.#staging.create(hexOf(descriptor.digest));
      await writeVerified(file.path, descriptor, content, signal);
      await file.publish(this.#pathOf(descriptor.digest));
    } catch (error) {
      throw fileError(`cannot write ${JSON.stringify(this.#pathOf(descriptor.digest))}`, error);
    } finally {
      content.destroy();
    }
  }

  async receive(
    descriptor: Descriptor,
    fill: Fill,
    { signal }: OperationOptions = {},
  ): Promise<'received' | 'declined'> {
    if (await this.exists(descriptor, { signal })) return 'received';
    await using file = await this.#staging.resume(hexOf(descriptor.digest));
    try {
      if ((await fill({ path: file.path })) === 'declined') {
        file.keep();
        return 'declined';
      }
    } catch (error) {
      file.keep();
      throw fileError(`cannot write ${JSON.stringify(this.#pathOf(descriptor.digest))}`, error);
    }
    signal?.throwIfAborted();
    await file.publish(this.#pathOf(descriptor.digest));
    return 'received';
  }

  async link(descriptor: Descriptor, path: string, { signal }: OperationOptions = {}): Promise<'linked' | 'declined'> {
    if (await this.exists(descriptor, { signal })) return 'linked';
    const { size, mode } = await statFile(path);
    // A hard link shares the mode: what others cannot read there, they could not read here.
    if (size !== descriptor.size || (mode & READABLE_BY_ALL) !== READABLE_BY_ALL) return 'declined';
    await using file = await this.#staging.adopt(path, hexOf(descriptor.digest));
    if (file === undefined) return 'declined';
    await file.publish(this.#pathOf(descriptor.digest));
    return 'linked';
  }

  async locate(descriptor: Descriptor, { signal }: OperationOptions = {}): Promise<readonly Segment[]> {
    signal?.throwIfAborted();
    const size = await this.sizeOf(descriptor.digest);
    if (size === undefined) throw new NotFoundError(`content ${descriptor.digest} is not there`);
    return [{ kind: 'file', path: this.#pathOf(descriptor.digest), offset: 0, length: size }];
  }

  /** Removes the file of a blob. */
  async remove(digest: Digest): Promise<void> {
    const path = this.#pathOf(digest);
    try {
      await rm(path, { force: true });
    } catch (error) {
      throw fileError(`cannot remove ${JSON.stringify(path)}`, error);
    }
  }
}

async function statFile(path: string): Promise<{ readonly size: number; readonly mode: number }> {
  try {
    return await stat(path);
  } catch (error) {
    throw fileError(`cannot look at ${JSON.stringify(path)}`, error);
  }
}

/** Of content of which nothing but the digest is known. */
export const BLOB_MEDIA_TYPE = 'application/octet-stream';

const READABLE_BY_ALL = 0o444;

/** Bytes of a read. */
const READ_SIZE = 512 * 1024;
