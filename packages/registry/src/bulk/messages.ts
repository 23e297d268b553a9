/** What the main thread and a worker of the bulk door say to each other. */

/** A host as a worker dials it; sent once, then named by its key. */
export interface WorkerOrigin {
  readonly host: string;
  readonly port: number;
  /** What the Host header says. */
  readonly authority: string;
  readonly tls?: WorkerTls;
}

/** TLS options that can be sent to a thread. */
export interface WorkerTls {
  readonly verification: 'strict' | 'skip';
  readonly servername?: string;
  readonly ca?: readonly string[];
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
}

/**
 * `file` is the number by which both sides name one file that is being filled; `turn` counts what is said about it, and a reply
 * carries the turn it answers: one that was given up meanwhile is told from the one that is waited for.
 */
export type ToWorker =
  | { readonly type: 'origin'; readonly key: string; readonly origin: WorkerOrigin }
  | {
      readonly type: 'open';
      readonly file: number;
      readonly turn: number;
      readonly path: string;
      readonly size: number;
      readonly algorithm: string;
      /** Lower-case hexadecimal. */
      readonly digest: string;
      readonly framing?: { readonly before: Uint8Array; readonly after: Uint8Array };
    }
  | {
      readonly type: 'ask';
      readonly file: number;
      readonly turn: number;
      readonly origin: string;
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly connectMs: number;
      readonly stallMs: number;
    }
  | { readonly type: 'close'; readonly file: number; readonly turn: number; readonly content: 'keep' | 'restore' };

export type FromWorker =
  /** `have`: bytes of the blob that the file holds, verified or to be verified at the end. */
  | { readonly type: 'opened'; readonly file: number; readonly turn: number; readonly have: number }
  /** The file is whole and verified. */
  | {
      readonly type: 'complete';
      readonly file: number;
      readonly turn: number;
      readonly framed?: string;
      readonly answer?: WorkerAnswer;
    }
  /** An answer that is not the plain content asked for; nothing of it went into the file. */
  | {
      readonly type: 'answer';
      readonly file: number;
      readonly turn: number;
      readonly answer: WorkerAnswer;
      readonly words: Uint8Array;
    }
  | {
      readonly type: 'failed';
      readonly file: number;
      readonly turn: number;
      readonly have: number;
      readonly failure: WorkerFailure;
    }
  | { readonly type: 'closed'; readonly file: number; readonly turn: number }
  /** Files that grew since the last such message, with the bytes they have. */
  | { readonly type: 'progress'; readonly files: readonly (readonly [file: number, have: number])[] };

export interface WorkerAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Why a transfer ended early. */
export type WorkerFailure =
  | { readonly kind: 'connection'; readonly code: string; readonly message: string; readonly names?: string }
  | { readonly kind: 'file'; readonly code: string; readonly message: string }
  /** An answer that is not HTTP/1.1 as this side reads it; the ordinary door may do better. */
  | { readonly kind: 'protocol'; readonly message: string }
  | { readonly kind: 'stalled' }
  | { readonly kind: 'not-connected' }
  | { readonly kind: 'wrong-digest'; readonly actual: string };
