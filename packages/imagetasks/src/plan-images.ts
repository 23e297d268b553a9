/** Which image goes where, for one action. */

import { KubecrateError } from '@kubecrate/errors';
import { formatReference, type Reference } from '@kubecrate/oci';
import type { Action, CopyAction, PushAction } from './action.ts';
import { matchesPattern, type StoredImage } from './image-name.ts';

/** One image on its way; directories hold it under its own name. */
export interface PlannedImage {
  readonly source: Reference;
  readonly destination: Reference;
}

/**
 * The images of an action; `stored` are those that its directory holds, for actions that read one.
 * @throws KubecrateError CONFLICT where several images of a push have one destination, NOT_FOUND where a copy asks for what is not there
 */
export function planImages(action: Action, stored: readonly StoredImage[]): readonly PlannedImage[] {
  if (action.kind === 'pull') return unchanged(action.images);
  return action.kind === 'push' ? planPush(action, stored) : unchanged(selectStored(action, stored));
}

function unchanged(images: readonly Reference[]): readonly PlannedImage[] {
  const byName = new Map(images.map((image) => [formatReference(image), image]));
  return [...byName.values()].map((image) => ({ source: image, destination: image }));
}

function planPush(action: PushAction, stored: readonly StoredImage[]): readonly PlannedImage[] {
  const planned = stored
    .filter((image) => matchesPattern(action.pattern, image))
    .map((image) => ({ source: image, destination: action.destinationOf(image) }));
  const sources = new Map<string, string[]>();
  for (const { source, destination } of planned) {
    const name = formatReference(destination);
    sources.set(name, [...(sources.get(name) ?? []), formatReference(source)]);
  }
  const conflicts = [...sources].filter(([, names]) => names.length > 1);
  if (conflicts.length === 0) return planned;
  const lines = conflicts.flatMap(([destination, names]) => [
    `  ${destination}`,
    ...names.map((name) => `    from ${name}`),
  ]);
  throw new KubecrateError('CONFLICT', ['several images have one destination:', ...lines].join('\n'), {
    hint: 'put {{ .module.image.src.reference.repository }} and {{ .module.image.src.reference.reference }} into dest, or narrow src_pattern',
  });
}

function selectStored({ images, pattern, from }: CopyAction, stored: readonly StoredImage[]): readonly Reference[] {
  const wanted = images === undefined ? undefined : new Set(images.map(formatReference));
  const names = new Set(stored.map(formatReference));
  const missing = [...(wanted ?? [])].filter((name) => !names.has(name));
  if (missing.length > 0) {
    throw new KubecrateError('NOT_FOUND', `directory ${JSON.stringify(from)} does not hold ${missing.join(', ')}`, {
      hint: 'pull it into that directory first',
    });
  }
  return stored.filter((image) => wanted?.has(formatReference(image)) !== false && matchesPattern(pattern, image));
}
