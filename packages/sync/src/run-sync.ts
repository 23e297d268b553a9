/** Carries out a plan: all copies at once, under one scheduler. */

import { type CopyJob, type CopyOptions, copyImages, type ReadOnlyTarget, type Target } from '@kubecrate/content';
import { hasCode } from '@kubecrate/errors';
import { type Descriptor, tagOrDigest } from '@kubecrate/oci';
import type { SyncCopy } from './expand-rules.ts';
import { filtered, type PlatformFilter } from './filter.ts';
import { sourceOf } from './plan-copies.ts';
import type { Repository } from './rule.ts';

/** How one copy ended. */
export type SyncResult =
  | { readonly status: 'copied' | 'unchanged'; readonly copy: SyncCopy; readonly descriptor: Descriptor }
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
  const sources = new Map<ReadOnlyTarget, ReadOnlyTarget>();
  const sourceFor = (repository: Repository): ReadOnlyTarget => {
    const target = repositories.repository(repository);
    const source = sources.get(target) ?? filtered(target, filter);
    sources.set(target, source);
    return source;
  };
  const jobs = copies.map(
    (copy): CopyJob => ({
      image: sourceOf(copy),
      source: sourceFor(copy.source),
      reference: tagOrDigest(copy.source),
      destination: repositories.destination(copy.destination),
      tags: copy.tags,
    }),
  );
  const { results } = await copyImages(jobs, copyOptions);
  return results.flatMap((result, index): readonly SyncResult[] => {
    const copy = copies[index];
    if (copy === undefined) return [];
    if (result.status !== 'failed') return [{ status: result.status, copy, descriptor: result.descriptor }];
    if (filter !== undefined && hasCode(result.error, 'PLATFORM_MISSING')) return [{ status: 'filtered', copy }];
    return [{ status: 'failed', copy, error: result.error }];
  });
}
