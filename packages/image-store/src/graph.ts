/** What images are made of: every digest under a manifest, the blobs of described layers too. */

import {
  blobsOf,
  type Fetcher,
  type OperationOptions,
  type RecipeSource,
  readManifest,
  successorsOf,
} from '@kubecrate/content';
import { hasCode, KubecrateError } from '@kubecrate/errors';
import { type Descriptor, type Digest, isManifestMediaType } from '@kubecrate/oci';

/** Everything that some images need. */
export interface Reach {
  readonly digests: ReadonlySet<Digest>;
  /** Manifests and recipes that are damaged: what is under them is not known. */
  readonly unreadable: readonly Digest[];
}

/** Walks manifests; children that are not stored (platforms that were not wanted) are passed over. */
export async function reachOf(
  content: Fetcher & RecipeSource,
  roots: Iterable<Descriptor>,
  options: OperationOptions = {},
): Promise<Reach> {
  const digests = new Set<Digest>();
  const unreadable: Digest[] = [];
  const pending = [...roots];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (digests.has(next.digest)) continue;
    options.signal?.throwIfAborted();
    digests.add(next.digest);
    try {
      if (!isManifestMediaType(next.mediaType)) {
        const recipe = await content.recipe(next);
        for (const digest of recipe === undefined ? [] : blobsOf(recipe)) digests.add(digest);
        continue;
      }
      const { manifest } = await readManifest(content, next, options);
      const { manifests, blobs } = successorsOf(manifest);
      pending.push(...manifests, ...blobs);
    } catch (error) {
      if (!(error instanceof KubecrateError)) throw error;
      if (!hasCode(error, 'NOT_FOUND')) unreadable.push(next.digest);
    }
  }
  return { digests, unreadable };
}
