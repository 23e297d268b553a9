/** Manifests: stored under their digest, or a tag; and what says who refers to whom. */

import type { OperationOptions } from '@kubecrate/content';
import { type Descriptor, parseManifest } from '@kubecrate/oci';
import { addToFallbackTag } from './fallback-tag.ts';
import { putManifest } from './put-manifest.ts';
import { fetchManifest } from './read-manifest.ts';
import type { RepositoryContext } from './repository-context.ts';

/**
 * Stores the bytes of a manifest, which are verified. One that has a subject becomes known as its referrer:
 * by the registry, or by the fallback tag where the registry does not know referrers.
 */
export async function pushManifest(
  context: RepositoryContext,
  descriptor: Descriptor,
  bytes: Buffer,
  { signal }: OperationOptions,
): Promise<void> {
  const { subject } = parseManifest(bytes, descriptor.mediaType);
  const answered = await putManifest(
    context,
    { mediaType: descriptor.mediaType, bytes, reference: descriptor.digest },
    signal,
  );
  context.manifests.put(context.name, descriptor.digest, { mediaType: descriptor.mediaType, bytes });
  if (subject === undefined || answered.subject === subject.digest) return;
  await addToFallbackTag(context, subject, descriptor, bytes, signal);
}

/** Gives a manifest that is in the repository a tag. @throws NotFoundError where it is not */
export async function tagManifest(
  context: RepositoryContext,
  descriptor: Descriptor,
  tag: string,
  { signal }: OperationOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const kept = context.manifests.get(context.name, descriptor.digest);
  const bytes = kept?.bytes ?? (await fetchManifest(context, descriptor.digest, { signal })).bytes;
  await putManifest(context, { mediaType: kept?.mediaType ?? descriptor.mediaType, bytes, reference: tag }, signal);
}
