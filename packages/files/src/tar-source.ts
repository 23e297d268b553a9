/** Where a tar reader gets its bytes: a stream that passes by, or segments that are read where needed. */

import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { FileExtent } from './tree.ts';

/** Bytes read one after the other; everything is shorter than asked only at the end. */
export interface TarSource {
  /** Offset of the next byte, from 0. */
  readonly position: number;
  /** The next bytes: `length` of them, or those up to the end. */
  read(length: number): Promise<Buffer>;
  /** Passes over bytes and gives their number. */
  skip(length: number): Promise<number>;
}

/** A source that takes its bytes out of a stream as they come. */
export class StreamSource implements TarSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  #position = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  get position(): number {
    return this.#position;
  }

  /** Some of the next bytes, at most `limit`; empty at the end. */
  async some(limit: number): Promise<Buffer> {
    while (this.#rest.byteLength === 0) {
      const chunk = await this.#next();
      if (chunk === undefined) return Buffer.alloc(0);
      this.#rest = chunk;
    }
    const bytes = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(bytes.byteLength);
    this.#position += bytes.byteLength;
    return bytes;
  }

  async read(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      const bytes = await this.some(missing);
      if (bytes.byteLength === 0) break;
      parts.push(bytes);
      missing -= bytes.byteLength;
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  async skip(length: number): Promise<number> {
    let skipped = 0;
    while (skipped < length) {
      const bytes = await this.some(length - skipped);
      if (bytes.byteLength === 0) break;
      skipped += bytes.byteLength;
    }
    return skipped;
  }

  /** Ends the stream, read or not. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** A stream tells its error once and then seems to have ended, but an entry and the reader both ask. */
  async #next(): Promise<Buffer | undefined> {
    if (this.#failure !== undefined) throw this.#failure.error;
    try {
      const { value, done } = await this.#chunks.next();
      return done === true ? undefined : value;
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }
}

/** A run of the bytes of some content: in memory, or a part of a file. */
export type TarSegment =
  | { readonly kind: 'literal'; readonly bytes: Uint8Array }
  | ({ readonly kind: 'file' } & FileExtent);

/** A source whose bytes lie in memory and in files: it reads a window at a time and jumps over what is not asked for. */
export class SegmentSource implements TarSource, AsyncDisposable {
  readonly #segments: readonly TarSegment[];
  readonly #buffer = Buffer.alloc(WINDOW);
  /** Index of the segment in which the position lies, and where that segment begins. */
  #current = 0;
  #start = 0;
  #position = 0;
  #window: Uint8Array = new Uint8Array();
  #windowStart = 0;
  #open: { readonly path: string; readonly handle: FileHandle } | undefined;

  constructor(segments: readonly TarSegment[]) {
    this.#segments = segments;
  }

  get position(): number {
    return this.#position;
  }

  async read(length: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    let missing = length;
    while (missing > 0) {
      const at = this.#position - this.#windowStart;
      if (at >= this.#window.byteLength) {
        if ((await this.#load()) === 'end') break;
        continue;
      }
      // The window is filled again, so what is given away is a copy.
      const bytes = Buffer.from(this.#window.subarray(at, at + missing));
      parts.push(bytes);
      missing -= bytes.byteLength;
      this.#position += bytes.byteLength;
    }
    return Buffer.concat(parts);
  }

  async skip(length: number): Promise<number> {
    const from = this.#position;
    const to = from + length;
    for (let segment = this.#segment(from); segment !== undefined; segment = this.#segment(this.#position)) {
      this.#position = Math.min(to, this.#start + lengthOf(segment));
      if (this.#position === to) break;
    }
    return this.#position - from;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.handle.close();
  }

  async #load(): Promise<'loaded' | 'end'> {
    const segment = this.#segment(this.#position);
    if (segment === undefined) return 'end';
    if (segment.kind === 'literal') {
      [this.#window, this.#windowStart] = [segment.bytes, this.#start];
      return 'loaded';
    }
    const at = this.#position - this.#start;
    const handle = await this.#handle(segment.path);
    const { bytesRead } = await handle.read(
      this.#buffer,
      0,
      Math.min(WINDOW, segment.length - at),
      segment.offset + at,
    );
    [this.#window, this.#windowStart] = [this.#buffer.subarray(0, bytesRead), this.#position];
    return bytesRead === 0 ? 'end' : 'loaded';
  }

  /** The segment that holds the byte at `position`, which never goes back. */
  #segment(position: number): TarSegment | undefined {
    let segment = this.#segments[this.#current];
    while (segment !== undefined && position >= this.#start + lengthOf(segment)) {
      this.#start += lengthOf(segment);
      this.#current += 1;
      segment = this.#segments[this.#current];
    }
    return segment;
  }

  async #handle(path: string): Promise<FileHandle> {
    if (this.#open?.path === path) return this.#open.handle;
    await this[Symbol.asyncDispose]();
    const handle = await open(path, 'r');
    this.#open = { path, handle };
    return handle;
  }
}

function lengthOf(segment: TarSegment): number {
  return segment.kind === 'literal' ? segment.bytes.byteLength : segment.length;
}

/** Headers of small files lie within a few of each other: one read finds many. Bytes. */
const WINDOW = 64 * 1024;
