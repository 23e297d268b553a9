/** Asks registries whether they have images, without fetching any: one HEAD each. */

import type { OperationOptions } from '@kubecrate/content';
import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import { parseReference, tagOrDigest } from '@kubecrate/oci';
import type { Registries } from '@kubecrate/saver';

/** What a registry says of an image; `unknown` where it does not answer, or not to this user. */
export type Probe =
  | { readonly outcome: 'present' }
  | { readonly outcome: 'absent' }
  | { readonly outcome: 'unknown'; readonly error: KubecrateError };

/** Probes images by their whole names; hosts that do not answer are given up after a quarter of a minute. */
export async function probeImages(
  images: readonly string[],
  registries: Registries,
  { signal }: OperationOptions = {},
): Promise<ReadonlyMap<string, Probe>> {
  const probes = new Map<string, Probe>();
  const waiting = images.values();
  const work = async (): Promise<void> => {
    for (const image of waiting) probes.set(image, await probe(image, registries, signal));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return probes;
}

const AT_ONCE = 8;
const PATIENCE_MS = 15_000;

async function probe(image: string, registries: Registries, signal: AbortSignal | undefined): Promise<Probe> {
  signal?.throwIfAborted();
  const reference = parseReference(image);
  const late = AbortSignal.timeout(PATIENCE_MS);
  try {
    await registries
      .repository(reference.domain, reference.repository)
      .resolve(tagOrDigest(reference), { signal: signal === undefined ? late : AbortSignal.any([signal, late]) });
    return { outcome: 'present' };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof NotFoundError) return { outcome: 'absent' };
    if (error instanceof KubecrateError) return { outcome: 'unknown', error };
    if (!late.aborted) throw error;
    const message = `${reference.domain} did not answer within ${PATIENCE_MS / 1000} s`;
    return { outcome: 'unknown', error: new KubecrateError('NETWORK', message, { cause: error }) };
  }
}
