/** Names of images as directories and templates have them: registry, repository, reference. */

import type { GoMap } from '@kubecrate/gotemplate';
import { parseReference, type Reference, tagOrDigest } from '@kubecrate/oci';
import type { RE2JS } from 're2js';

/** An image of a directory. */
export interface StoredImage extends Reference {
  /** `docker.io/library/nginx:1.25` or `docker.io/library/nginx@sha256:...`, and the same with the folder it lies in, as KubeKey itself spells it. */
  readonly spellings: readonly string[];
}

/** An image of a directory that cannot be read; with neither tag nor digest, all those of its repository. */
export interface BrokenStoredImage extends StoredImage {
  readonly error: unknown;
}

/** What a directory holds. */
export interface StoredImages {
  readonly images: readonly StoredImage[];
  readonly broken: readonly BrokenStoredImage[];
  /** Every manifest, whatever names it: `docker.io/library/nginx@sha256:...`. */
  readonly manifests: ReadonlySet<string>;
}

export const NO_IMAGES: StoredImages = { images: [], broken: [], manifests: new Set() };

/** True where the pattern is found in one of the spellings. */
export function matchesPattern(pattern: RE2JS | undefined, { spellings }: StoredImage): boolean {
  return pattern === undefined || spellings.some((spelling) => pattern.matcher(spelling).find());
}

/** The variables `.module.image.src.reference.*` of an image, and `.module.image.reference.*` as KubeKey 4.0.5 calls them. */
export function imageVariables(image: Reference): GoMap {
  const reference: GoMap = new Map([
    ['registry', image.domain],
    ['repository', image.repository],
    ['reference', image.tag ?? tagOrDigest(image)],
  ]);
  const src: GoMap = new Map([['reference', reference]]);
  return new Map([
    [
      'module',
      new Map([
        [
          'image',
          new Map([
            ['src', src],
            ['reference', reference],
          ]),
        ],
      ]),
    ],
  ]);
}

/** A reference as tasks write it: `oci://` is passed over, a digest after a colon is a digest. @throws KubecrateError INVALID_REFERENCE */
export function parseName(text: string): Reference {
  const bare = text.trim().replace(/^oci:\/\//, '');
  return parseReference(bare.replace(/:(sha(?:256|512):[0-9a-f]+)$/, '@$1'));
}

/** Reads a rendered destination as {@link parseName} does; a tag that is missing is the source's. */
export function parseDestination(text: string, image: Reference): Reference {
  const destination = parseName(text);
  if (destination.tag !== undefined || destination.digest !== undefined) return destination;
  const { tag, digest } = image;
  return { ...destination, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}
