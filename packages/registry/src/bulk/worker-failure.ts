/** Failures of a worker in a form that can be sent to the main thread. */

import type { WorkerFailure } from './messages.ts';
import { ProtocolError } from './response-head.ts';

/** Anything that fails here and is no protocol error came from the file. */
export function failureOf(error: unknown): WorkerFailure {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ProtocolError) return { kind: 'protocol', message };
  return { kind: 'file', code: codeOf(error), message };
}

/** A connection that could not be made, or broke. */
export function connectionFailureOf(error: unknown): WorkerFailure {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const names = (first as { cert?: { subjectaltname?: unknown } }).cert?.subjectaltname;
  return {
    kind: 'connection',
    code: codeOf(first),
    message: first instanceof Error ? first.message : String(first),
    ...(typeof names === 'string' ? { names } : {}),
  };
}

/** The code of an error of Node, or ''. */
function codeOf(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : '';
}
