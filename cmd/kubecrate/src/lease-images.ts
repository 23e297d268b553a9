/** Keeping images of the store while they are used, whoever removes them meanwhile. */

import { type OperationOptions, readManifest, successorsOf } from '@kubecrate/content';
import type { ImageStore, Lease } from '@kubecrate/image-store';
import { type Descriptor, isManifestMediaType } from '@kubecrate/oci';

/** A lease that holds everything of these images that is stored. What is missing is for whoever reads it to find. */
export async function leaseImages(
  store: ImageStore,
  images: readonly Descriptor[],
  options: OperationOptions,
): Promise<Lease> {
  const lease = await store.lease(options);
  try {
    for (const image of images) await hold(store, image, options);
    return lease;
  } catch (error) {
    await lease[Symbol.asyncDispose]();
    throw error;
  }
}

/** What is asked for while there is a lease is held by it, the blobs of described layers included. */
async function hold(store: ImageStore, descriptor: Descriptor, options: OperationOptions): Promise<void> {
  if (!(await store.exists(descriptor, options)) || !isManifestMediaType(descriptor.mediaType)) return;
  const { manifests, blobs } = successorsOf((await readManifest(store, descriptor, options)).manifest);
  for (const content of [...blobs, ...manifests]) await hold(store, content, options);
}
