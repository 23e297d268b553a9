/** A file that fills with a blob: written, hashed and counted in one place. Everything here is synchronous: it runs in a worker. */

import { createHash, type Hash } from 'node:crypto';
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { Filling, Verdict } from './filling.ts';

export interface BlobFileOptions {
  readonly path: string;
  readonly size: number;
  readonly algorithm: string;
  readonly digest: string;
  readonly framing?: { readonly before: Uint8Array; readonly after: Uint8Array } | undefined;
  /** Memory to read through; used by one reader at a time. */
  readonly scratch: Buffer;
}

/** Small pieces are gathered to this before they are hashed and written; bytes. */
const GATHER = 128 * 1024;

/** One blob on its way into a file. */
export class BlobFile implements Filling {
  readonly #options: BlobFileOptions;
  readonly #fd: number;
  /** The length of the file before anything was done to it. */
  readonly #found: number;
  #hash: Hash;
  #framed: Hash | undefined;
  #have = 0;
  #gathered: Buffer | undefined;
  #gatheredBytes = 0;

  /** Opens the file, made where it is not there, and takes over the first bytes of the blob that it has. */
  constructor(options: BlobFileOptions) {
    this.#options = options;
    this.#fd = openSync(options.path, constants.O_RDWR | constants.O_CREAT, 0o644);
    this.#hash = createHash(options.algorithm);
    this.#framed = this.#startFramed();
    this.#found = fstatSync(this.#fd).size;
    if (this.#found <= options.size) this.#rehash(this.#found);
  }

  /** Bytes of the blob that are in the file or on their way into it. */
  get have(): number {
    return this.#have + this.#gatheredBytes;
  }

  /** Takes the next bytes. The memory may be used again as soon as this returns. */
  write(chunk: Buffer): 'more' {
    if (chunk.byteLength >= GATHER / 2 && this.#gatheredBytes === 0) {
      this.#store(chunk);
      return 'more';
    }
    for (let taken = 0; taken < chunk.byteLength; ) {
      this.#gathered ??= Buffer.allocUnsafeSlow(GATHER);
      const copied = chunk.copy(this.#gathered, this.#gatheredBytes, taken);
      this.#gatheredBytes += copied;
      taken += copied;
      if (this.#gatheredBytes === GATHER) this.flush();
    }
    return 'more';
  }

  /** Writes what was gathered. */
  flush(): void {
    if (this.#gathered === undefined || this.#gatheredBytes === 0) return;
    const gathered = this.#gathered.subarray(0, this.#gatheredBytes);
    this.#gatheredBytes = 0;
    this.#store(gathered);
  }

  /** Verifies the whole. A file of the wrong digest is emptied, and ready for another attempt. */
  finish(): Verdict {
    this.flush();
    const actual = this.#hash.digest('hex');
    if (actual !== this.#options.digest) {
      this.#restart();
      return { outcome: 'wrong', actual };
    }
    if (this.#framed === undefined) return { outcome: 'verified' };
    const framed = this.#framed.update(this.#options.framing?.after ?? '').digest('hex');
    return { outcome: 'verified', framed };
  }

  /** Closes the file; 'restore' takes away what was added. */
  close(content: 'keep' | 'restore'): void {
    try {
      if (content === 'keep') this.flush();
      else if (this.#have > this.#found) ftruncateSync(this.#fd, this.#found);
    } finally {
      closeSync(this.#fd);
    }
  }

  #store(bytes: Buffer): void {
    // What a file has beyond the blob goes before the first byte comes; until then it is as it was found.
    if (this.#have === 0 && this.#found > this.#options.size) ftruncateSync(this.#fd, 0);
    for (let done = 0; done < bytes.byteLength; ) {
      done += writeSync(this.#fd, bytes, done, bytes.byteLength - done, this.#have + done);
    }
    this.#count(bytes);
  }

  #count(bytes: Buffer): void {
    this.#hash.update(bytes);
    this.#framed?.update(bytes);
    this.#have += bytes.byteLength;
  }

  #rehash(length: number): void {
    const { scratch } = this.#options;
    while (this.#have < length) {
      const read = readSync(this.#fd, scratch, 0, Math.min(scratch.byteLength, length - this.#have), this.#have);
      if (read === 0) return;
      this.#count(scratch.subarray(0, read));
    }
  }

  #restart(): void {
    ftruncateSync(this.#fd, 0);
    this.#hash = createHash(this.#options.algorithm);
    this.#framed = this.#startFramed();
    this.#have = 0;
  }

  #startFramed(): Hash | undefined {
    const { framing } = this.#options;
    return framing === undefined ? undefined : createHash('sha256').update(framing.before);
  }
}
