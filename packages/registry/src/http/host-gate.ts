/** Hosts that asked to be left alone for a while; the others are not held up. */

import { setTimeout as sleep } from 'node:timers/promises';

export class HostGate {
  readonly #openAt = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Lets nobody through to `host` for so many milliseconds. */
  pause(host: string, milliseconds: number): void {
    const until = this.#now() + milliseconds;
    if (until > (this.#openAt.get(host) ?? 0)) this.#openAt.set(host, until);
  }

  /** Resolves when requests to `host` may be sent. */
  async pass(host: string, signal?: AbortSignal): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const wait = (this.#openAt.get(host) ?? 0) - this.#now();
      if (wait <= 0) return;
      await sleep(Math.min(wait, LONGEST_TIMER), undefined, { signal }).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw error;
      });
    }
  }
}

const LONGEST_TIMER = 60_000;
