/** Answers that say no (distribution-spec, "Error Codes"). */

import { type ErrorCode, KubecrateError } from '@kubecrate/errors';

/** The codes of the specification, and those that distribution and the spec's newer versions add. */
export type RefusalCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DENIED'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'PAGINATION_NUMBER_INVALID'
  | 'RANGE_INVALID'
  | 'SIZE_INVALID'
  | 'TAG_INVALID'
  | 'TOOMANYREQUESTS'
  | 'UNAUTHORIZED'
  | 'UNKNOWN'
  | 'UNSUPPORTED';

/** A request that is answered with an error, thrown from wherever that becomes clear. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: RefusalCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: RefusalCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  /** The body of the answer. */
  toJSON(): object {
    return { errors: [{ code: this.code, message: this.message, detail: null }] };
  }
}

/** What a failure means for the client. */
export interface RefusalOptions {
  /** The code for content that is not there. */
  readonly absent: RefusalCode;
  /** Whose content it was: wrong bytes that a client sent are its fault, wrong bytes that we hold are not. */
  readonly content: 'ours' | 'theirs';
}

/** The answer to a request that failed with `error`. What went wrong inside (a path, a disk) is not told to clients. */
export function refusalOf(error: unknown, { absent, content }: RefusalOptions): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof KubecrateError) {
    if (error.code === 'NOT_FOUND') return new Refusal(404, absent, WORDS[absent] ?? 'not found');
    const [status, code] = (content === 'theirs' ? ANSWERS[error.code] : undefined) ?? [];
    if (status !== undefined && code !== undefined) return new Refusal(status, code, error.message);
    if (error.code === 'NO_SPACE') return new Refusal(507, 'UNKNOWN', 'the registry has no space left');
  }
  return new Refusal(500, 'UNKNOWN', 'the registry failed; its log says why');
}

const ANSWERS: Readonly<Partial<Record<ErrorCode, readonly [number, RefusalCode]>>> = {
  DIGEST_MISMATCH: [400, 'DIGEST_INVALID'],
  INVALID_DIGEST: [400, 'DIGEST_INVALID'],
  INVALID_MANIFEST: [400, 'MANIFEST_INVALID'],
  INVALID_REFERENCE: [400, 'NAME_INVALID'],
  LIMIT_EXCEEDED: [413, 'SIZE_INVALID'],
  SIZE_MISMATCH: [400, 'SIZE_INVALID'],
  UNSUPPORTED: [405, 'UNSUPPORTED'],
};

const WORDS: Readonly<Partial<Record<RefusalCode, string>>> = {
  BLOB_UNKNOWN: 'blob unknown to registry',
  MANIFEST_UNKNOWN: 'manifest unknown',
  NAME_UNKNOWN: 'repository name not known to registry',
};
