/** The events that are worth a line of their own, as text. */

import type { CopyEvent } from '@kubecrate/content';
import { messageOf, redact } from '@kubecrate/errors';

export function noteOf(event: CopyEvent): string | undefined {
  switch (event.type) {
    case 'tagged':
      return `saved ${event.image} ${event.descriptor.digest}`;
    case 'retrying':
      return `retrying ${event.what} in ${event.delayMs} ms (attempt ${event.attempt}): ${redact(event.reason)}`;
    case 'failed':
      return `failed ${event.image}: ${redact(messageOf(event.error))}`;
    case 'warning':
      return `warning: ${redact(event.message)}`;
    default:
      return undefined;
  }
}
