/** Trying again what failed in passing. */

import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, TransientError } from '@kubecrate/errors';
import type { OnEvent } from './events.ts';

export interface RetryPolicy {
  /** Attempts in all; 1 means no second one. */
  readonly attempts: number;
  /** The wait before the second attempt, doubled for each that follows; milliseconds. */
  readonly delayMs: number;
  readonly maximumDelayMs: number;
  /** A number from 0 to 1: spreads the waits of several clients. */
  readonly random: () => number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 4, delayMs: 500, maximumDelayMs: 30_000, random: Math.random };

/** Runs `work` until it resolves, it fails for good, or the attempts are used up; only a `TransientError` is tried again. */
export async function retrying<T>(
  what: string,
  work: () => Promise<T>,
  options: {
    readonly policy: RetryPolicy;
    readonly onEvent?: OnEvent | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<T> {
  const { policy, onEvent, signal } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TransientError) || attempt >= policy.attempts || signal?.aborted === true) throw error;
      const delayMs = error.retryAfterMs ?? backoff(policy, attempt);
      onEvent?.({ type: 'retrying', what, attempt: attempt + 1, delayMs, reason: messageOf(error) });
      await sleep(delayMs, undefined, { signal });
    }
  }
}

/** Exponential, with full jitter. */
function backoff({ delayMs, maximumDelayMs, random }: RetryPolicy, attempt: number): number {
  return Math.round(random() * Math.min(maximumDelayMs, delayMs * 2 ** (attempt - 1)));
}
