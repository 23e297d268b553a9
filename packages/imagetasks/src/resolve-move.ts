/** Renders and checks the arguments of `image` as KubeKey has them from 4.0.5 on: `src` and `dest`, each a directory or a registry. */

import type { Action } from './action.ts';
import type { Arguments } from './arguments.ts';
import { resolveAccess, securityOf } from './resolve-access.ts';
import { nameTemplate, patternOf, platformsOf, referencesOf } from './resolve-fields.ts';

/** A pull, a push, a copy or a transfer, by what `src` and `dest` are. @throws as `resolveAction` does */
export async function resolveMove(given: Arguments): Promise<Action> {
  const [from, to] = [directoryOf(given, 'src'), directoryOf(given, 'dest')];
  const pattern = patternOf(given, 'pattern');
  const images = await referencesOf(given, 'manifests');
  if (from === undefined && images.length === 0) throw given.refuse('manifests', 'holds no image');
  const chosen = { ...(pattern === undefined ? {} : { pattern }), ...(await platformsOf(given)) };
  const stored = { ...chosen, ...(images.length === 0 ? {} : { images }) };
  const reached = { access: await resolveAccess(given), security: securityOf(given) };
  if (from !== undefined && to !== undefined) return { kind: 'copy', from, to, ...stored };
  if (from !== undefined)
    return { kind: 'push', directory: from, destinationOf: nameTemplate(given, 'dest'), ...stored, ...reached };
  const sourceOf = nameTemplate(given, 'src');
  if (to !== undefined) return { kind: 'pull', directory: to, images, sourceOf, ...chosen, ...reached };
  return { kind: 'transfer', images, sourceOf, destinationOf: nameTemplate(given, 'dest'), ...chosen, ...reached };
}

/**
 * The directory behind `local://`; undefined for `oci://`, which is a template over the name of an image and may have its scheme
 * inside a condition.
 */
function directoryOf(given: Arguments, key: 'src' | 'dest'): string | undefined {
  if (given.raw(key)?.includes('oci://') === true) return undefined;
  const text = given.text(key)?.trim();
  if (text?.startsWith(LOCAL) === true && text !== LOCAL) return text.slice(LOCAL.length);
  throw given.refuse(
    key,
    'is neither a directory nor a registry',
    'write local://DIRECTORY, or oci:// with {{ .module.image.reference.repository }} and {{ .module.image.reference.reference }}',
  );
}

/** What a directory begins with. */
export const LOCAL = 'local://';
