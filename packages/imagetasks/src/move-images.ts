/** Moves the planned images of one action. */

import {
  type CopyJob,
  type CopyOptions,
  type CopyResult,
  copyImages,
  narrowedView,
  type OnEvent,
  platformMissing,
  platformsOf,
  type ReadOnlyTarget,
  selectPlatforms,
  type Target,
} from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import { formatReference, matchesPlatform, type Reference, tagOrDigest } from '@kubecrate/oci';
import type { RegistryConfig } from '@kubecrate/registry';
import { type KubekeyDirectory, type KubekeyLayout, openKubekeyDirectory } from '@kubecrate/stores';
import type { Action, PlatformChoice, PushAction, RegistryAccess } from './action.ts';
import { openRegistries } from './open-registries.ts';
import type { PlannedImage } from './plan-images.ts';
import type { ImageOutcome } from './report.ts';

export interface MoveOptions extends Pick<CopyOptions, 'limits' | 'retry' | 'signal' | 'onEvent'> {
  /** How registries are reached where the tasks do not say it. */
  readonly registry: RegistryConfig;
  /** The form in which directories are written. Default `v4.0.0`. */
  readonly layout?: KubekeyLayout;
}

/** The outcomes are in the order of the images. @throws KubecrateError where the action as a whole cannot start */
export async function moveImages(
  action: Action,
  planned: readonly PlannedImage[],
  options: MoveOptions,
): Promise<readonly ImageOutcome[]> {
  const { registry, layout, ...copyOptions } = options;
  const write = { access: 'write', ...(layout === undefined ? {} : { layout }) } as const;
  const narrowing = { choice: action, onEvent: options.onEvent };
  if (action.kind === 'copy') {
    const from = await openKubekeyDirectory(action.from, { access: 'read' });
    const to = await openKubekeyDirectory(action.to, write);
    const ends = {
      source: (image: Reference) => narrowed(from.repository(nameOf(image)), image, narrowing),
      destination: (image: Reference) => to.repository(nameOf(image)),
    };
    return await tidied(to, copyAll(planned, ends, copyOptions));
  }
  const access = action.kind === 'push' ? [...action.access, ...loginFor(action, planned)] : action.access;
  const { security } = action;
  await using registries = await openRegistries(registry, access, { security, onEvent: options.onEvent });
  const remote = ({ domain, repository }: Reference) => registries.client.repository(domain, repository);
  const written = ({ domain, repository }: Reference) => registries.client.destination(domain, repository);
  const fetched = (image: Reference) => narrowed(remote(image), image, narrowing);
  if (action.kind === 'transfer') {
    return await copyAll(planned, { source: fetched, destination: written }, { ...copyOptions, referrers: 'copy' });
  }
  if (action.kind === 'pull') {
    const to = await openKubekeyDirectory(action.directory, write);
    const ends = { source: fetched, destination: (image: Reference) => to.repository(nameOf(image)) };
    return await tidied(to, copyAll(planned, ends, copyOptions));
  }
  const from = await openKubekeyDirectory(action.directory, { access: 'read' });
  const stored = (image: Reference) => narrowed(from.repository(nameOf(image)), image, narrowing);
  return await copyAll(planned, { source: stored, destination: written }, copyOptions);
}

/** What runs that were killed left in the directory goes once the blobs it was to become are there. */
async function tidied<T>(directory: KubekeyDirectory, work: Promise<T>): Promise<T> {
  const outcome = await work;
  await directory.tidy();
  return outcome;
}

/**
 * A password of a push without a registry is for the one registry that there is; it is sent to no other.
 * @throws KubecrateError INVALID_CONFIG where there are several
 */
export function loginFor({ login, security }: PushAction, planned: readonly PlannedImage[]): readonly RegistryAccess[] {
  if (login === undefined) return [];
  const registries = [...new Set(planned.map(({ destination }) => destination.domain))].sort();
  if (registries.length > 1) {
    throw new KubecrateError(
      'INVALID_CONFIG',
      `push has one username for several registries: ${registries.join(', ')}`,
      { hint: 'say in auths which registry it is for' },
    );
  }
  return registries.map((registry) => ({ registry, login, security }));
}

interface Ends {
  readonly source: (image: Reference) => ReadOnlyTarget;
  readonly destination: (image: Reference) => Target;
}

async function copyAll(
  planned: readonly PlannedImage[],
  ends: Ends,
  options: CopyOptions,
): Promise<readonly ImageOutcome[]> {
  const destinations = new Map<string, Target>();
  // One object for each repository, so that the run knows what it brought there already.
  const destinationFor = (image: Reference): Target => {
    const target = destinations.get(nameOf(image)) ?? ends.destination(image);
    destinations.set(nameOf(image), target);
    return target;
  };
  const jobs = planned.map(
    ({ source, destination }): CopyJob => ({
      image: formatReference(source),
      source: ends.source(source),
      reference: tagOrDigest(source),
      destination: destinationFor(destination),
      tags: destination.tag === undefined ? [] : [destination.tag],
    }),
  );
  // These directories hold images by their tags; KubeKey would take signatures beside them for images.
  const { results } = await copyImages(jobs, { referrers: 'skip', ...options });
  return results.flatMap((result, index) => {
    const image = planned[index];
    return image === undefined ? [] : [outcomeOf(result, image)];
  });
}

function outcomeOf(result: CopyResult, { source, destination }: PlannedImage): ImageOutcome {
  const names = { source: formatReference(source), destination: formatReference(destination) };
  if (result.status !== 'failed') return { ...names, status: result.status, descriptor: result.descriptor };
  const { error } = result;
  return { ...names, status: error instanceof NothingWanted ? 'skipped' : 'failed', error };
}

/** An image that has none of the wanted platforms, where the policy is to go on without it. */
class NothingWanted extends KubecrateError {}

/** The image with the wanted platforms. One platform gives its manifest itself, as KubeKey stores it. */
function narrowed(
  source: ReadOnlyTarget,
  image: Reference,
  {
    choice: { platforms, policy },
    onEvent,
  }: { readonly choice: PlatformChoice; readonly onEvent: OnEvent | undefined },
): ReadOnlyTarget {
  if (platforms === undefined) return source;
  const name = formatReference(image);
  return narrowedView(source, {
    accepts: (platform) => {
      if (platforms.some((wanted) => matchesPlatform(platform, wanted))) return true;
      throw refusal(platformMissing(name, platforms, [platform]), policy);
    },
    select: (index) => {
      const { manifests, missing } = selectPlatforms(index, platforms);
      if (missing.length === 0) return manifests;
      const error = platformMissing(name, missing, platformsOf(index));
      if (policy === 'strict' || missing.length === platforms.length) throw refusal(error, policy);
      onEvent?.({ type: 'warning', message: error.message });
      return manifests;
    },
    onlyChild: platforms.length === 1 ? 'manifest' : 'index',
  });
}

function refusal(error: KubecrateError, policy: PlatformChoice['policy']): KubecrateError {
  return policy === 'strict' ? error : new NothingWanted('PLATFORM_MISSING', error.message);
}

function nameOf({ domain, repository }: Reference): string {
  return `${domain}/${repository}`;
}
