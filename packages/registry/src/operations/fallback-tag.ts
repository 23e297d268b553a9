/** The referrers tag schema (distribution-spec): an index under a tag, for registries without the referrers API. */

import { NotFoundError } from '@kubecrate/errors';
import {
  algorithmOf,
  type Descriptor,
  type Digest,
  hexOf,
  type ImageIndex,
  MEDIA_TYPES,
  parseManifest,
} from '@kubecrate/oci';
import { putManifest } from './put-manifest.ts';
import { fetchManifest } from './read-manifest.ts';
import type { RepositoryContext } from './repository-context.ts';

/** `sha256-<hex>`: the tag under which referrers of a digest are listed. */
export function fallbackTag(digest: Digest): string {
  return `${algorithmOf(digest)}-${hexOf(digest).slice(0, 64)}`;
}

/** What the fallback tag of a digest lists; nothing where there is no such tag, or something else is under it. */
export async function readFallbackTag(
  context: RepositoryContext,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<readonly Descriptor[]> {
  return (await readIndex(context, digest, signal))?.manifests ?? [];
}

/** Adds a manifest to the referrers of its subject; one that is there already stays as it is. */
export function addToFallbackTag(
  context: RepositoryContext,
  subject: Descriptor,
  manifest: Descriptor,
  bytes: Buffer,
  signal: AbortSignal | undefined,
): Promise<void> {
  return inTurn(context, subject.digest, async () => {
    const listed = await readFallbackTag(context, subject.digest, signal);
    if (listed.some(({ digest }) => digest === manifest.digest)) return;
    await writeIndex(context, subject.digest, [...listed, referrerOf(manifest, bytes)], signal);
  });
}

/** Takes a manifest off the referrers of its subject. */
export function removeFromFallbackTag(
  context: RepositoryContext,
  subject: Descriptor,
  manifest: Descriptor,
  signal: AbortSignal | undefined,
): Promise<void> {
  return inTurn(context, subject.digest, async () => {
    const listed = await readFallbackTag(context, subject.digest, signal);
    const left = listed.filter(({ digest }) => digest !== manifest.digest);
    if (left.length < listed.length) await writeIndex(context, subject.digest, left, signal);
  });
}

/** The descriptor by which a referrer is listed: with what it is, and its annotations. */
function referrerOf({ mediaType, digest, size }: Descriptor, bytes: Buffer): Descriptor {
  const manifest = parseManifest(bytes, mediaType);
  const artifactType = manifest.artifactType ?? (manifest.kind === 'manifest' ? manifest.config.mediaType : undefined);
  return {
    mediaType,
    digest,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(manifest.annotations === undefined ? {} : { annotations: manifest.annotations }),
  };
}

async function readIndex(
  context: RepositoryContext,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<ImageIndex | undefined> {
  try {
    const { bytes, descriptor } = await fetchManifest(context, fallbackTag(digest), { signal });
    const manifest = parseManifest(bytes, descriptor.mediaType);
    return manifest.kind === 'index' ? manifest : undefined;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

async function writeIndex(
  context: RepositoryContext,
  digest: Digest,
  manifests: readonly Descriptor[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests };
  const bytes = Buffer.from(JSON.stringify(index));
  await putManifest(context, { mediaType: MEDIA_TYPES.ociIndex, bytes, reference: fallbackTag(digest) }, signal);
}

/** One change of a tag at a time: reading and writing it are two requests. */
async function inTurn(context: RepositoryContext, digest: Digest, work: () => Promise<void>): Promise<void> {
  const before = context.turns.get(digest) ?? Promise.resolve();
  const mine = before.catch(() => {}).then(work);
  context.turns.set(digest, mine);
  try {
    await mine;
  } finally {
    if (context.turns.get(digest) === mine) context.turns.delete(digest);
  }
}
