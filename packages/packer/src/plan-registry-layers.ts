/** Which files of a registry directory go into which layer, so that another version of the image shares most layers with this one. */

import { type Digest, hexOf } from '@kubecrate/oci';
import type { RegistryContent, RegistryEntry } from './registry-entry.ts';

export interface RegistryPlanOptions {
  /** Blobs that are manifests: they go with the links, which change when they do. */
  readonly manifests: ReadonlySet<Digest>;
  /** A blob of this many bytes is a layer of its own; 1 MiB unless given. */
  readonly threshold?: number;
  /** At most this many of them, largest first; 100 unless given. An image with many layers below has room for fewer. */
  readonly maxSingles?: number;
}

export interface RegistryPlan {
  /** Each a layer: large blobs one by one, largest first; then the others by the first digit of their digest. */
  readonly blobs: readonly (readonly RegistryEntry[])[];
  /** Links and manifests, together the last layer. */
  readonly links: readonly RegistryEntry[];
}

/** Depends on the set of entries alone, not on their order. */
export function planRegistryLayers(entries: readonly RegistryEntry[], options: RegistryPlanOptions): RegistryPlan {
  const { manifests, threshold = 1024 * 1024, maxSingles = 100 } = options;
  const sorted = [...new Map(entries.map((entry) => [entry.path, entry])).values()].sort(byPath);
  const blobs = sorted.filter(isBlob).filter(({ content }) => !manifests.has(content.digest));
  const large = blobs.filter(({ content }) => content.size >= threshold).sort(largestFirst);
  const singles = new Set(large.slice(0, maxSingles));
  const groups = new Map<string, RegistryEntry[]>();
  for (const blob of blobs.filter((entry) => !singles.has(entry))) {
    const digit = hexOf(blob.content.digest).slice(0, 1);
    const group = groups.get(digit);
    if (group === undefined) groups.set(digit, [blob]);
    else group.push(blob);
  }
  const byDigit = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  return {
    blobs: [...[...singles].map((single) => [single]), ...byDigit],
    links: sorted.filter((entry) => !isBlob(entry) || manifests.has(entry.content.digest)),
  };
}

type BlobEntry = RegistryEntry & { readonly content: Extract<RegistryContent, { kind: 'blob' }> };

function isBlob(entry: RegistryEntry): entry is BlobEntry {
  return entry.content.kind === 'blob';
}

function byPath(a: RegistryEntry, b: RegistryEntry): number {
  return a.path < b.path ? -1 : 1;
}

function largestFirst(a: BlobEntry, b: BlobEntry): number {
  return b.content.size - a.content.size || byPath(a, b);
}
