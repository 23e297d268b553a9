/** A stream over a generator that closes at once, also while the generator waits for something. */

import { Readable } from 'node:stream';

/** `Readable.from` waits for the generator before it closes; this calls `close`, which has to end the generator's waiting. */
export function closableStream(chunks: AsyncGenerator<Buffer>, close: () => void): Readable {
  return new Readable({
    async read(): Promise<void> {
      try {
        const { value, done } = await chunks.next();
        this.push(done === true ? null : value);
      } catch (error) {
        this.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    },
    destroy(error, callback): void {
      close();
      // A generator that rests at a `yield` still holds its timer; how it ends is nobody's concern.
      chunks.return(undefined).catch(() => {});
      callback(error);
    },
  });
}
