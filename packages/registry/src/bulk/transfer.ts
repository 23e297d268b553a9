/** One request of the bulk door: the head is read strictly, the content goes where it is wanted as it comes. */

import type { Filling } from './filling.ts';
import type { WorkerAnswer, WorkerFailure, WorkerOrigin } from './messages.ts';
import { requestHead } from './request-head.ts';
import {
  bodyLength,
  contentStart,
  endOfHead,
  MAX_HEAD,
  ProtocolError,
  parseHead,
  type ResponseHead,
  staysOpen,
} from './response-head.ts';
import type { Line, Reader, Sockets } from './sockets.ts';
import { connectionFailureOf, failureOf } from './worker-failure.ts';

export interface TransferOptions {
  readonly sockets: Sockets;
  readonly key: string;
  readonly origin: WorkerOrigin;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly file: Filling;
  readonly size: number;
  readonly connectMs: number;
  readonly stallMs: number;
  readonly done: (outcome: TransferOutcome) => void;
}

export type TransferOutcome =
  | { readonly type: 'complete'; readonly answer: WorkerAnswer; readonly framed?: string }
  | { readonly type: 'answer'; readonly answer: WorkerAnswer; readonly words: Buffer }
  | { readonly type: 'failed'; readonly failure: WorkerFailure };

type Stage =
  | { readonly name: 'connecting' }
  | { readonly name: 'head'; read: Buffer }
  /** `skip`: bytes that the file has already. */
  | { readonly name: 'content'; readonly head: ResponseHead; skip: number; left: number }
  /** The body of a refusal; what is short is read for its words and to use the connection again. */
  | { readonly name: 'words'; readonly head: ResponseHead; readonly words: Buffer[]; left: number }
  | { readonly name: 'over' };

/** The body of a refusal is read where it is at most this long; bytes. */
const SHORT = 16 * 1024;

/** A request on its way. It calls `done` once, and never after {@link Transfer.abort}. */
export class Transfer implements Reader {
  readonly #options: TransferOptions;
  #line: Line;
  #stage: Stage = { name: 'connecting' };
  #quietMs = 0;
  #pace: 'more' | 'pause' = 'more';

  constructor(options: TransferOptions) {
    this.#options = options;
    this.#line = this.#take('any');
  }

