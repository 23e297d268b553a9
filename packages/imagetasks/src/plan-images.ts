/** Which image goes where, for one action. */

import { KubecrateError, messageOf, NotFoundError } from '@kubecrate/errors';
import { formatReference, type Reference } from '@kubecrate/oci';
import type { Action } from './action.ts';
import { matchesPattern, type StoredImage } from './image-name.ts';

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
export function planImages(action: Action, stored: readonly StoredImage[]): ImagePlan {
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

/** The images that are asked for, each once, and those of them that the directory does not hold. */
function selectImages(
  action: Action,
  stored: readonly StoredImage[],
): { readonly images: readonly Reference[]; readonly missing: readonly RefusedImage[] } {
  const { images, pattern } = action;
  const wanted = images === undefined ? undefined : new Map(images.map((image) => [formatReference(image), image]));
  if (action.kind === 'pull' || action.kind === 'transfer') {
    const named = [...(wanted ?? [])].map(([name, image]) => ({ ...image, spellings: [name] }));
    return { images: named.filter((image) => matchesPattern(pattern, image)).map(bare), missing: [] };
  }
  const names = new Set(stored.map(formatReference));
  const directory = action.kind === 'copy' ? action.from : action.directory;
  const missing = [...(wanted ?? [])].flatMap(([name, source]) =>
    names.has(name) ? [] : [{ source, error: notStored(directory, name) }],
  );
  const found = stored.filter((image) => wanted?.has(formatReference(image)) !== false);
  return { images: found.filter((image) => matchesPattern(pattern, image)).map(bare), missing };
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
