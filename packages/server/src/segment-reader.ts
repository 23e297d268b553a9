/** Reading content that lies in segments, synchronously: from the page cache that costs less than any other way. */

import { closeSync, openSync, readSync } from 'node:fs';
import type { Segment } from '@kubecrate/content';
import { fileError, isMissing, KubecrateError, NotFoundError } from '@kubecrate/errors';

/** Bytes of a list of segments. */
export function sizeOfSegments(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + lengthOf(segment), 0);
}

/** Fills buffers with the bytes of segments, from byte `start` on; holds at most one file open. */
export class SegmentReader implements Disposable {
  readonly #segments: readonly Segment[];
  #index = 0;
  /** Bytes of the current segment that are behind. */
  #position = 0;
  #file: number | undefined;

  constructor(segments: readonly Segment[], start: number) {
    this.#segments = segments;
    this.#position = start;
    this.#skip();
    this.#open();
  }

  /** Fills `buffer`, or what is left of the content into its beginning; gives the number of bytes. */
  read(buffer: Buffer): number {
    let filled = 0;
    while (filled < buffer.byteLength) {
      const segment = this.#segments[this.#index];
      if (segment === undefined) break;
      const bytes = this.#readFrom(segment, buffer.subarray(filled));
      filled += bytes;
      this.#position += bytes;
      this.#skip();
    }
    return filled;
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #readFrom(segment: Segment, buffer: Buffer): number {
    const wanted = Math.min(lengthOf(segment) - this.#position, buffer.byteLength);
    if (segment.kind === 'literal') {
      buffer.set(segment.bytes.subarray(this.#position, this.#position + wanted));
      return wanted;
    }
    const bytes = readSync(this.#open() ?? -1, buffer, 0, wanted, segment.offset + this.#position);
    if (bytes > 0) return bytes;
    throw new KubecrateError('IO', `${JSON.stringify(segment.path)} ends before its content does`);
  }

  /** Goes on to the segment that holds the next byte. */
  #skip(): void {
    for (;;) {
      const segment = this.#segments[this.#index];
      if (segment === undefined || this.#position < lengthOf(segment)) return;
      this.#position -= lengthOf(segment);
      this.#index += 1;
      this[Symbol.dispose]();
    }
  }

  #open(): number | undefined {
    const segment = this.#segments[this.#index];
    if (this.#file !== undefined || segment === undefined || segment.kind === 'literal') return this.#file;
    try {
      this.#file = openSync(segment.path, 'r');
    } catch (error) {
      if (isMissing(error)) throw new NotFoundError(`${JSON.stringify(segment.path)} is not there`, { cause: error });
      throw fileError(`cannot read ${JSON.stringify(segment.path)}`, error);
    }
    return this.#file;
  }
}

function lengthOf(segment: Segment): number {
  return segment.kind === 'literal' ? segment.bytes.byteLength : segment.length;
}
