/** A file that a worker fills, seen from the main thread. */

import type { BulkDestination, BulkResult } from '@kubecrate/content';
import { fileError, KubecrateError } from '@kubecrate/errors';
import { algorithmOf, type Descriptor, hexOf, parseDigest } from '@kubecrate/oci';
import { showingEach } from '../http/client-choice.ts';
import type { Destination } from '../http/failure.ts';
import type { Answer, WireRequest } from '../http/wire.ts';
import { withSignal } from '../http/with-signal.ts';
import type { BulkDoor } from './door.ts';
import type { WorkerFailure } from './messages.ts';
import { transferError } from './transfer-error.ts';
import type { Reply, WorkerLink } from './worker-link.ts';

export interface FilledFileOptions {
  readonly descriptor: Descriptor;
  readonly destination: BulkDestination;
  readonly onProgress: ((bytes: number) => void) | undefined;
  readonly door: Pick<BulkDoor, 'originOf' | 'timeouts' | 'showing'>;
}

/** An answer through the bulk door. */
export interface BulkAnswer extends Answer {
  /**
   * 'complete': the file is whole and verified. 'refused': another status than content. 'declined': what only the ordinary door
   * can fetch or read: a proxy, an encoded or unmeasured body, a head that this side does not understand.
   */
  readonly outcome: 'complete' | 'refused' | 'declined';
  /** The body of a refusal, where it was short. */
  readonly words: Uint8Array;
}

/** Closed by whoever opened it. */
export class FilledFile {
  readonly #worker: WorkerLink;
  readonly #options: FilledFileOptions;
  readonly #file: number;
  #have = 0;
  #result: BulkResult | undefined;

  private constructor(worker: WorkerLink, options: FilledFileOptions) {
    this.#worker = worker;
    this.#options = options;
    this.#file = worker.begin(options.descriptor.size, (have) => this.#grow(have));
  }

  /** Opens the file in the worker, which hashes what is there. @throws KubecrateError IO, DENIED, NO_SPACE */
  static async open(worker: WorkerLink, options: FilledFileOptions): Promise<FilledFile> {
    const { descriptor, destination } = options;
    const opened = new FilledFile(worker, options);
    try {
      const reply = await worker.say({
        type: 'open',
        file: opened.#file,
        path: destination.path,
        size: descriptor.size,
        algorithm: algorithmOf(descriptor.digest),
        digest: hexOf(descriptor.digest),
        ...(destination.framing === undefined ? {} : { framing: destination.framing }),
      });
      opened.#take(reply);
      if (reply.type === 'failed') throw opened.#failure(reply.failure);
      return opened;
    } catch (error) {
      worker.finish(opened.#file, descriptor.size);
      throw error;
    }
  }

  /** Bytes of the blob that are in the file. */
  get have(): number {
    return this.#have;
  }

  /** What the file holds, once it is whole. */
  get result(): BulkResult | undefined {
    return this.#result;
  }

  /** Sends one request; content goes into the file. */
  exchange(request: WireRequest): Promise<BulkAnswer> {
    return showingEach(this.#options.door.showing, this.#exchangeOnce.bind(this))(request);
  }

  async #exchangeOnce(request: WireRequest): Promise<BulkAnswer> {
    const { url, headers, signal } = request;
    signal?.throwIfAborted();
    const dialled = await this.#options.door.originOf(request);
    signal?.throwIfAborted();
    if (dialled === undefined) return DECLINED;
    const { connectMs, stallMs } = this.#options.door.timeouts;
    this.#worker.know(dialled.key, dialled.origin);
    const replied = this.#worker.say({
      type: 'ask',
      file: this.#file,
      origin: dialled.key,
      path: `${url.pathname}${url.search}`,
      headers,
      connectMs,
      stallMs,
    });
    const reply = await withSignal(replied, signal);
    this.#take(reply);
    if (reply.type === 'answer') {
      const plain = reply.answer.status === 200 || reply.answer.status === 206;
      return { ...reply.answer, outcome: plain ? 'declined' : 'refused', words: reply.words };
    }
    if (reply.type === 'complete') return { status: 200, headers: {}, outcome: 'complete', words: NOTHING };
    if (reply.type === 'failed' && reply.failure.kind === 'protocol') return DECLINED;
    if (reply.type === 'failed') throw this.#failure(reply.failure, { url, tls: dialled.tls });
    throw new KubecrateError('IO', `a worker thread answered ${reply.type} to a request`);
  }

  /** Ends whatever is under way and closes the file. 'restore' takes away what was added to it. */
  async close(content: 'keep' | 'restore'): Promise<void> {
    try {
      const reply = await this.#worker.say({ type: 'close', file: this.#file, content });
      if (reply.type === 'failed') throw this.#failure(reply.failure);
    } finally {
      this.#worker.finish(this.#file, this.#options.descriptor.size);
    }
  }

  #grow(have: number): void {
    this.#have = have;
    this.#options.onProgress?.(have);
  }

  #take(reply: Reply): void {
    if (reply.type === 'opened' || reply.type === 'failed') this.#have = reply.have;
    if (reply.type !== 'complete') return;
    const { framed } = reply;
    this.#result = framed === undefined ? {} : { framed: parseDigest(`sha256:${framed}`) };
    this.#grow(this.#options.descriptor.size);
  }

  #failure(failure: WorkerFailure, asked?: Destination): unknown {
    const { descriptor, destination, door } = this.#options;
    if (failure.kind === 'file') {
      const cause = Object.assign(new Error(failure.message), { code: failure.code });
      return fileError(`cannot write ${JSON.stringify(destination.path)}`, cause);
    }
    return transferError(failure, asked ?? { url: NOWHERE }, { descriptor, timeouts: door.timeouts });
  }
}

const NOTHING = new Uint8Array();
/** For a request that only the ordinary door can send. */
export const DECLINED: BulkAnswer = { status: 0, headers: {}, outcome: 'declined', words: NOTHING };
/** Stands for the host in failures of the file, which speak of no host. */
const NOWHERE = new URL('http://localhost');
