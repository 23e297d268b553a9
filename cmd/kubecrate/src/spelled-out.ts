/** What a person typed for an image, as the name that the store would have it under. */

import { hasCode } from '@kubecrate/errors';
import { formatReference, parseReference, withDefaultTag } from '@kubecrate/oci';

/** `docker.io/library/busybox:latest` of `busybox`; undefined for what is no name, as an id may be. */
export function spelledOut(text: string): string | undefined {
  try {
    return formatReference(withDefaultTag(parseReference(text)));
  } catch (error) {
    if (hasCode(error, 'INVALID_REFERENCE')) return undefined;
    throw error;
  }
}
