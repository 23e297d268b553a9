/** Referrers by the fallback tag (distribution-spec, "Referrers Tag Schema"): an index under `sha256-<hex>` that lists them. */

import type { OperationOptions } from '@kubecrate/content';
import { hasCode } from '@kubecrate/errors';
import {
  algorithmOf,
  type Descriptor,
  type Digest,
  descriptorOf,
  hexOf,
  type Manifest,
  MEDIA_TYPES,
  parseManifest,
} from '@kubecrate/oci';

/** The tag under which a registry without the referrers API is asked for them. */
export function fallbackTag(digest: Digest): string {
  return `${algorithmOf(digest).slice(0, 32)}-${hexOf(digest).slice(0, 64)}`;
}

/** The subject of the manifest in `bytes`, and the entry under which it is listed there; undefined where it has no subject. */
export function referrerOf(
  bytes: Uint8Array,
  mediaType?: string,
): { readonly subject: Digest; readonly descriptor: Descriptor } | undefined {
  const manifest = parsed(bytes, mediaType);
  if (manifest?.subject === undefined) return undefined;
  return { subject: manifest.subject.digest, descriptor: referrerDescriptor(bytes, manifest) };
}

/** The bytes of an index that lists `referrers`, each once; what they depend on is their order alone. */
export function formatReferrers(referrers: readonly Descriptor[]): Buffer {
  const once = new Map(referrers.map((referrer) => [referrer.digest, referrer]));
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [...once.values()] };
  return Buffer.from(JSON.stringify(index));
}

/** The referrers that the index under the fallback tag lists; none where there is no such index. */
export function parseReferrers(index: Uint8Array | undefined): readonly Descriptor[] {
  if (index === undefined) return [];
  const manifest = parsed(index);
  return manifest?.kind === 'index' ? manifest.manifests : [];
}

/** Everything known to refer to `subject`: listed first, then found among the manifests. */
export async function referrersAmong(
  subject: Digest,
  known: {
    readonly listed: Uint8Array | undefined;
    readonly manifests: AsyncIterable<{ readonly digest: Digest; readonly bytes: Uint8Array }>;
  },
  { signal }: OperationOptions = {},
): Promise<readonly Descriptor[]> {
  const referrers = new Map(parseReferrers(known.listed).map((referrer) => [referrer.digest, referrer]));
  for await (const { digest, bytes } of known.manifests) {
    signal?.throwIfAborted();
    const referrer = referrers.has(digest) ? undefined : referrerOf(bytes);
    if (referrer?.subject === subject) referrers.set(digest, referrer.descriptor);
  }
  return [...referrers.values()];
}

/** A manifest that cannot be read refers to nothing. */
function parsed(bytes: Uint8Array, mediaType?: string): Manifest | undefined {
  try {
    return parseManifest(bytes, mediaType);
  } catch (error) {
    if (hasCode(error, 'INVALID_MANIFEST') || hasCode(error, 'INVALID_DIGEST') || hasCode(error, 'UNSUPPORTED')) {
      return undefined;
    }
    throw error;
  }
}

/** With the artifact type and the annotations of the referrer. */
function referrerDescriptor(bytes: Uint8Array, manifest: Manifest): Descriptor {
  const artifactType = manifest.artifactType ?? (manifest.kind === 'manifest' ? manifest.config.mediaType : undefined);
  return {
    ...descriptorOf(manifest.mediaType, bytes),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(manifest.annotations === undefined ? {} : { annotations: manifest.annotations }),
  };
}
