/** Reading what a store holds anew. */

import type { OperationOptions } from '@kubecrate/content';
import { hasCode, messageOf } from '@kubecrate/errors';
import type { Descriptor, Digest } from '@kubecrate/oci';
import { Verification, type VerifyReport } from '@kubecrate/stores';
import type { StoreContent } from './store-content.ts';
import type { StoredImage } from './stored-image.ts';

/** Checks these images and everything under them. */
export async function verifyStoredImages(
  content: StoreContent,
  images: readonly StoredImage[],
  options: OperationOptions = {},
): Promise<VerifyReport> {
  const verification = new Verification(content, options);
  for (const image of images)
    await verification.image({ descriptor: image.descriptor, name: image.names[0] ?? image.id });
  return verification.report();
}

/**
 * Checks the images and everything else that is stored: content no image needs (a download cache) has to be whole too.
 * Of a layer that was described for an image that never came about, blobs may be freed: nobody lacks it, and `exists` says that it is not there.
 */
export async function verifyWholeStore(
  content: StoreContent,
  images: readonly StoredImage[],
  options: OperationOptions = {},
): Promise<VerifyReport> {
  const verification = new Verification(content, options);
  for (const image of images)
    await verification.image({ descriptor: image.descriptor, name: image.names[0] ?? image.id });
  for (const digest of await content.digests()) {
    const descriptor = await resolved(content, digest, verification);
    if (descriptor === undefined || !(await content.exists(descriptor, options))) continue;
    await verification.content(descriptor, 'the store');
  }
  return verification.report();
}

async function resolved(
  content: StoreContent,
  digest: Digest,
  verification: Verification,
): Promise<Descriptor | undefined> {
  try {
    return await content.resolveBlob(digest);
  } catch (error) {
    // Another process may have freed it since it was listed.
    if (hasCode(error, 'NOT_FOUND')) return undefined;
    if (!hasCode(error, 'INVALID_MANIFEST') && !hasCode(error, 'INVALID_DIGEST')) throw error;
    verification.add({ kind: 'corrupt', subject: digest, where: 'the store', message: messageOf(error) });
    return undefined;
  }
}
