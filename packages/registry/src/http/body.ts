/** Reading the bodies of answers: with a limit in bytes, or with an eye on the clock. */

import type { Readable } from 'node:stream';
import { KubecrateError } from '@kubecrate/errors';
import { connectionFailure, stallFailure } from './failure.ts';
import { type Answer, bytesHeader, type StreamedAnswer } from './wire.ts';

export interface BodyOptions {
  readonly url: URL;
  /** Without a byte for so long, the connection is given up; milliseconds. */
  readonly stallMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The bytes of a body. Time counts only while this side waits, so that a slow reader stalls nobody.
 * The connection is closed where the reader stops early.
 */
export async function* bodyChunks(body: Readable, { url, stallMs, signal }: BodyOptions): AsyncGenerator<Buffer> {
  let waiting = true;
  const clock = setTimeout(() => {
    if (waiting) body.destroy(stallFailure(url, stallMs));
    else clock.refresh();
  }, stallMs);
  const abort = (): void => void body.destroy(signal?.reason instanceof Error ? signal.reason : undefined);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      waiting = false;
      yield chunk;
      signal?.throwIfAborted();
      waiting = true;
      clock.refresh();
    }
    signal?.throwIfAborted();
  } catch (error) {
    signal?.throwIfAborted();
    throw connectionFailure(error, { url });
  } finally {
    clearTimeout(clock);
    signal?.removeEventListener('abort', abort);
    body.destroy();
  }
}

/** A body as a whole. @throws KubecrateError LIMIT_EXCEEDED */
export async function readBody(
  answer: StreamedAnswer,
  options: BodyOptions & { readonly limit: number },
): Promise<Buffer> {
  const tooLarge = (size: string): KubecrateError =>
    new KubecrateError(
      'LIMIT_EXCEEDED',
      `${options.url.host} answered with ${size} bytes where at most ${options.limit} are read`,
    );
  const said = bytesHeader(answer, 'content-length') ?? 0;
  if (said > options.limit) {
    answer.body.destroy();
    throw tooLarge(String(said));
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bodyChunks(answer.body, options)) {
    size += chunk.byteLength;
    if (size > options.limit) throw tooLarge(`more than ${options.limit}`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Gives up a body that nobody reads: a short one is drained, so that its connection serves again. */
export function discard(answer: Answer & { readonly body?: Readable }): void {
  const { body } = answer;
  if (body === undefined) return;
  body.on('error', () => {}); // nobody reads this body: how it ends is nobody's concern
  if ((bytesHeader(answer, 'content-length') ?? Number.POSITIVE_INFINITY) <= SHORT) body.resume();
  else body.destroy();
}

const SHORT = 64 * 1024;
