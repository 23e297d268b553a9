/** Stores that fail, dawdle or lie, around a store that does not. */

import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubecrateError, TransientError } from '@kubecrate/errors';
import type { Descriptor } from '@kubecrate/oci';
import type { Fetcher, FetchOptions, Store } from '../target.ts';
import { wrapping } from './wrapping.ts';

export interface FailureOptions {
  /** How many calls fail before the store gets well. Default: all. */
  readonly times?: number;
  /** Which content fails. Default: all. */
  readonly where?: (descriptor: Descriptor) => boolean;
}

/** `fetch` gives `byte` bytes and then breaks off with a TransientError, as a reset connection does. */
export function failingFetch<T extends Fetcher>(source: T, byte: number, options: FailureOptions = {}): T {
  const fails = failures(options);
  return wrappingFetch(source, (descriptor, chunks) =>
    fails(descriptor)
      ? brokenOff(chunks, byte, () => new TransientError('NETWORK', 'the connection was reset'))
      : chunks,
  );
}

/** `push` takes `byte` bytes and then fails with NO_SPACE, as a full disk does. */
export function failingPush<T extends Store>(store: T, byte: number, options: FailureOptions = {}): T {
  const fails = failures(options);
  const push: Store['push'] = async (descriptor, content, rest) => {
    if (!fails(descriptor)) return store.push(descriptor, content, rest);
    const full = (): Error => new KubecrateError('NO_SPACE', `cannot write ${descriptor.digest}: the disk is full`);
    const cut = Readable.from(brokenOff(content, byte, full), { objectMode: false });
    return store.push(descriptor, cut, rest);
  };
  return wrapping<Store>(store, { push }) as T;
}

/** Waits before each `fetch` and between its chunks; gives way to an abort. */
export function slow<T extends Fetcher>(source: T, delayMs: number): T {
  const fetch: Fetcher['fetch'] = async (descriptor, options = {}) => {
    await sleep(delayMs, undefined, options.signal === undefined ? {} : { signal: options.signal });
    const stream = await source.fetch(descriptor, options);
    return Readable.from(dawdling(stream, delayMs), { objectMode: false });
  };
  return wrapping<Fetcher>(source, { fetch }) as T;
}

/** What {@link lying} does to content. */
export type Lie = 'flipped-bit' | 'short' | 'long' | 'empty';

/** `fetch` gives something else than it should, without any error. */
export function lying<T extends Fetcher>(source: T, lie: Lie, options: FailureOptions = {}): T {
  const lies = failures(options);
  return wrappingFetch(source, (descriptor, chunks) => (lies(descriptor) ? LIES[lie](chunks) : chunks));
}

type Chunks = AsyncIterable<Buffer>;

function wrappingFetch<T extends Fetcher>(source: T, change: (descriptor: Descriptor, chunks: Chunks) => Chunks): T {
  const fetch = async (descriptor: Descriptor, options?: FetchOptions): Promise<Readable> => {
    const stream = await source.fetch(descriptor, options);
    return Readable.from(change(descriptor, stream), { objectMode: false });
  };
  return wrapping<Fetcher>(source, { fetch }) as T;
}

function failures({
  times = Number.POSITIVE_INFINITY,
  where = () => true,
}: FailureOptions): (descriptor: Descriptor) => boolean {
  let left = times;
  return (descriptor: Descriptor): boolean => {
    if (!where(descriptor) || left <= 0) return false;
    left -= 1;
    return true;
  };
}

async function* brokenOff(chunks: Chunks, byte: number, failure: () => Error): AsyncGenerator<Buffer> {
  let left = byte;
  for await (const chunk of chunks) {
    if (chunk.byteLength >= left) {
      if (left > 0) yield chunk.subarray(0, left);
      break;
    }
    left -= chunk.byteLength;
    yield chunk;
  }
  throw failure();
}

async function* dawdling(chunks: Chunks, delayMs: number): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    await sleep(delayMs);
    yield chunk;
  }
}

async function* flippedBit(chunks: Chunks): AsyncGenerator<Buffer> {
  let flips = 1;
  for await (const chunk of chunks) {
    const copy = Buffer.from(chunk);
    copy[0] = (copy[0] ?? 0) ^ flips;
    flips = 0;
    yield copy;
  }
}

async function* short(chunks: Chunks): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield chunk.subarray(0, chunk.byteLength - 1);
}

async function* long(chunks: Chunks): AsyncGenerator<Buffer> {
  yield* chunks;
  yield Buffer.of(0);
}

async function* empty(chunks: Chunks): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield chunk.subarray(0, 0);
}

const LIES: Readonly<Record<Lie, (chunks: Chunks) => AsyncGenerator<Buffer>>> = {
  'flipped-bit': flippedBit,
  short,
  long,
  empty,
};
