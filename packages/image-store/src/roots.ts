/** Which entries of the index keep content: images, and what refers to images that are kept. */

import type { Fetcher, OperationOptions, RecipeSource } from '@kubecrate/content';
import type { Descriptor } from '@kubecrate/oci';
import { isImageEntry, refersTo } from './entries.ts';
import { reachOf } from './graph.ts';

/** Images, and in turn every referrer whose subject is kept; a referrer of something that is gone keeps nothing. */
export async function rootsOf(
  content: Fetcher & RecipeSource,
  entries: readonly Descriptor[],
  options: OperationOptions = {},
): Promise<readonly Descriptor[]> {
  const roots = entries.filter(isImageEntry);
  let pending = entries.filter((entry) => !isImageEntry(entry));
  while (pending.length > 0) {
    const { digests } = await reachOf(content, roots, options);
    const kept = pending.filter((entry) => refersTo(entry, digests));
    if (kept.length === 0) return roots;
    roots.push(...kept);
    pending = pending.filter((entry) => !kept.includes(entry));
  }
  return roots;
}
