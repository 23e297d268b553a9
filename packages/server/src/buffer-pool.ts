/** Buffers that responses read files into, used again and again: the one that was used last is still in the processor's cache. */

/** Lends buffers, large ones up to a bound, so that many slow clients do not take the memory. */
export class BufferPool {
  readonly #free: Buffer[] = [];
  #lent = 0;

  /** Lends a buffer for as long as `use` takes. After a failure it is not used again: the system may still read it. */
  async lend(use: (buffer: Buffer) => Promise<void>): Promise<void> {
    const buffer =
      this.#lent < MAX_LARGE ? (this.#free.pop() ?? Buffer.allocUnsafeSlow(LARGE)) : Buffer.allocUnsafeSlow(SMALL);
    this.#lent += 1;
    try {
      await use(buffer);
      if (buffer.byteLength === LARGE) this.#free.push(buffer);
    } finally {
      this.#lent -= 1;
    }
  }
}

const LARGE = 256 * 1024;
const SMALL = 32 * 1024;

/** 16 MiB of buffers. */
const MAX_LARGE = 64;
