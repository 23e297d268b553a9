/** The events that are worth a line of their own, as text. An image that fails is none: the error that ends the command names each once. */

import type { CopyEvent } from '@kubecrate/content';
import { redact } from '@kubecrate/errors';

/** `verb` says what happened to an image that is there now: saved, pulled, loaded. */
export function noteOf(event: CopyEvent, verb: string): string | undefined {
  switch (event.type) {
    case 'tagged':
      return `${verb} ${event.image} ${event.descriptor.digest}`;
    case 'retrying':
      return `retrying ${event.what} in ${event.delayMs} ms (attempt ${event.attempt}): ${redact(event.reason)}`;
    case 'warning':
      return `warning: ${redact(event.message)}`;
    default:
      return undefined;
  }
}
