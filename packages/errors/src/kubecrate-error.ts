/** The one error family of kubecrate: what was tried and with which value, a code to branch on, and what to do. */

/** What an error is about. Code branches on this, never on the text of a message. */
export type ErrorCode =
  | 'ABORTED'
  | 'ALREADY_EXISTS'
  | 'CONFLICT'
  | 'DENIED'
  | 'DIGEST_MISMATCH'
  | 'ENGINE'
  | 'INVALID_ARGUMENT'
  | 'INVALID_ARCHIVE'
  | 'INVALID_CHART'
  | 'INVALID_CONFIG'
  | 'INVALID_DIGEST'
  | 'INVALID_KUBEFILE'
  | 'INVALID_LIST'
  | 'INVALID_MANIFEST'
  | 'INVALID_PLATFORM'
  | 'INVALID_REFERENCE'
  | 'INVALID_TEMPLATE'
  | 'IN_USE'
  | 'IO'
  | 'LIMIT_EXCEEDED'
  | 'NETWORK'
  | 'NO_SPACE'
  | 'NOT_FOUND'
  | 'PARTIAL_FAILURE'
  | 'PLATFORM_MISSING'
  | 'RATE_LIMITED'
  | 'REGISTRY'
  | 'SIZE_MISMATCH'
  | 'TLS'
  | 'UNAUTHORIZED'
  | 'UNSAFE_PATH'
  | 'UNSUPPORTED'
  | 'USAGE';

/** What is known beside the message: what the person can do, and the failure underneath. */
export interface ErrorDetails {
  /** One sentence that says what to do, without a full stop needed: `run: kubecrate login host`. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * An error written for the person who reads it.
 * The message says what was tried and the value received: `cannot parse reference "Foo/bar": repository must be lower case`.
 */
export class KubecrateError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'KubecrateError';
    this.code = code;
    this.hint = details.hint;
  }
}

/** The content, tag, repository or file that was asked for is not there; any other failure is not this error. */
export class NotFoundError extends KubecrateError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('NOT_FOUND', message, details);
    this.name = 'NotFoundError';
  }
}

/** True for an error of this family that carries `code`. */
export function hasCode(error: unknown, code: ErrorCode): error is KubecrateError {
  return error instanceof KubecrateError && error.code === code;
}

/** A failure that may pass by itself: a reset connection, a busy registry. Whoever asked may ask again. */
export class TransientError extends KubecrateError {
  /** How long the other side asked to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: 'NETWORK' | 'RATE_LIMITED' | 'REGISTRY',
    message: string,
    details: ErrorDetails & { readonly retryAfterMs?: number } = {},
  ) {
    super(code, message, details);
    this.name = 'TransientError';
    this.retryAfterMs = details.retryAfterMs;
  }
}
