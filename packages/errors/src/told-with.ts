/** Saying where something failed. */

import { KubecrateError, NotFoundError } from './kubecrate-error.ts';

/** The failure with `context` before its message: `Kubefile:2: source "a" is not there`. Anything but an error of this family comes back as it is. */
export function toldWith(context: string, error: unknown): unknown {
  if (!(error instanceof KubecrateError)) return error;
  const { code, message, hint } = error;
  const details = { cause: error, ...(hint === undefined ? {} : { hint }) };
  const told = `${context}: ${message}`;
  return error instanceof NotFoundError ? new NotFoundError(told, details) : new KubecrateError(code, told, details);
}
