/** Carries out a plan: all copies at once, under one scheduler. */

import { type CopyJob, type CopyOptions, copyImages, type ReadOnlyTarget, type Target } from '@kubecrate/content';
import { hasCode } from '@kubecrate/errors';
import { type Descriptor, tagOrDigest } from '@kubecrate/oci';
import type { SyncCopy } from './expand-rules.ts';
import { type FilteredSource, filtered, type PlatformFilter } from './filter.ts';
import { sourceOf } from './plan-copies.ts';
import type { Repository } from './rule.ts';

/** How one copy ended. */
export type SyncResult =
  | {
      readonly status: 'copied' | 'unchanged';
      readonly copy: SyncCopy;
      readonly descriptor: Descriptor;
      /** `new`: the platform filter left something out of the index, so it is another one than the source's. */
      readonly index: 'as-it-is' | 'new';
    }
  /** Nothing of the image passes the platform filter. */
  | { readonly status: 'filtered'; readonly copy: SyncCopy }
  | { readonly status: 'failed'; readonly copy: SyncCopy; readonly error: unknown };

export interface SyncOptions
  extends Pick<CopyOptions, 'existing' | 'limits' | 'referrers' | 'retry' | 'signal' | 'onEvent'> {
  readonly filter?: PlatformFilter | undefined;
}

/** Gives the repositories of a run; `SyncRegistries` is one. */
export interface Repositories {
  repository(repository: Repository): ReadOnlyTarget;
  /** The repository as what is written to. */
  destination(repository: Repository): Target;
}

/** Moves everything; one failure does not stop the others. The results are in the order of the copies. */
export async function runSync(
  copies: readonly SyncCopy[],
  repositories: Repositories,
  options: SyncOptions = {},
): Promise<readonly SyncResult[]> {
  const { filter, ...copyOptions } = options;
  const sources = new Map<ReadOnlyTarget, FilteredSource>();
  const sourceFor = (repository: Repository): FilteredSource => {
    const target = repositories.repository(repository);
    const source = sources.get(target) ?? filtered(target, filter);
    sources.set(target, source);
    return source;
  };
  const jobs = copies.map(
    (copy): CopyJob => ({
      image: sourceOf(copy),
      source: sourceFor(copy.source).target,
      reference: tagOrDigest(copy.source),
      destination: repositories.destination(copy.destination),
      tags: copy.tags,
    }),
  );
  const { results } = await copyImages(jobs, copyOptions);
  return copies.map((copy, at): SyncResult => {
    const result = results[at];
    if (result === undefined) throw new Error(`no result for ${sourceOf(copy)}`);
    if (result.status !== 'failed') {
      const { status, descriptor } = result;
      return { status, copy, descriptor, index: sourceFor(copy.source).isNew(descriptor) ? 'new' : 'as-it-is' };
    }
    if (filter !== undefined && hasCode(result.error, 'PLATFORM_MISSING')) return { status: 'filtered', copy };
    return { status: 'failed', copy, error: result.error };
  });
}
