/**
 * A worker thread of the bulk door: sockets, hashes and files, nothing else. What to ask, whom, and what to do about the answer
 * is decided on the main thread.
 */

import { parentPort } from 'node:worker_threads';
import { BlobFile } from './blob-file.ts';
import type { FromWorker, ToWorker, WorkerOrigin } from './messages.ts';
import { Sockets } from './sockets.ts';
import { Transfer, type TransferOutcome } from './transfer.ts';
import { connectionFailureOf, failureOf } from './worker-failure.ts';

interface Job {
  readonly file: BlobFile;
  readonly size: number;
  transfer: Transfer | undefined;
  reported: number;
}

/** Which file, and which turn of the conversation about it. */
interface About {
  readonly file: number;
  readonly turn: number;
}

/** Large reads, of a size that is no power of two: such writes into fresh files cost less. Bytes. */
const READ_BYTES = 520_192;
/** How often time and progress are looked at; milliseconds. */
const TICK_MS = 100;

/** Serves one port until it closes. */
class BulkWorker {
  readonly #post: (message: FromWorker) => void;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  readonly #sockets = new Sockets(() => this.#buffer, 'never');
  readonly #origins = new Map<string, WorkerOrigin>();
  readonly #jobs = new Map<number, Job>();
  #clock: NodeJS.Timeout | undefined;

  constructor(post: (message: FromWorker) => void) {
    this.#post = post;
  }

  receive(message: ToWorker): void {
    if (message.type === 'origin') this.#origins.set(message.key, message.origin);
    else if (message.type === 'open') this.#open(message);
    else if (message.type === 'ask') this.#ask(message);
    else this.#close(message);
  }

  #open({ file: id, turn, ...options }: ToWorker & { type: 'open' }): void {
    try {
      const file = new BlobFile({ ...options, scratch: this.#buffer });
      this.#jobs.set(id, { file, size: options.size, transfer: undefined, reported: file.have });
      if (file.have < options.size) {
        this.#post({ type: 'opened', file: id, turn, have: file.have });
        return;
      }
      const verdict = file.finish();
      if (verdict.outcome === 'wrong') this.#post({ type: 'opened', file: id, turn, have: 0 });
      else
        this.#post({
          type: 'complete',
          file: id,
          turn,
          ...(verdict.framed === undefined ? {} : { framed: verdict.framed }),
        });
    } catch (error) {
      this.#post({ type: 'failed', file: id, turn, have: 0, failure: failureOf(error) });
    }
  }

  #ask({ file: id, turn, origin: key, path, headers, connectMs, stallMs }: ToWorker & { type: 'ask' }): void {
    const job = this.#jobs.get(id);
    const origin = this.#origins.get(key);
    try {
      if (job === undefined || origin === undefined) throw new Error(`file ${id} or origin ${key} is unknown here`);
      const { file, size } = job;
      const done = (outcome: TransferOutcome): void => this.#finish({ file: id, turn }, job, outcome);
      const request = { sockets: this.#sockets, key, origin, path, headers, connectMs, stallMs };
      job.transfer = new Transfer({ ...request, file, size, done });
      this.#startClock();
    } catch (error) {
      // Certificates that OpenSSL does not take fail before there is a connection.
      const have = job?.file.have ?? 0;
      this.#post({ type: 'failed', file: id, turn, have, failure: connectionFailureOf(error) });
    }
  }

  #finish(about: About, job: Job, outcome: TransferOutcome): void {
    job.transfer = undefined;
    if (outcome.type === 'complete') this.#post({ ...outcome, ...about });
    else if (outcome.type === 'answer') this.#post({ ...outcome, ...about });
    else this.#fail(about, job, outcome.failure);
  }

  #fail(about: About, { file }: Job, failure: (TransferOutcome & { type: 'failed' })['failure']): void {
    try {
      file.flush();
      this.#post({ type: 'failed', ...about, have: file.have, failure });
    } catch (error) {
      this.#post({ type: 'failed', ...about, have: file.have, failure: failureOf(error) });
    }
  }

  #close({ file: id, turn, content }: ToWorker & { type: 'close' }): void {
    const job = this.#jobs.get(id);
    this.#jobs.delete(id);
    try {
      job?.transfer?.abort();
      job?.file.close(content);
      this.#post({ type: 'closed', file: id, turn });
    } catch (error) {
      this.#post({ type: 'failed', file: id, turn, have: 0, failure: failureOf(error) });
    }
  }

  /** The clock runs while something moves. A long pause of this thread counts as one tick: nobody stalls because of it. */
  #startClock(): void {
    this.#clock ??= setInterval(() => this.#tick(), TICK_MS);
  }

  #tick(): void {
    const grown: [number, number][] = [];
    let moving = 0;
    for (const [id, job] of this.#jobs) {
      if (job.transfer === undefined) continue;
      moving += 1;
      job.transfer.tick(TICK_MS);
      const { have } = job.file;
      if (have === job.reported) continue;
      job.reported = have;
      grown.push([id, have]);
    }
    if (grown.length > 0) this.#post({ type: 'progress', files: grown });
    if (moving > 0) return;
    clearInterval(this.#clock);
    this.#clock = undefined;
  }
}

if (parentPort !== null) {
  const port = parentPort;
  const worker = new BulkWorker((message) => port.postMessage(message));
  port.on('message', (message: ToWorker) => worker.receive(message));
}
