/** Templates that are nested deeper than the stack of the thread holds: in one with a larger stack they may fit. */

import { KubecrateError } from '@kubecrate/errors';

/** `LIMIT_EXCEEDED`, for want of stack. */
export class StackLimitError extends KubecrateError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super('LIMIT_EXCEEDED', message, options);
    this.name = 'StackLimitError';
  }
}

/** True where an error, or one that it comes from, is for want of stack. */
export function isStackLimit(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof StackLimitError) return true;
  return false;
}
