/** The events that are worth a line of their own, as text. */

import type { CopyEvent } from '@kubecrate/content';
import { messageOf } from '@kubecrate/errors';

export function noteOf(event: CopyEvent): string | undefined {
  switch (event.type) {
    case 'tagged':
      return `saved ${event.image} ${event.descriptor.digest}`;
    case 'retrying':
      return `retrying ${event.what} in ${event.delayMs} ms (attempt ${event.attempt}): ${event.reason}`;
    case 'failed':
      return `failed ${event.image}: ${messageOf(event.error)}`;
    case 'warning':
      return `warning: ${event.message}`;
    default:
      return undefined;
  }
}
