/** The content of the files of one layer, read where it lies. */

import type { Readable } from 'node:stream';
import type { FetchOptions, Segment } from '@kubecrate/content';
import { type FileExtent, readSegments, sliceSegments } from '@kubecrate/files';

/** A run of bytes of a layer's tar. */
export interface ContentRange {
  readonly offset: number;
  readonly length: number;
}

/** Gives the content of files by where they are in the tar of the layer. */
export interface LayerContent {
  open(range: ContentRange, options: FetchOptions): Promise<Readable>;
  /** Where the bytes lie on disk as they are, if they do. */
  extent(range: ContentRange): FileExtent | undefined;
}

/** The content of a plain tar whose bytes lie on this machine's disks. */
export class SegmentContent implements LayerContent {
  readonly #segments: readonly Segment[];
  /** Where each segment begins, to find one of many by halving. */
  readonly #starts: readonly number[];

  constructor(segments: readonly Segment[]) {
    this.#segments = segments;
    const starts = [];
    let start = 0;
    for (const segment of segments) {
      starts.push(start);
      start += segment.kind === 'literal' ? segment.bytes.byteLength : segment.length;
    }
    this.#starts = starts;
  }

  async open({ offset, length }: ContentRange, { start = 0, ...options }: FetchOptions): Promise<Readable> {
    return readSegments(this.#slice({ offset: offset + start, length: length - start }), options);
  }

  extent(range: ContentRange): FileExtent | undefined {
    const [segment, more] = this.#slice(range);
    if (segment?.kind !== 'file' || more !== undefined) return undefined;
    const { path, offset, length } = segment;
    return { path, offset, length };
  }

  #slice({ offset, length }: ContentRange): readonly Segment[] {
    const first = this.#indexOf(offset);
    const last = this.#indexOf(offset + length);
    return sliceSegments(this.#segments.slice(first, last + 1), offset - (this.#starts[first] ?? 0), length);
  }

  /** The last segment that begins at or before `offset`. */
  #indexOf(offset: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low;
  }
}
