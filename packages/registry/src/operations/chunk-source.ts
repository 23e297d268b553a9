/** Content in pieces of a size that may change on the way. */

import type { Readable } from 'node:stream';

/** Holds no more than one piece beside what the stream gave last. */
export class ChunkSource {
  readonly #content: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(content: Readable) {
    this.#content = (content as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  /** The next `size` bytes, fewer at the end; undefined after it. */
  async take(size: number): Promise<Buffer | undefined> {
    const pieces = [this.#held];
    let length = this.#held.byteLength;
    while (length < size) {
      const { value, done } = await this.#content.next();
      if (done === true) break;
      pieces.push(value);
      length += value.byteLength;
    }
    const whole = pieces.length === 1 ? this.#held : Buffer.concat(pieces);
    this.#held = whole.subarray(size);
    return length === 0 ? undefined : whole.subarray(0, size);
  }

  /** Bytes that were taken and not sent: they come first again. */
  putBack(bytes: Buffer): void {
    this.#held = Buffer.concat([bytes, this.#held]);
  }

  /** Closes the stream. */
  async close(): Promise<void> {
    await this.#content.return?.();
  }
}
