/** Which children of an index are wanted. The one place that knows how platforms choose. */

import { KubecrateError } from '@kubecrate/errors';
import {
  type Descriptor,
  formatPlatform,
  type ImageIndex,
  isIndexMediaType,
  matchesPlatform,
  type Platform,
} from '@kubecrate/oci';

/** The children to take, and the wanted platforms that none of them serves. */
export interface Selection {
  readonly manifests: readonly Descriptor[];
  readonly missing: readonly Platform[];
}

/**
 * Chooses the children of an index for the wanted platforms; all of them where nothing is asked for.
 * For each platform the closest children are taken: the same variant, else (arm) the highest older one.
 * Attestations of a chosen child come with it; nested indexes and children without a platform are always taken.
 */
export function selectPlatforms(index: ImageIndex, wanted: readonly Platform[] | undefined): Selection {
  if (wanted === undefined) return { manifests: index.manifests, missing: [] };
  const children = index.manifests.filter((child) => !isAttestation(child));
  const chosen = new Set(
    children.filter(({ platform, mediaType }) => platform === undefined || isIndexMediaType(mediaType)),
  );
  const nested = chosen.size > 0;
  const missing: Platform[] = [];
  for (const platform of wanted) {
    const found = closest(children, platform);
    for (const child of found) chosen.add(child);
    if (found.length === 0 && !nested) missing.push(platform);
  }
  const digests = new Set([...chosen].map(({ digest }) => digest as string));
  const attestations = index.manifests.filter(
    (child) => isAttestation(child) && digests.has(child.annotations?.[SUBJECT] ?? ''),
  );
  const all = new Set([...chosen, ...attestations]);
  return { manifests: index.manifests.filter((child) => all.has(child)), missing };
}

/** The platforms that an index serves, for messages: `linux/amd64, linux/arm/v7`. */
export function platformsOf(index: ImageIndex): readonly Platform[] {
  return index.manifests.flatMap((child) =>
    child.platform === undefined || isAttestation(child) ? [] : [child.platform],
  );
}

/** The error for an image that lacks platforms that were asked for. */
export function platformMissing(image: string, missing: readonly Platform[], has: readonly Platform[]): KubecrateError {
  const had = has.length === 0 ? 'no platform at all' : has.map(formatPlatform).join(', ');
  return new KubecrateError(
    'PLATFORM_MISSING',
    `image ${image} has no manifest for ${missing.map(formatPlatform).join(', ')}; it has ${had}`,
    { hint: 'ask for a platform it has, or leave the image out' },
  );
}

/** BuildKit's attestation children name the child they speak of (BuildKit, attestation-storage.md). */
function isAttestation({ annotations }: Descriptor): boolean {
  return annotations?.[TYPE] === 'attestation-manifest';
}

const TYPE = 'vnd.docker.reference.type';
const SUBJECT = 'vnd.docker.reference.digest';

function closest(children: readonly Descriptor[], wanted: Platform): readonly Descriptor[] {
  const matching = children.filter(({ platform }) => platform !== undefined && matchesPlatform(platform, wanted));
  const exact = matching.filter(({ platform }) => platform?.variant === wanted.variant);
  if (exact.length > 0) return exact;
  if (matching.length > 0) return sameVariant(matching, highestVariant(matching));
  if (wanted.architecture !== 'arm' || wanted.variant === undefined) return [];
  const older = children.filter(
    ({ platform }) =>
      platform?.os === wanted.os &&
      platform.architecture === 'arm' &&
      (platform.variant ?? '') < (wanted.variant ?? ''),
  );
  return sameVariant(older, highestVariant(older));
}

function highestVariant(children: readonly Descriptor[]): string | undefined {
  return children
    .map(({ platform }) => platform?.variant)
    .sort()
    .at(-1);
}

function sameVariant(children: readonly Descriptor[], variant: string | undefined): readonly Descriptor[] {
  return children.filter(({ platform }) => platform?.variant === variant);
}
