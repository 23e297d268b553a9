/** Saving images into repositories: named, grouped by domain, moved in one run. */

import {
  type CopyEvent,
  type CopyJob,
  type CopyOptions,
  type CopyResult,
  copyImages,
  type Namespace,
  type OnEvent,
  type ReadOnlyTarget,
  type Target,
} from '@kubecrate/content';
import { tagOrDigest } from '@kubecrate/oci';
import { type Registries, refuseCollisions } from './collisions.ts';
import { type NamedImage, type Naming, planNames, type RequestedImage } from './name-plan.ts';

export interface SaveOptions extends CopyOptions {
  readonly naming?: Naming | undefined;
}

/** How one name of one image ended. */
export interface SavedImage {
  readonly named: NamedImage;
  readonly result: CopyResult;
}

/**
 * Saves images under their names into `destination`. One failure does not stop the others: see each result.
 * @throws KubecrateError CONFLICT where two different images claim one name; nothing was fetched then
 */
export async function saveInto(
  requested: readonly RequestedImage[],
  destination: Namespace<Target>,
  options: SaveOptions & { readonly from: Registries },
): Promise<readonly SavedImage[]> {
  const { from, naming = 'plain', ...copyOptions } = options;
  const plan = planNames(requested, naming);
  await refuseCollisions(plan.claims, from, { signal: options.signal });
  const targets = new Map<string, Target>();
  const jobs = [...groupByDomain(plan.images).values()].flatMap((images) => {
    const sources = new Map<string, ReadOnlyTarget>();
    return images.map((named): [NamedImage, CopyJob] => [
      named,
      {
        image: named.image,
        source: sourceOf(named, sources, from),
        reference: tagOrDigest(named.reference),
        destination: remember(targets, named.repository, (repository) => destination.repository(repository)),
        tags: named.tag === undefined ? [] : [named.tag],
      },
    ]);
  });
  const { results } = await copyImages(
    jobs.map(([, job]) => job),
    { ...copyOptions, onEvent: oncePerImage(copyOptions.onEvent) },
  );
  return results.flatMap((result, i) => {
    const named = jobs[i]?.[0];
    return named === undefined ? [] : [{ named, result }];
  });
}

/** Images by the registry they come from: one registry, one set of connections. */
export function groupByDomain(images: readonly NamedImage[]): ReadonlyMap<string, readonly NamedImage[]> {
  const groups = new Map<string, NamedImage[]>();
  for (const image of images) {
    const group = groups.get(image.reference.domain);
    if (group === undefined) groups.set(image.reference.domain, [image]);
    else group.push(image);
  }
  return groups;
}

function sourceOf(
  { reference, from = reference }: NamedImage,
  sources: Map<string, ReadOnlyTarget>,
  registries: Registries,
): ReadOnlyTarget {
  const { domain, repository } = from;
  return remember(sources, `${domain}/${repository}`, () => registries.repository(domain, repository));
}

/** One object for one name, so that a run asks for its manifests once. */
function remember<T>(map: Map<string, T>, name: string, make: (name: string) => T): T {
  const found = map.get(name);
  if (found !== undefined) return found;
  const made = make(name);
  map.set(name, made);
  return made;
}

/** An image that gets two names (`mysql`, `library/mysql`) is told of once. */
function oncePerImage(onEvent: OnEvent | undefined): OnEvent | undefined {
  if (onEvent === undefined) return undefined;
  const told = new Set<string>();
  return (event) => {
    const news = newsOf(event);
    if (news !== undefined && told.has(news)) return;
    if (news !== undefined) told.add(news);
    onEvent(event);
  };
}

function newsOf(event: CopyEvent): string | undefined {
  if (event.type === 'warning') return event.message;
  return event.type === 'tagged' || event.type === 'failed' ? `${event.type} ${event.image}` : undefined;
}
