/** Who may use the network and the disk now: one scheduler a run, over everything the run moves. */

/** How much may go on at once. */
export interface Limits {
  /** Large transfers in all. */
  readonly blobs: number;
  /** Large transfers that touch one host. */
  readonly blobsPerHost: number;
  /** Small requests (HEAD, manifests) that touch one host; they never wait behind large transfers. */
  readonly requestsPerHost: number;
}

/** About 32 connections fill a far registry (30 ms away, 50 MB/s a connection) and do not hurt a near one. */
export const DEFAULT_LIMITS: Limits = { blobs: 32, blobsPerHost: 32, requestsPerHost: 16 };

/** A piece of work that waits for its turn. */
export interface Turn {
  readonly lane: 'request' | 'blob';
  /** The hosts it talks to; empty for work on this machine alone. */
  readonly hosts: readonly string[];
  /** Waiting work of higher weight goes first: the size of a blob in bytes. */
  readonly weight: number;
  readonly signal?: AbortSignal | undefined;
}

interface Waiting {
  readonly turn: Turn;
  readonly start: () => void;
}

/** Hands out turns: within the limits, the heaviest waiting work first. */
export class Scheduler {
  readonly #limits: Limits;
  readonly #waiting: Waiting[] = [];
  readonly #active = new Map<string, number>();

  constructor(limits: Limits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /** Runs `work` when its turn comes. @throws the reason of `turn.signal` where it is aborted before */
  async run<T>(turn: Turn, work: () => Promise<T>): Promise<T> {
    await this.#turn(turn);
    try {
      turn.signal?.throwIfAborted();
      return await work();
    } finally {
      this.#count(turn, -1);
      this.#startWaiting();
    }
  }

  #turn(turn: Turn): Promise<void> {
    turn.signal?.throwIfAborted();
    if (this.#fits(turn)) {
      this.#count(turn, 1);
      return Promise.resolve();
    }
    const { promise, resolve, reject } = withResolvers();
    const waiting: Waiting = { turn, start: resolve };
    this.#enqueue(waiting);
    const onAbort = (): void => {
      const at = this.#waiting.indexOf(waiting);
      if (at === -1) return;
      this.#waiting.splice(at, 1);
      reject(turn.signal?.reason);
    };
    turn.signal?.addEventListener('abort', onAbort, { once: true });
    return promise.finally(() => turn.signal?.removeEventListener('abort', onAbort));
  }

  /** Keeps the heaviest first; equal weights keep the order in which they came. */
  #enqueue(waiting: Waiting): void {
    let low = 0;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#waiting[middle]?.turn.weight ?? 0) >= waiting.turn.weight) low = middle + 1;
      else high = middle;
    }
    this.#waiting.splice(low, 0, waiting);
  }

  #startWaiting(): void {
    for (let i = 0; i < this.#waiting.length; ) {
      const waiting = this.#waiting[i];
      if (waiting === undefined || !this.#fits(waiting.turn)) {
        i += 1;
        continue;
      }
      this.#waiting.splice(i, 1);
      this.#count(waiting.turn, 1);
      waiting.start();
    }
  }

  #fits({ lane, hosts }: Turn): boolean {
    if (lane === 'blob' && this.#running('blob') >= this.#limits.blobs) return false;
    const limit = lane === 'blob' ? this.#limits.blobsPerHost : this.#limits.requestsPerHost;
    return hosts.every((host) => this.#running(`${lane} ${host}`) < limit);
  }

  #count({ lane, hosts }: Turn, by: 1 | -1): void {
    for (const key of [lane, ...hosts.map((host) => `${lane} ${host}`)]) this.#active.set(key, this.#running(key) + by);
  }

  #running(key: string): number {
    return this.#active.get(key) ?? 0;
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (reason: unknown) => void } {
  let resolve: () => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
