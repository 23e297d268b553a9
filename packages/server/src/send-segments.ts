/** The fast way out for blobs on disk: read into a lent buffer, write it, wait until it has left. */

import type { ServerResponse } from 'node:http';
import type { BufferPool } from './buffer-pool.ts';
import type { SegmentReader } from './segment-reader.ts';

/** Sends `length` bytes of `reader` as the body of a response whose headers are set, and ends it. Rejects where the client goes away. */
export async function sendSegments(
  response: ServerResponse,
  reader: SegmentReader,
  length: number,
  pool: BufferPool,
): Promise<void> {
  const writer = new BodyWriter(response);
  for (let left = length; left > 0; ) {
    await pool.lend((buffer) => {
      const bytes = reader.read(left < buffer.byteLength ? buffer.subarray(0, left) : buffer);
      left -= bytes;
      return writer.write(buffer.subarray(0, bytes));
    });
  }
  response.end();
}

/** Writes one buffer at a time. */
class BodyWriter {
  readonly #response: ServerResponse;
  #settle: (error?: Error | null) => void = () => undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.once('close', () => this.#settle(new Error('the client went away')));
  }

  /** Resolves when `bytes` have left this process and may be written over. */
  write(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = (error) => (error ? reject(error) : resolve());
      if (this.#response.destroyed) this.#settle(new Error('the client went away'));
      else this.#response.write(bytes, this.#settle);
    });
  }
}
