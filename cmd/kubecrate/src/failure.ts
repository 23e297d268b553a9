/** Errors as a person reads them: what failed, then what to do; and the exit code that says which kind it was. */

import { KubecrateError, messageOf, redact } from '@kubecrate/errors';
import type { Context } from './context.ts';
import { errorFields } from './reporters/json.ts';

/** `error: ...` and, where there is something to do, `  hint: ...`. */
export function formatError(error: unknown, { env, signal }: Pick<Context, 'env' | 'signal'>): string {
  if (signal.aborted) return `${messageOf(signal.reason)}; run the same command again to go on from there\n`;
  const hint = error instanceof KubecrateError && error.hint !== undefined ? `  hint: ${redact(error.hint)}\n` : '';
  const text = `error: ${redact(messageOf(error))}\n${hint}`;
  // What is no error of ours is a defect: the person who reports it needs the place.
  const known = error instanceof KubecrateError && env['KUBECRATE_DEBUG'] === undefined;
  return known || !(error instanceof Error) ? text : `${text}${redact(error.stack ?? '')}\n${causesOf(error)}`;
}

/** The same as the last event of a run that reports in JSON; a defect comes with its stack. */
export function formatErrorEvent(error: unknown, { env, signal }: Pick<Context, 'env' | 'signal'>): string {
  const fields = signal.aborted
    ? { code: 'ABORTED', message: messageOf(signal.reason), hint: 'run the same command again to go on from there' }
    : errorFields(error);
  const known = signal.aborted || (error instanceof KubecrateError && env['KUBECRATE_DEBUG'] === undefined);
  const stack = known || !(error instanceof Error) ? {} : { stack: redact(error.stack ?? '') };
  return `${JSON.stringify({ type: 'error', ...fields, ...stack })}\n`;
}

/** 2 for a wrong command line, 130 for an interrupt, else 1. */
export function exitCodeOf(error: unknown, { signal }: Pick<Context, 'signal'>): number {
  if (signal.aborted) return 130;
  return error instanceof KubecrateError && error.code === 'USAGE' ? 2 : 1;
}

function causesOf(error: Error): string {
  if (!(error.cause instanceof Error)) return '';
  return `caused by: ${redact(error.cause.stack ?? error.cause.message)}\n${causesOf(error.cause)}`;
}
