/** Finding the image that a person means: by name, id, the beginning of an id, or digest. */

import type { OperationOptions } from '@kubecrate/content';
import { hasCode, KubecrateError, NotFoundError } from '@kubecrate/errors';
import {
  familiarReference,
  formatReference,
  isDigest,
  parseReference,
  type Reference,
  withDefaultTag,
} from '@kubecrate/oci';
import type { StoredImage } from './stored-image.ts';

/** How an image was found: by a name it has, or as itself. */
export type FoundImage =
  | { readonly by: 'name'; readonly image: StoredImage; readonly name: string }
  | { readonly by: 'id'; readonly image: StoredImage };

/**
 * In the order of isula: a whole id or digest, a name, the beginning of an id (when only one begins so), `name@digest`.
 * @throws NotFoundError; KubecrateError CONFLICT where several ids begin so
 */
export async function findImage(
  text: string,
  images: () => Promise<readonly StoredImage[]>,
  { signal }: OperationOptions = {},
): Promise<FoundImage> {
  signal?.throwIfAborted();
  const all = await images();
  const digest = isDigest(text) ? text : `sha256:${text}`;
  const whole = all.find(({ descriptor }) => descriptor.digest === digest);
  if (whole !== undefined) return { by: 'id', image: whole };
  const same = all.filter(({ id }) => id === digest);
  if (same.length > 0) return only(text, same);
  const reference = referenceOf(text);
  const name = reference === undefined ? undefined : formatReference(withDefaultTag(reference));
  const named = all.find(({ names }) => name !== undefined && names.includes(name));
  if (named !== undefined && name !== undefined) return { by: 'name', image: named, name };
  return byId(text, all) ?? byDigest(reference, all) ?? missing(text, all);
}

function byId(text: string, images: readonly StoredImage[]): FoundImage | undefined {
  const hex = text.replace(/^sha256:/, '');
  if (!/^[a-f0-9]{2,63}$/.test(hex)) return undefined;
  const found = images.filter(({ id }) => id.startsWith(`sha256:${hex}`));
  return found.length === 0 ? undefined : only(text, found);
}

/** @throws KubecrateError CONFLICT where there are several */
function only(text: string, found: readonly StoredImage[]): FoundImage {
  const [image, ...others] = found;
  if (image !== undefined && others.length === 0) return { by: 'id', image };
  if (new Set(found.map(({ id }) => id)).size < found.length) {
    // Manifests of one configuration share its id: however much is given of it, it stays ambiguous.
    throw new KubecrateError('CONFLICT', `${JSON.stringify(text)} is the id of ${found.length} images`, {
      hint: `use a name or the digest of a manifest: ${found.map(nameOrDigest).join(', ')}`,
    });
  }
  throw new KubecrateError('CONFLICT', `the ids of ${found.length} images begin with ${JSON.stringify(text)}`, {
    hint: `give more of it: ${found.map(({ id }) => id).join(', ')}`,
  });
}

function nameOrDigest({ names: [name], descriptor }: StoredImage): string {
  return name === undefined ? descriptor.digest : familiarReference(parseReference(name));
}

/** `name@digest`, where the image has a name of that repository. */
function byDigest(reference: Reference | undefined, images: readonly StoredImage[]): FoundImage | undefined {
  if (reference?.digest === undefined) return undefined;
  const { digest, domain, repository } = reference;
  const image = images.find(
    ({ descriptor, names }) =>
      descriptor.digest === digest &&
      names.some((name) => {
        const own = parseReference(name);
        return own.domain === domain && own.repository === repository;
      }),
  );
  return image === undefined ? undefined : { by: 'id', image };
}

function missing(text: string, images: readonly StoredImage[]): never {
  const near = images.flatMap(({ names }) => names).filter((name) => text !== '' && name.includes(text));
  throw new NotFoundError(`no such image: ${JSON.stringify(text)}`, {
    hint: near.length > 0 ? `did you mean ${near.slice(0, 3).join(' or ')}?` : 'run: kubecrate images',
  });
}

function referenceOf(text: string): Reference | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    if (hasCode(error, 'INVALID_REFERENCE')) return undefined;
    throw error;
  }
}
