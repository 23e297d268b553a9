import { expect, test } from 'vitest';
import { closableStream } from './closable-stream.ts';

/** What becomes of a generator whose stream is destroyed; `before` gets the stream while the generator waits or rests. */
async function endOf(generator: (wait: Promise<never>) => AsyncGenerator<Buffer>, reads: number): Promise<string[]> {
  const seen: string[] = [];
  let close: (reason: Error) => void = () => undefined;
  const wait = new Promise<never>((_resolve, reject) => {
    close = reject;
  });
  wait.catch(() => undefined);
  const watched = (async function* (): AsyncGenerator<Buffer> {
    try {
      yield* generator(wait);
    } finally {
      seen.push('ended');
    }
  })();
  const stream = closableStream(watched, () => {
    seen.push('closed');
    close(new Error('closed'));
  });
  const chunks = stream[Symbol.asyncIterator]();
  for (let i = 0; i < reads; i += 1) await chunks.next();
  stream.destroy();
  await expect.poll(() => seen.length).toBe(2);
  return seen;
}

test('a stream that is closed ends a generator that waits for something', async () => {
  const seen = await endOf(async function* (wait) {
    yield Buffer.from('a');
    await wait;
  }, 1);
  expect(seen).toEqual(['closed', 'ended']);
});

test('and one that rests at what it gave', async () => {
  const seen = await endOf(async function* () {
    for (;;) yield Buffer.alloc(100_000);
  }, 1);
  expect(seen).toEqual(['closed', 'ended']);
});
