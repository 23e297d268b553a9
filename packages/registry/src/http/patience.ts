/** Trying one request again: how often, and after which wait. */

import { setTimeout as sleep } from 'node:timers/promises';
import { type OnEvent, type RetryPolicy, wrongContent } from '@kubecrate/content';
import { KubecrateError, messageOf, TransientError, toldWith } from '@kubecrate/errors';
import type { HostGate } from './host-gate.ts';

export interface PatienceOptions {
  readonly policy: RetryPolicy;
  readonly gate: HostGate;
  /** The host whose gate closes when it says that it is asked too often. */
  readonly host: string;
  /** What is being tried, for events. */
  readonly what: string;
  readonly onEvent?: OnEvent | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Counts the failures of one request. Only a `TransientError` is tried again. */
export class Patience {
  readonly #options: PatienceOptions;
  #attempt = 1;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** Something arrived: failures are counted from the start again. */
  renew(): void {
    this.#attempt = 1;
  }

  /**
   * Waits before the next attempt. Rejects with `error` where another attempt is no use; where the attempts are used up,
   * with an error that is no `TransientError` any more, so that nobody above tries all over again.
   */
  async afterFailure(error: unknown): Promise<void> {
    const { policy, gate, host, what, onEvent, signal } = this.#options;
    signal?.throwIfAborted();
    if (!(error instanceof TransientError)) throw tried(what, error);
    if (this.#attempt >= policy.attempts) throw tried(what, usedUp(error, this.#attempt));
    const delayMs = error.retryAfterMs ?? backoff(policy, this.#attempt);
    if (error.code === 'RATE_LIMITED') gate.pause(host, delayMs);
    this.#attempt += 1;
    onEvent?.({ type: 'retrying', what, attempt: this.#attempt, delayMs, reason: messageOf(error) });
    try {
      await sleep(delayMs, undefined, { signal });
    } catch (aborted) {
      signal?.throwIfAborted();
      throw aborted;
    }
  }
}

/** Runs `work` until it resolves or patience ends. */
export async function patiently<T>(patience: Patience, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      await patience.afterFailure(error);
    }
  }
}

function usedUp(error: TransientError, attempts: number): KubecrateError {
  const message = attempts === 1 ? error.message : `${error.message} (tried ${attempts} times)`;
  return new KubecrateError(error.code, message, {
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}

/** Many failures know only the host: what was tried, and of which repository, is said here. */
export function tried(what: string, error: unknown): unknown {
  const told = wrongContent(what, error);
  if (told !== error || !(error instanceof KubecrateError) || !NAMELESS.has(error.code)) return told;
  return error.message.includes(what) ? error : toldWith(`cannot ${what}`, error);
}

const NAMELESS: ReadonlySet<string> = new Set(['NETWORK', 'TLS', 'REGISTRY', 'RATE_LIMITED', 'UNAUTHORIZED', 'DENIED']);

/** Exponential, with full jitter. */
function backoff({ delayMs, maximumDelayMs, random }: RetryPolicy, attempt: number): number {
  return Math.round(random() * Math.min(maximumDelayMs, delayMs * 2 ** (attempt - 1)));
}
