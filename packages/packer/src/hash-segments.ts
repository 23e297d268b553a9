/** Digests of much content at once, off the main thread. */

import { once } from 'node:events';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { OperationOptions, Segment } from '@kubecrate/content';
import { fileError, KubecrateError } from '@kubecrate/errors';
import { type Digest, parseDigest } from '@kubecrate/oci';
import type { HashAnswer } from './hash-worker.ts';

/**
 * The sha256 of each list of segments, in the same order; computed in as many threads as there are cores, at most 4.
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
  const jobs = contents.entries();
  const threads = Math.min(availableParallelism(), 4, contents.length);
  try {
    await Promise.all(Array.from({ length: threads }, () => work(jobs, digests, signal)));
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    // One failure ends all: nobody waits for the other digests.
    broken.abort();
  }
  return digests;
}

/** One thread, that takes jobs as long as there are any. */
async function work(
  jobs: Iterable<[number, readonly Segment[]]>,
  digests: Digest[],
  signal: AbortSignal,
): Promise<void> {
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