  connected(): void {
    if (this.#stage.name !== 'connecting') return;
    this.#quietMs = 0;
    this.#stage = { name: 'head', read: Buffer.alloc(0) };
    this.#send();
  }

  bytes(chunk: Buffer): 'more' | 'pause' {
    this.#quietMs = 0;
    try {
      this.#pace = this.#consume(chunk);
    } catch (error) {
      this.#fail(failureOf(error));
    }
    return this.#pace;
  }

  /** Goes on after a pause. */
  resume(): void {
    this.#pace = 'more';
    this.#quietMs = 0;
    if (this.#stage.name !== 'over') this.#line.socket.resume();
  }

  closed(error: Error | undefined): void {
    const stage = this.#stage;
    if (stage.name === 'over') return;
    if (this.#line.used && stage.name === 'head' && stage.read.byteLength === 0) {
      // The other end had closed a kept connection; the question never reached it.
      this.#stage = { name: 'connecting' };
      this.#line = this.#take('new');
      return;
    }
    const reset = error ?? Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' });
    this.#end({ type: 'failed', failure: connectionFailureOf(reset) });
  }

  /** Told every now and then how much time went by; a connection that is quiet for too long is given up. */
  tick(milliseconds: number): void {
    if (this.#pace === 'pause') return;
    this.#quietMs += milliseconds;
    const { connectMs, stallMs } = this.#options;
    if (this.#stage.name === 'connecting' && this.#quietMs > connectMs) this.#fail({ kind: 'not-connected' });
    else if (this.#stage.name !== 'connecting' && this.#quietMs > stallMs) this.#fail({ kind: 'stalled' });
  }

  /** Closes the connection. */
  abort(): void {
    if (this.#stage.name === 'over') return;
    this.#stage = { name: 'over' };
    this.#options.sockets.drop(this.#line);
  }

  #send(): void {
    const { path, origin, headers } = this.#options;
    try {
      this.#line.socket.write(requestHead(path, { host: origin.authority, ...headers }));
    } catch (error) {
      this.#fail(failureOf(error));
    }
  }

  #take(freshness: 'any' | 'new'): Line {
    const { sockets, key, origin } = this.#options;
    const line = sockets.take(key, origin, this, freshness);
    // A kept connection stands already; whoever made this transfer has to have it first.
    if (line.used) queueMicrotask(() => this.connected());
    return line;
  }

  #consume(chunk: Buffer): 'more' | 'pause' {
    let rest = chunk;
    if (this.#stage.name === 'head') rest = this.#readHead(this.#stage, rest);
    if (this.#stage.name === 'content') return this.#readContent(this.#stage, rest);
    if (this.#stage.name === 'words') this.#readWords(this.#stage, rest);
    return 'more';
  }

  /** The bytes after the head, once it is whole. */
  #readHead(stage: { read: Buffer }, chunk: Buffer): Buffer {
    let bytes = stage.read.byteLength === 0 ? chunk : Buffer.concat([stage.read, chunk]);
    for (;;) {
      const end = endOfHead(bytes.subarray(0, MAX_HEAD));
      if (end === -1) {
        if (bytes.byteLength >= MAX_HEAD) throw new ProtocolError('its head is too long');
        stage.read = Buffer.from(bytes);
        return NOTHING;
      }
      const head = parseHead(bytes.subarray(0, end));
      bytes = bytes.subarray(end);
      if (head.status >= 200) {
        this.#begin(head);
        return bytes;
      }
      if (head.status === 101) throw new ProtocolError('it wants to speak another protocol');
    }
  }

  #begin(head: ResponseHead): void {
    const { file, size } = this.#options;
    const start = contentStart(head, { size, have: file.have });
    if (start !== undefined) {
      this.#stage = { name: 'content', head, skip: file.have - start, left: size - start };
      return;
    }
    const length = bodyLength(head);
    this.#stage = { name: 'words', head, words: [], left: length === 'unknown' || length > SHORT ? -1 : length };
  }

  #readContent(stage: { readonly head: ResponseHead; skip: number; left: number }, chunk: Buffer): 'more' | 'pause' {
    const wanted = chunk.subarray(0, stage.left);
    stage.left -= wanted.byteLength;
    const skipped = Math.min(stage.skip, wanted.byteLength);
    stage.skip -= skipped;
    const pace = skipped < wanted.byteLength ? this.#options.file.write(wanted.subarray(skipped)) : 'more';
    if (stage.left > 0) return pace;
    const verdict = this.#options.file.finish();
    this.#release(stage.head, chunk.byteLength === wanted.byteLength ? 'keep' : 'drop');
    if (verdict.outcome === 'wrong') {
      this.#end({ type: 'failed', failure: { kind: 'wrong-digest', actual: verdict.actual } });
      return 'more';
    }
    const { framed } = verdict;
    this.#end({ type: 'complete', answer: answerOf(stage.head), ...(framed === undefined ? {} : { framed }) });
    return 'more';
  }

  #readWords(stage: { readonly head: ResponseHead; readonly words: Buffer[]; left: number }, chunk: Buffer): void {
    const wanted = chunk.subarray(0, Math.max(0, stage.left));
    stage.words.push(Buffer.from(wanted));
    const endless = stage.left === -1;
    if (!endless) stage.left -= wanted.byteLength;
    if (stage.left > 0) return;
    this.#release(stage.head, endless || chunk.byteLength !== wanted.byteLength ? 'drop' : 'keep');
    this.#end({ type: 'answer', answer: answerOf(stage.head), words: Buffer.concat(stage.words) });
  }

  #release(head: ResponseHead, use: 'keep' | 'drop'): void {
    const { sockets } = this.#options;
    if (use === 'keep' && staysOpen(head)) sockets.keep(this.#line);
    else sockets.drop(this.#line);
  }

  #fail(failure: WorkerFailure): void {
    if (this.#stage.name === 'over') return;
    this.#options.sockets.drop(this.#line);
    this.#end({ type: 'failed', failure });
  }

  #end(outcome: TransferOutcome): void {
    this.#stage = { name: 'over' };
    this.#options.done(outcome);
  }
}

const NOTHING = Buffer.alloc(0);

function answerOf({ status, headers }: ResponseHead): WorkerAnswer {
  return { status, headers: { ...headers } };
}
