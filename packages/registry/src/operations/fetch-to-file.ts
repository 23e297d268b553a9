/** A blob straight into a file, through the bulk door. */

import type { BulkDestination, BulkOptions, BulkResult } from '@kubecrate/content';
import { type Descriptor, isManifestMediaType } from '@kubecrate/oci';
import type { BulkDoor } from '../bulk/door.ts';
import { fillBlob } from './fill-blob.ts';
import type { RepositoryContext } from './repository-context.ts';

/** Smaller blobs go through the ordinary door; bytes. */
const SMALLEST = 16 * 1024;

export interface FetchToFile extends BulkOptions {
  readonly descriptor: Descriptor;
  readonly destination: BulkDestination;
}

/** Fills the file, going on where it was broken off; 'declined' where the ordinary door has to do it. @throws NotFoundError */
export async function fetchToFile(
  context: RepositoryContext,
  bulk: BulkDoor,
  { descriptor, destination, signal, onProgress }: FetchToFile,
): Promise<BulkResult | 'declined'> {
  signal?.throwIfAborted();
  if (descriptor.size < SMALLEST || isManifestMediaType(descriptor.mediaType)) return 'declined';
  const file = await bulk.open(descriptor, destination, onProgress);
  if (file === undefined) return 'declined';
  let result: BulkResult | 'declined';
  try {
    signal?.throwIfAborted();
    result = file.result ?? (await fillBlob(context, file, { descriptor, signal }));
  } catch (error) {
    try {
      await file.close('keep');
    } finally {
      signal?.throwIfAborted();
    }
    throw error;
  }
  await file.close(result === 'declined' ? 'restore' : 'keep');
  return result;
}
