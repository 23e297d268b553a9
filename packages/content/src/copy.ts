/** The one function that moves images: from any read-only target to any target, many in one run. */

import { NotFoundError } from '@kubecrate/errors';
import type { Descriptor } from '@kubecrate/oci';
import { lookBeside } from './beside.ts';
import { isCompanionKeeper } from './companions.ts';
import { copyGraph, type GraphContent, type GraphCopy, type Tagged } from './copy-graph.ts';
import { copyReferrers, type ReferrerContent } from './copy-referrers.ts';
import { type CopyOptions, CopyRun } from './copy-run.ts';
import { isHosted } from './powers.ts';
import type { ReadOnlyTarget, Target } from './target.ts';

/** One image to move. */
export interface CopyJob {
  /** The name for people, as its owner wrote it. */
  readonly image: string;
  readonly source: ReadOnlyTarget;
  /** The tag or digest asked of the source. */
  readonly reference: string;
  readonly destination: Target;
  /** The tags it gets at the destination; none for an image that is known by its digest alone. */
  readonly tags: readonly string[];
  /** A repository in the storage of the destination that may have the blobs: the source is known to have been read from there. */
  readonly mountFrom?: string | undefined;
}

/** How one image of a run ended. */
export type CopyResult =
  | {
      readonly status: 'copied' | 'unchanged';
      readonly job: CopyJob;
      readonly descriptor: Descriptor;
      /** What the destination holds of it, signatures included; empty where a registry said that it has it whole. */
      readonly content: GraphContent;
      /** The tags that name parts of the content: the job's own, and those of signatures. */
      readonly tags: readonly Tagged[];
    }
  | { readonly status: 'failed'; readonly job: CopyJob; readonly error: unknown };

/** Every image of a run, in the order of the jobs. */
export interface CopyReport {
  readonly results: readonly CopyResult[];
}

/**
 * Moves images, all at once under one scheduler: a blob shared by many moves once. One failure does not stop the others.
 * @throws the reason of `options.signal` where the run is aborted; everything else is in the report
 */
export async function copyImages(jobs: readonly CopyJob[], options: CopyOptions = {}): Promise<CopyReport> {
  options.signal?.throwIfAborted();
  const run = new CopyRun(options);
  const results = await Promise.all(
    jobs.map(async (job): Promise<CopyResult> => {
      try {
        return await copyImage(run, job);
      } catch (error) {
        options.onEvent?.({ type: 'failed', image: job.image, error });
        return { status: 'failed', job, error };
      }
    }),
  );
  run.end();
  options.signal?.throwIfAborted();
  return { results };
}

async function copyImage(run: CopyRun, job: CopyJob): Promise<CopyResult> {
  const { image, source, destination, tags, mountFrom } = job;
  const { signal, onEvent } = run.options;
  const next = (await isMissing(run, job)) ? 'fetch' : 'unknown';
  const descriptor = await run.resolve(source, job.reference, () =>
    run.request([source], () => source.resolve(job.reference, { signal, next })),
  );
  onEvent?.({ type: 'resolved', image, descriptor });
  const known = await knownTags(run, job, descriptor);
  if (known === 'whole')
    return { status: 'unchanged', job, descriptor, content: { manifests: [], blobs: [] }, tags: [] };
  const graph: GraphCopy = { image, source, destination, tags, mountFrom, platforms: run.options.platforms };
  const before =
    isCompanionKeeper(destination) && (await destination.exists(descriptor, { signal })) ? 'stored' : 'new';
  const isWanted = known === 'other' && before === 'new' && run.options.referrers !== 'skip';
  const onManifest = isWanted ? (manifest: Descriptor): void => lookAhead(run, source, manifest) : undefined;
  const content = await copyGraph(run, { ...graph, onManifest }, descriptor);
  const referrers = known === 'same' ? NO_REFERRERS : await referrersOf(run, graph, content, before);
  for (const tag of known === 'same' ? [] : tags) {
    await run.request([destination], () => destination.tag(descriptor, tag, { signal }));
    // What forgets its tags gets them at every run: that is no news of an image that it has.
    if (before === 'new') onEvent?.({ type: 'tagged', image, tag, descriptor });
  }
  return {
    status: known === 'same' ? 'unchanged' : 'copied',
    job,
    descriptor,
    content: {
      manifests: [...content.manifests, ...referrers.manifests],
      blobs: [...content.blobs, ...referrers.blobs],
    },
    tags: [...tags.map((tag) => ({ tag, descriptor })), ...referrers.tags],
  };
}

/** True where a tag is known to be missing at the destination, before anything was asked: its image has to be read. */
async function isMissing(run: CopyRun, { destination, tags }: CopyJob): Promise<boolean> {
  const { signal, existing } = run.options;
  if (existing === 'rewrite') return true;
  if (isHosted(destination)) return false;
  for (const tag of tags) {
    try {
      await destination.resolve(tag, { signal, absence: 'expected' });
    } catch (error) {
      if (error instanceof NotFoundError) return true;
      throw error;
    }
  }
  return false;
}

/** Begins to look for what is beside a manifest; whoever then waits for it is told of a failure. */
function lookAhead(run: CopyRun, source: ReadOnlyTarget, manifest: Descriptor): void {
  lookBeside(run, source, manifest).catch(() => undefined);
}

const NO_REFERRERS: ReferrerContent = { manifests: [], blobs: [], tags: [] };

/** What is beside an image is looked for when the image is new, and otherwise remembered by those that can. */
async function referrersOf(
  run: CopyRun,
  graph: GraphCopy,
  content: GraphContent,
  before: 'stored' | 'new',
): Promise<ReferrerContent> {
  const { referrers, signal, existing } = run.options;
  if (referrers === 'skip') return NO_REFERRERS;
  const { destination } = graph;
  if (!isCompanionKeeper(destination)) return copyReferrers(run, graph, content.manifests);
  const known =
    before === 'stored' && existing !== 'rewrite' ? await destination.companionsOf(content, { signal }) : undefined;
  if (known !== undefined) return known;
  const found = await copyReferrers(run, graph, content.manifests);
  // What could not be asked is asked again next time.
  if (!(isHosted(graph.source) && run.mute.has(graph.source.host))) {
    await destination.keepCompanions(content, found, { signal });
  }
  return found;
}

/**
 * What the destination says of the tags, or of the digest where there are none: 'whole' where a registry has them all at this digest
 * (it took the manifest only with everything under it), 'same' where a local store has them (its graph is walked, in case a run was broken off), else 'other'.
 */
async function knownTags(
  run: CopyRun,
  { destination, tags }: CopyJob,
  wanted: Descriptor,
): Promise<'whole' | 'same' | 'other'> {
  const { signal } = run.options;
  if (run.options.existing === 'rewrite') return 'other';
  if (tags.length === 0) {
    const exists = (): Promise<boolean> => destination.exists(wanted, { signal });
    return isHosted(destination) && (await run.request([destination], exists)) ? 'whole' : 'other';
  }
  for (const tag of tags) {
    try {
      const found = await run.request([destination], () => destination.resolve(tag, { signal, absence: 'expected' }));
      if (found.digest !== wanted.digest) return 'other';
    } catch (error) {
      if (error instanceof NotFoundError) return 'other';
      throw error;
    }
  }
  return isHosted(destination) ? 'whole' : 'same';
}
