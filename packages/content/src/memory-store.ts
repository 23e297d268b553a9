/** A target in memory: one repository in a `Map`. */

import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import type { Descriptor, Digest } from '@kubecrate/oci';
import { isDigest } from '@kubecrate/oci';
import type { BlobResolver, Deleter, TagLister } from './powers.ts';
import type { FetchOptions, OperationOptions, Target } from './target.ts';
import { verifying } from './verify.ts';

interface Entry {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
}

/** A repository that lives as long as the object; for tests and for small content made on the spot. */
export class MemoryStore implements Target, TagLister, BlobResolver, Deleter {
  readonly #blobs = new Map<Digest, Entry>();
  readonly #tags = new Map<string, Descriptor>();

  async fetch(descriptor: Descriptor, { signal, start = 0 }: FetchOptions = {}): Promise<Readable> {
    signal?.throwIfAborted();
    const entry = this.#entry(descriptor.digest);
    if (start > 0 && start >= entry.bytes.byteLength) {
      throw new KubecrateError(
        'INVALID_ARGUMENT',
        `cannot read ${descriptor.digest} from byte ${start}: it has ${entry.bytes.byteLength}`,
      );
    }
    return Readable.from([entry.bytes.subarray(start)], { objectMode: false });
  }

  async exists(descriptor: Descriptor, { signal }: OperationOptions = {}): Promise<boolean> {
    signal?.throwIfAborted();
    return this.#blobs.has(descriptor.digest);
  }

  async push(descriptor: Descriptor, content: Readable, { signal }: OperationOptions = {}): Promise<void> {
    const chunks: Uint8Array[] = [];
    try {
      signal?.throwIfAborted();
      await pipeline(content, verifying(descriptor), collecting(chunks), signal === undefined ? {} : { signal });
    } catch (error) {
      content.destroy();
      throw signal?.aborted ? signal.reason : error;
    }
    this.#blobs.set(descriptor.digest, { descriptor, bytes: Buffer.concat(chunks) });
  }

  async resolve(tagOrDigest: string, { signal }: OperationOptions = {}): Promise<Descriptor> {
    signal?.throwIfAborted();
    if (isDigest(tagOrDigest)) return this.#entry(tagOrDigest).descriptor;
    const descriptor = this.#tags.get(tagOrDigest);
    if (descriptor === undefined) throw new NotFoundError(`tag ${JSON.stringify(tagOrDigest)} is not there`);
    return descriptor;
  }

  async resolveBlob(digest: Digest, { signal }: OperationOptions = {}): Promise<Descriptor> {
    signal?.throwIfAborted();
    return this.#entry(digest).descriptor;
  }

  async tag(descriptor: Descriptor, tag: string, { signal }: OperationOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    this.#entry(descriptor.digest);
    const { mediaType, digest, size } = descriptor;
    this.#tags.set(tag, { mediaType, digest, size });
  }

  async *tags({ signal }: OperationOptions = {}): AsyncGenerator<string> {
    signal?.throwIfAborted();
    yield* [...this.#tags.keys()].sort();
  }

  async delete(descriptor: Descriptor, { signal }: OperationOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    this.#entry(descriptor.digest);
    this.#blobs.delete(descriptor.digest);
    for (const [tag, { digest }] of this.#tags) if (digest === descriptor.digest) this.#tags.delete(tag);
  }

  async untag(tag: string, { signal }: OperationOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (!this.#tags.delete(tag)) throw new NotFoundError(`tag ${JSON.stringify(tag)} is not there`);
  }

  #entry(digest: Digest): Entry {
    const entry = this.#blobs.get(digest);
    if (entry === undefined) throw new NotFoundError(`content ${digest} is not there`);
    return entry;
  }
}

function collecting(chunks: Uint8Array[]): Writable {
  return new Writable({
    write(chunk: Uint8Array, _encoding, callback): void {
      chunks.push(chunk);
      callback();
    },
  });
}
