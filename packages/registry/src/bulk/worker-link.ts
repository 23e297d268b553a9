/** One worker thread and the conversations with it, by the number of the file they are about. */

import { Worker } from 'node:worker_threads';
import { KubecrateError, messageOf } from '@kubecrate/errors';
import type { FromWorker, ToWorker, WorkerOrigin } from './messages.ts';

/** An answer that ends a turn of the conversation about one file. */
export type Reply = Exclude<FromWorker, { type: 'progress' }>;

/** What is said about a file, before the turn is counted. */
export type Said = WithoutTurn<Exclude<ToWorker, { type: 'origin' }>>;

type WithoutTurn<M> = M extends unknown ? Omit<M, 'turn'> : never;

interface Conversation {
  readonly onProgress: (have: number) => void;
  turn: number;
  waiting: { resolve: (reply: Reply) => void; reject: (error: unknown) => void } | undefined;
}

/** A thread that lets the process end while it has nothing to do. */
export class WorkerLink {
  readonly #worker: Worker;
  readonly #conversations = new Map<number, Conversation>();
  readonly #origins = new Set<string>();
  #next = 1;
  #load = 0;
  #failure: unknown;

  constructor(script: string) {
    this.#worker = new Worker(script, { name: 'kubecrate bulk' });
    this.#worker.unref();
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (error) => this.#die(error));
    this.#worker.on('exit', (code) => this.#die(new Error(`the worker thread ended with code ${code}`)));
  }

  get isAlive(): boolean {
    return this.#failure === undefined;
  }

  /** Bytes that the files of this worker still want; for choosing the least busy one. */
  get load(): number {
    return this.#load;
  }

  /** Begins a conversation about a file of so many bytes; its number. */
  begin(bytes: number, onProgress: (have: number) => void): number {
    const file = this.#next++;
    this.#conversations.set(file, { onProgress, turn: 0, waiting: undefined });
    this.#load += bytes + 1;
    if (this.#conversations.size === 1) this.#worker.ref();
    return file;
  }

  /** Ends a conversation. */
  finish(file: number, bytes: number): void {
    if (!this.#conversations.delete(file)) return;
    this.#load -= bytes + 1;
    if (this.#conversations.size === 0) this.#worker.unref();
  }

  /** Ends the thread. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  /** Says something about a file and waits for the reply. */
  async say(message: Said): Promise<Reply> {
    const conversation = this.#conversations.get(message.file);
    if (this.#failure !== undefined || conversation === undefined) throw this.#gone();
    const { promise, resolve, reject } = withResolvers<Reply>();
    conversation.waiting = { resolve, reject };
    conversation.turn += 1;
    const said: ToWorker = { ...message, turn: conversation.turn };
    this.#worker.postMessage(said);
    return promise;
  }

  /** Makes an origin known, once. */
  know(key: string, origin: WorkerOrigin): void {
    if (this.#origins.has(key)) return;
    this.#origins.add(key);
    const message: ToWorker = { type: 'origin', key, origin };
    this.#worker.postMessage(message);
  }

  #receive(message: FromWorker): void {
    if (message.type === 'progress') {
      for (const [file, have] of message.files) this.#conversations.get(file)?.onProgress(have);
      return;
    }
    const conversation = this.#conversations.get(message.file);
    if (conversation === undefined || conversation.turn !== message.turn) return;
    conversation.waiting?.resolve(message);
    conversation.waiting = undefined;
  }

  #die(error: unknown): void {
    this.#failure ??= error;
    for (const conversation of this.#conversations.values()) conversation.waiting?.reject(this.#gone());
  }

  #gone(): KubecrateError {
    return new KubecrateError('IO', `a worker thread of this program failed: ${messageOf(this.#failure)}`, {
      cause: this.#failure,
    });
  }
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
