/** Who may use the network and the disk now: one scheduler a run, over everything the run moves. */

/** How much may go on at once. */
export interface Limits {
  /** Large transfers in all. */
  readonly blobs: number;
  /** Large transfers that touch one host. */
  readonly blobsPerHost: number;
  /** Small requests (HEAD, manifests, small blobs) that touch one host; they never wait behind large transfers. */
  readonly requestsPerHost: number;
}

/** About 32 connections fill a far registry (30 ms away, 50 MB/s a connection) and do not hurt a near one. */
export const DEFAULT_LIMITS: Limits = { blobs: 32, blobsPerHost: 32, requestsPerHost: 16 };

/** A piece of work that waits for its turn. */
export interface Turn {
  readonly lane: 'request' | 'blob';
  /** The hosts it talks to; empty for work on this machine alone. */
  readonly hosts: readonly string[];
  /** Waiting work of higher weight goes first: the size of a large blob in bytes; a small one has less than a request. */
  readonly weight: number;
  readonly signal?: AbortSignal | undefined;
}

interface Waiting {
  readonly turn: Turn;
  /** The order in which they came. */
  readonly number: number;
  readonly start: () => void;
  readonly giveUp: (reason: unknown) => void;
}

/** Work of one lane for the same hosts: either all of it fits or none, so that only the first has to be looked at. */
interface Queue {
  /** What its work counts for: the lane, and the lane at each host. */
  readonly counters: readonly string[];
  /** The heaviest last; of equal weights, the one that came first last. */
  waiting: Waiting[];
}

/** One listener for all waiting work of a signal: a signal with thousands of listeners is slow. */
interface Watch {
  waiting: number;
  readonly onAbort: () => void;
}

/** Hands out turns: within the limits, the heaviest waiting work first. */
export class Scheduler {
  readonly #limits: Limits;
  readonly #queues = new Map<string, Queue>();
  readonly #active = new Map<string, number>();
  readonly #watched = new Map<AbortSignal, Watch>();
  #arrived = 0;

  constructor(limits: Limits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /** Runs `work` when its turn comes. @throws the reason of `turn.signal` where it is aborted before */
  async run<T>(turn: Turn, work: () => Promise<T>): Promise<T> {
    const queue = this.#queueOf(turn);
    await this.#turn(turn, queue);
    try {
      turn.signal?.throwIfAborted();
      return await work();
    } finally {
      this.#count(queue, -1);
      this.#startWaiting();
    }
  }

  #queueOf({ lane, hosts }: Turn): Queue {
    const counters = [lane, ...hosts.map((host) => `${lane} ${host}`)];
    const key = counters.join('\n');
    const found = this.#queues.get(key);
    if (found !== undefined) return found;
    const made: Queue = { counters, waiting: [] };
    this.#queues.set(key, made);
    return made;
  }

  #turn(turn: Turn, queue: Queue): Promise<void> {
    turn.signal?.throwIfAborted();
    if (queue.waiting.length === 0 && this.#fits(queue)) {
      this.#count(queue, 1);
      return Promise.resolve();
    }
    const { promise, resolve, reject } = withResolvers();
    this.#arrived += 1;
    enqueue(queue, { turn, number: this.#arrived, start: resolve, giveUp: reject });
    this.#watch(turn.signal);
    return promise;
  }

  #startWaiting(): void {
    for (let queue = this.#next(); queue !== undefined; queue = this.#next()) {
      const waiting = queue.waiting.pop();
      this.#count(queue, 1);
      this.#unwatch(waiting?.turn.signal);
      waiting?.start();
    }
  }

  #watch(signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    const watch = this.#watched.get(signal) ?? { waiting: 0, onAbort: () => this.#giveUp(signal) };
    if (watch.waiting === 0) signal.addEventListener('abort', watch.onAbort, { once: true });
    watch.waiting += 1;
    this.#watched.set(signal, watch);
  }

  #unwatch(signal: AbortSignal | undefined): void {
    const watch = signal === undefined ? undefined : this.#watched.get(signal);
    if (signal === undefined || watch === undefined) return;
    watch.waiting -= 1;
    if (watch.waiting > 0) return;
    signal.removeEventListener('abort', watch.onAbort);
    this.#watched.delete(signal);
  }

  #giveUp(signal: AbortSignal): void {
    this.#watched.delete(signal);
    for (const queue of this.#queues.values()) {
      const given = queue.waiting.filter(({ turn }) => turn.signal === signal);
      queue.waiting = queue.waiting.filter(({ turn }) => turn.signal !== signal);
      for (const { giveUp } of given) giveUp(signal.reason);
    }
  }

  /** The queue whose first work is the heaviest that fits. */
  #next(): Queue | undefined {
    let best: Queue | undefined;
    for (const queue of this.#queues.values()) {
      const first = queue.waiting.at(-1);
      if (first === undefined || !this.#fits(queue)) continue;
      const before = best?.waiting.at(-1);
      if (before === undefined || goesBefore(first, before)) best = queue;
    }
    return best;
  }

  #fits({ counters: [lane = '', ...hosts] }: Queue): boolean {
    if (lane === 'blob' && this.#running('blob') >= this.#limits.blobs) return false;
    const limit = lane === 'blob' ? this.#limits.blobsPerHost : this.#limits.requestsPerHost;
    return hosts.every((host) => this.#running(host) < limit);
  }

  #count({ counters }: Queue, by: 1 | -1): void {
    for (const counter of counters) this.#active.set(counter, this.#running(counter) + by);
  }

  #running(counter: string): number {
    return this.#active.get(counter) ?? 0;
  }
}

function goesBefore(a: Waiting, b: Waiting): boolean {
  return a.turn.weight === b.turn.weight ? a.number < b.number : a.turn.weight > b.turn.weight;
}

function enqueue({ waiting }: Queue, added: Waiting): void {
  let low = 0;
  let high = waiting.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = waiting[middle];
    if (there !== undefined && goesBefore(added, there)) low = middle + 1;
    else high = middle;
  }
  waiting.splice(low, 0, added);
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
