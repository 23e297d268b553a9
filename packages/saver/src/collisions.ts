/** Refusing two different images under one name. */

import type { OperationOptions, ReadOnlyTarget, Resolver } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import { type Digest, tagOrDigest } from '@kubecrate/oci';
import type { Claim, NamedImage } from './name-plan.ts';

/** Where the images of a domain come from. */
export interface Registries {
  repository(domain: string, repository: string): ReadOnlyTarget;
}

/**
 * Asks for the digests behind names that several references claim; equal digests are one image.
 * @throws KubecrateError CONFLICT that names the references
 */
export async function refuseCollisions(
  claims: readonly Claim[],
  from: Registries,
  options: OperationOptions,
): Promise<void> {
  for (const { name, images } of claims) {
    const digests = await Promise.all(images.map((image) => digestOf(image, from, options)));
    if (new Set(digests).size < 2) continue;
    const listed = images.map(({ image }, i) => `${image} (${digests[i]})`).join(' and ');
    throw new KubecrateError('CONFLICT', `two images claim the name ${name} in the registry directory: ${listed}`, {
      hint: 'leave one of them out, give one another tag, or keep the domains in the names with --names=qualified',
    });
  }
}

async function digestOf(
  { reference, from = reference }: NamedImage,
  registries: Registries,
  options: OperationOptions,
): Promise<Digest> {
  if (reference.digest !== undefined) return reference.digest;
  const source: Resolver = registries.repository(from.domain, from.repository);
  return (await source.resolve(tagOrDigest(reference), options)).digest;
}
