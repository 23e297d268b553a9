/** The file `layout`: tags and the digests they name (KubeKey v4.0.5 and later). */

import { hasCode } from '@kubecrate/errors';
import { type Digest, isDigest, parseJsonObject } from '@kubecrate/oci';

/** Undefined for anything else; a manifest may have the tag `layout`. */
export function parseTagLayout(bytes: Uint8Array): ReadonlyMap<string, Digest> | undefined {
  const tags = new Map<string, Digest>();
  for (const [tag, digest] of Object.entries(objectOf(bytes) ?? { '': undefined })) {
    if (typeof digest !== 'string' || !isDigest(digest)) return undefined;
    tags.set(tag, digest);
  }
  return tags;
}

/** As KubeKey writes it: indented by two, sorted by tag. */
export function formatTagLayout(tags: ReadonlyMap<string, Digest>): string {
  const sorted = [...tags].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(sorted), undefined, 2);
}

function objectOf(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    return parseJsonObject(bytes, 'layout');
  } catch (error) {
    if (hasCode(error, 'INVALID_MANIFEST')) return undefined;
    throw error;
  }
}
