/** Which image goes where, for one action. */

import { KubecrateError, messageOf, NotFoundError } from '@kubecrate/errors';
import { formatReference, type Reference } from '@kubecrate/oci';
import type { Action } from './action.ts';
import { type BrokenStoredImage, matchesPattern, type StoredImage, type StoredImages } from './image-name.ts';

/** One image on its way; directories hold it under its own name. */
export interface PlannedImage {
  readonly source: Reference;
  readonly destination: Reference;
}

/** An image that cannot be moved, and why; the others can. */
export interface RefusedImage {
  readonly source: Reference;
  readonly error: unknown;
}

export interface ImagePlan {
  readonly planned: readonly PlannedImage[];
  readonly refused: readonly RefusedImage[];
}

/**
 * The images of an action; `stored` are those that its directory holds, for actions that read one.
 * @throws KubecrateError CONFLICT where several images have one destination, and what is wrong with all images alike
 */
export function planImages(action: Action, stored: StoredImages): ImagePlan {
  const { images, missing } = selectImages(action, stored);
  const planned: PlannedImage[] = [];
  const refused: RefusedImage[] = [...missing];
  for (const image of images) {
    try {
      planned.push(endsOf(action, image));
    } catch (error) {
      refused.push({ source: image, error });
    }
  }
  refuseConflicts(planned);
  const reasons = new Set(refused.map(({ error }) => messageOf(error)));
  if (planned.length === 0 && refused.length > 1 && reasons.size === 1) throw refused[0]?.error;
  return { planned, refused };
}

function endsOf(action: Action, image: Reference): PlannedImage {
  const fetched = action.kind === 'pull' || action.kind === 'transfer' ? action.sourceOf?.(image) : undefined;
  const pushed = action.kind === 'push' || action.kind === 'transfer' ? action.destinationOf(image) : undefined;
  return { source: fetched ?? image, destination: pushed ?? image };
}

/** The images that are asked for, each once, and those of them that the directory does not hold, or not whole. */
function selectImages(
  action: Action,
  stored: StoredImages,
): { readonly images: readonly Reference[]; readonly missing: readonly RefusedImage[] } {
  const { images, pattern } = action;
  const wanted = images === undefined ? undefined : new Map(images.map((image) => [formatReference(image), image]));
  if (action.kind === 'pull' || action.kind === 'transfer') {
    const named = [...(wanted ?? [])].map(([name, image]) => ({ ...image, spellings: [name] }));
    return { images: named.filter((image) => matchesPattern(pattern, image)).map(bare), missing: [] };
  }
  const directory = action.kind === 'copy' ? action.from : action.directory;
  if (wanted !== undefined) return selectNamed([...wanted.values()], { stored, pattern, directory });
  return {
    images: stored.images.filter((image) => matchesPattern(pattern, image)).map(bare),
    missing: stored.broken.filter((image) => isRepository(image) || matchesPattern(pattern, image)).map(refusedOf),
  };
}

/** In the order of the directory; a manifest is there by its digest whatever else names it. */
function selectNamed(
  wanted: readonly Reference[],
  {
    stored,
    pattern,
    directory,
  }: { readonly stored: StoredImages; readonly pattern: Action['pattern']; readonly directory: string },
): ReturnType<typeof selectImages> {
  const names = new Set(wanted.map(formatReference));
  const held = new Set(stored.images.map(formatReference));
  const found = stored.images.filter((image) => names.has(formatReference(image)));
  const missing: RefusedImage[] = [];
  for (const source of wanted) {
    const name = formatReference(source);
    const broken = stored.broken.find((image) => formatReference(image) === name || isRepositoryOf(image, source));
    const { tag: _, ...manifest } = source;
    if (held.has(name)) continue;
    if (source.digest !== undefined && stored.manifests.has(formatReference(manifest)))
      found.push({ ...source, spellings: [name] });
    else missing.push({ source, error: broken?.error ?? notStored(directory, name) });
  }
  return { images: found.filter((image) => matchesPattern(pattern, image)).map(bare), missing };
}

/** True for the images of a repository whose tags cannot be known: any of them may be meant. */
function isRepository({ tag, digest }: Reference): boolean {
  return tag === undefined && digest === undefined;
}

function isRepositoryOf(broken: Reference, { domain, repository }: Reference): boolean {
  return isRepository(broken) && broken.domain === domain && broken.repository === repository;
}

function refusedOf(image: BrokenStoredImage): RefusedImage {
  return { source: bare(image), error: image.error };
}

function bare({ spellings: _, ...image }: StoredImage): Reference {
  return image;
}

function notStored(directory: string, name: string): NotFoundError {
  return new NotFoundError(`directory ${JSON.stringify(directory)} does not hold ${name}`, {
    hint: 'pull it into that directory first',
  });
}

function refuseConflicts(planned: readonly PlannedImage[]): void {
  const sources = new Map<string, string[]>();
  for (const { source, destination } of planned) {
    const name = formatReference(destination);
    sources.set(name, [...(sources.get(name) ?? []), formatReference(source)]);
  }
  const conflicts = [...sources].filter(([, names]) => names.length > 1);
  if (conflicts.length === 0) return;
  const lines = conflicts.flatMap(([destination, names]) => [
    `  ${destination}`,
    ...names.map((name) => `    from ${name}`),
  ]);
  throw new KubecrateError('CONFLICT', ['several images have one destination:', ...lines].join('\n'), {
    hint: 'put {{ .module.image.src.reference.repository }} and {{ .module.image.src.reference.reference }} into dest, or narrow src_pattern',
  });
}
