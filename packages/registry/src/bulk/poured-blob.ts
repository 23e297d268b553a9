/** A blob on its way from a socket of this thread into a sink. */

import type { BlobSink, BulkResult } from '@kubecrate/content';
import type { Descriptor } from '@kubecrate/oci';
import { showingEach } from '../http/client-choice.ts';
import type { Destination } from '../http/failure.ts';
import type { WireRequest } from '../http/wire.ts';
import { withSignal } from '../http/with-signal.ts';
import type { BulkDoor } from './door.ts';
import { type BulkAnswer, DECLINED } from './filled-file.ts';
import type { Filling, Verdict } from './filling.ts';
import type { Pourers } from './pourers.ts';
import type { Transfer, TransferOutcome } from './transfer.ts';
import { transferError } from './transfer-error.ts';

export interface PouredBlobOptions {
  readonly descriptor: Descriptor;
  readonly sink: BlobSink;
  readonly door: Pick<BulkDoor, 'originOf' | 'timeouts' | 'showing'>;
  readonly pourers: Pourers;
}

/** Counts what the sink was given, so that a broken transfer goes on from there. Verifying is the sink's part. */
export class PouredBlob implements Filling {
  readonly #options: PouredBlobOptions;
  #have = 0;
  #result: BulkResult | undefined;
  #transfer: Transfer | undefined;
  #settled: Settled | undefined;

  constructor(options: PouredBlobOptions) {
    this.#options = options;
  }

  /** Bytes that the sink was given. */
  get have(): number {
    return this.#have;
  }

  get result(): BulkResult | undefined {
    return this.#result;
  }

  /** Sends one request; content goes into the sink. What the sink throws ends the transfer and is thrown here. */
  exchange(request: WireRequest): Promise<BulkAnswer> {
    return showingEach(this.#options.door.showing, this.#exchangeOnce.bind(this))(request);
  }

  write(chunk: Buffer): 'more' | 'pause' {
    const { sink, descriptor } = this.#options;
    const last = this.#have + chunk.byteLength === descriptor.size;
    try {
      // After the last bytes the connection, and its memory with it, is somebody else's.
      const taken = sink.write(last ? Buffer.from(chunk) : chunk);
      this.#have += chunk.byteLength;
      if (taken === undefined) return 'more';
      this.#resumeAfter(taken);
      return 'pause';
    } catch (error) {
      this.#settled?.reject(error);
      return 'pause';
    }
  }

  finish(): Verdict {
    return { outcome: 'verified' };
  }

  async #exchangeOnce(request: WireRequest): Promise<BulkAnswer> {
    const { door, pourers, descriptor } = this.#options;
    const { url, headers, signal } = request;
    signal?.throwIfAborted();
    const dialled = await door.originOf(request);
    signal?.throwIfAborted();
    if (dialled === undefined) return DECLINED;
    const { key, origin, tls } = dialled;
    const settled = settling<TransferOutcome>();
    this.#settled = settled;
    const path = `${url.pathname}${url.search}`;
    const { timeouts } = door;
    try {
      this.#transfer = pourers.start({
        ...{ key, origin, path, headers, ...timeouts },
        ...{ file: this, size: descriptor.size, done: settled.resolve },
      });
      return this.#answerOf(await withSignal(settled.promise, signal), { url, tls });
    } catch (error) {
      settled.promise.catch(() => {}); // what ended the wait is what counts
      throw error;
    } finally {
      if (this.#transfer !== undefined) pourers.end(this.#transfer);
      this.#transfer = undefined;
    }
  }

  async #resumeAfter(taken: Promise<void>): Promise<void> {
    const transfer = this.#transfer;
    try {
      await taken;
      if (transfer === this.#transfer) transfer?.resume();
    } catch (error) {
      this.#settled?.reject(error);
    }
  }

  #answerOf(outcome: TransferOutcome, asked: Destination): BulkAnswer {
    if (outcome.type === 'complete') {
      this.#result = {};
      return { ...outcome.answer, outcome: 'complete', words: NOTHING };
    }
    if (outcome.type === 'answer') {
      const plain = outcome.answer.status === 200 || outcome.answer.status === 206;
      return { ...outcome.answer, outcome: plain ? 'declined' : 'refused', words: outcome.words };
    }
    if (outcome.failure.kind === 'protocol') return DECLINED;
    const { descriptor, door } = this.#options;
    throw transferError(outcome.failure, asked, { descriptor, timeouts: door.timeouts });
  }
}

const NOTHING = new Uint8Array();

interface Settled {
  readonly reject: (error: unknown) => void;
}

function settling<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
