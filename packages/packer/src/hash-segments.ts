/** Digests of much content at once, off the main thread. */

import { once } from 'node:events';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { OperationOptions, Segment } from '@kubecrate/content';
import { fileError, KubecrateError } from '@kubecrate/errors';
import { type Digest, parseDigest } from '@kubecrate/oci';
import { type HashAnswer, hashOf } from './hash-of.ts';

/** A list of segments of at most so many bytes keeps this thread busy for some milliseconds only. */
const SMALL = 8 * 1024 * 1024;
/** While all small lists together have fewer bytes than this, they are hashed before another thread would have started. */
const FEW = 128 * 1024 * 1024;

/**
 * The sha256 of each list of segments, in the same order: computed in as many threads as there are cores, at most 4, and in this one
 * where there is little to do.
 * @throws KubecrateError NOT_FOUND, DENIED, IO, SIZE_MISMATCH where a file is shorter than its segment
 */
export async function hashSegments(
  contents: readonly (readonly Segment[])[],
  options: OperationOptions = {},
): Promise<readonly Digest[]> {
  const broken = new AbortController();
  const signal = options.signal === undefined ? broken.signal : AbortSignal.any([options.signal, broken.signal]);
  signal.throwIfAborted();
  const digests: Digest[] = [];
  const { here, elsewhere } = shared([...contents.entries()]);
  const jobs = elsewhere.values();
  const threads = Math.min(availableParallelism(), 4, elsewhere.length);
  try {
    await Promise.all([
      ...Array.from({ length: threads }, () => work(jobs, digests, signal)),
      workHere(here, digests, signal),
    ]);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    // One failure ends all: nobody waits for the other digests.
    broken.abort();
  }
  return digests;
}

/** A list of segments and its place among the answers. */
type Job = readonly [number, readonly Segment[]];

function shared(jobs: readonly Job[]): { readonly here: readonly Job[]; readonly elsewhere: readonly Job[] } {
  const small = jobs.filter(([, segments]) => sizeOf(segments) <= SMALL);
  if (small.reduce((sum, [, segments]) => sum + sizeOf(segments), 0) > FEW) return { here: [], elsewhere: jobs };
  return { here: small, elsewhere: jobs.filter((job) => !small.includes(job)) };
}

function sizeOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, part) => sum + (part.kind === 'literal' ? part.bytes.byteLength : part.length), 0);
}

/** This thread has other things to do too: it looks at them after each list. */
async function workHere(jobs: readonly Job[], digests: Digest[], signal: AbortSignal): Promise<void> {
  for (const [i, segments] of jobs) {
    await setImmediate(undefined, { signal });
    digests[i] = digestOfAnswer(hashOf(segments));
  }
}

/** One thread, that takes jobs as long as there are any. */
async function work(jobs: Iterable<Job>, digests: Digest[], signal: AbortSignal): Promise<void> {
  const worker = new Worker(createRequire(import.meta.url).resolve('@kubecrate/packer/hash-worker'));
  try {
    for (const [i, segments] of jobs) {
      const answered = once(worker, 'message', { signal });
      worker.postMessage(segments);
      const [answer] = (await answered) as [HashAnswer];
      digests[i] = digestOfAnswer(answer);
    }
  } finally {
    await worker.terminate();
  }
}

function digestOfAnswer(answer: HashAnswer): Digest {
  if ('hex' in answer) return parseDigest(`sha256:${answer.hex}`);
  const what = `cannot read ${JSON.stringify(answer.path)}`;
  if (answer.code === undefined) throw new KubecrateError('SIZE_MISMATCH', `${what}: ${answer.message}`);
  throw fileError(what, Object.assign(new Error(answer.message), { code: answer.code }));
}
