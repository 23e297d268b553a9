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
  /** The pattern of the action, where it is found in none of its images. */
  readonly vainPattern?: VainPattern;
}

/** An expression, and how many images it is found in none of. */
export interface VainPattern {
  readonly text: string;
  readonly count: number;
}

/**
 * The images of an action; `stored` are those that its directory holds, for actions that read one.
 * @throws KubecrateError CONFLICT where all images have one destination, and what is wrong with all images alike
 */
export function planImages(action: Action, stored: StoredImages): ImagePlan {
  const { images, missing, ...pattern } = selectImages(action, stored);
  const planned: PlannedImage[] = [];
  const refused: RefusedImage[] = [...missing];
  for (const image of images) {
    try {
      planned.push(endsOf(action, image));
    } catch (error) {
      refused.push({ source: image, error });
    }
  }
  const reasons = new Set(refused.map(({ error }) => messageOf(error)));
  if (planned.length === 0 && refused.length > 1 && reasons.size === 1) throw refused[0]?.error;
  const { sole, colliding } = separateConflicts(planned);
  return { planned: sole, refused: [...refused, ...colliding], ...pattern };
}

function endsOf(action: Action, image: Reference): PlannedImage {
  const fetched = action.kind === 'pull' || action.kind === 'transfer' ? action.sourceOf?.(image) : undefined;
  const pushed = action.kind === 'push' || action.kind === 'transfer' ? action.destinationOf(image) : undefined;
  return { source: fetched ?? image, destination: pushed ?? image };
}

interface SelectedImages {
  readonly images: readonly Reference[];
  readonly missing: readonly RefusedImage[];
  readonly vainPattern?: VainPattern;
}

/** The images that are asked for, each once, and those of them that the directory does not hold, or not whole. */
function selectImages(action: Action, stored: StoredImages): SelectedImages {
  const { images, pattern } = action;
  const wanted = images === undefined ? undefined : new Map(images.map((image) => [formatReference(image), image]));
  if (action.kind === 'pull' || action.kind === 'transfer') {
    const named = [...(wanted ?? [])].map(([name, image]) => ({ ...image, spellings: [name] }));
    return { ...matching(named, pattern), missing: [] };
  }
  const directory = action.kind === 'copy' ? action.from : action.directory;
  if (wanted !== undefined) return selectNamed([...wanted.values()], { stored, pattern, directory });
  return {
    ...matching(stored.images, pattern),
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
): SelectedImages {
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
  return { ...matching(found, pattern), missing };
}

/** The images that the pattern is found in; with the count of those it was looked for in, where it is found in none. */
function matching(
  images: readonly StoredImage[],
  pattern: Action['pattern'],
): { readonly images: readonly Reference[]; readonly vainPattern?: VainPattern } {
  const found = images.filter((image) => matchesPattern(pattern, image)).map(bare);
  if (pattern === undefined || images.length === 0 || found.length > 0) return { images: found };
  return { images: found, vainPattern: { text: pattern.pattern(), count: images.length } };
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

/** Images that have a destination to themselves, and those that share one: which of them should be there nobody knows. */
function separateConflicts(planned: readonly PlannedImage[]): {
  readonly sole: readonly PlannedImage[];
  readonly colliding: readonly RefusedImage[];
} {
  const sources = new Map<string, readonly string[]>();
  for (const { source, destination } of planned) {
    const name = formatReference(destination);
    sources.set(name, [...(sources.get(name) ?? []), formatReference(source)]);
  }
  if (sources.size === 1 && planned.length > 1) throw constantDestination(...([...sources][0] ?? ['', []]));
  const sharing = ({ destination }: PlannedImage) => sources.get(formatReference(destination)) ?? [];
  return {
    sole: planned.filter((image) => sharing(image).length === 1),
    colliding: planned
      .filter((image) => sharing(image).length > 1)
      .map((image) => ({ source: image.source, error: collision(image, sharing(image)) })),
  };
}

function collision({ source, destination }: PlannedImage, names: readonly string[]): KubecrateError {
  const others = names.filter((name) => name !== formatReference(source)).join(', ');
  return new KubecrateError('CONFLICT', `${formatReference(destination)} is the destination of ${others} too`, {
    hint: CONFLICT_HINT,
  });
}

function constantDestination(destination: string, names: readonly string[]): KubecrateError {
  const lines = [`  ${destination}`, ...names.map((name) => `    from ${name}`)];
  return new KubecrateError('CONFLICT', ['several images have one destination:', ...lines].join('\n'), {
    hint: CONFLICT_HINT,
  });
}

const CONFLICT_HINT =
  'put {{ .module.image.src.reference.repository }} and {{ .module.image.src.reference.reference }} into dest, or narrow src_pattern';
