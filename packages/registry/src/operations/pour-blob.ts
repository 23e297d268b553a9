/** A blob out of a registry into a sink, through sockets of this thread. */

import type { BlobSink, OperationOptions } from '@kubecrate/content';
import { TransientError } from '@kubecrate/errors';
import { type Descriptor, isManifestMediaType } from '@kubecrate/oci';
import type { BulkDoor } from '../bulk/door.ts';
import { fillBlob } from './fill-blob.ts';
import type { RepositoryContext } from './repository-context.ts';

export interface PourBlob extends OperationOptions {
  readonly descriptor: Descriptor;
  readonly sink: BlobSink;
}

/** Fills the sink; 'declined' where the ordinary door has to do it, and the sink has nothing. @throws NotFoundError */
export async function pourBlob(
  context: RepositoryContext,
  bulk: BulkDoor,
  { descriptor, sink, signal }: PourBlob,
): Promise<'poured' | 'declined'> {
  signal?.throwIfAborted();
  if (isManifestMediaType(descriptor.mediaType)) return 'declined';
  const blob = bulk.pour(descriptor, sink);
  if ((await fillBlob(context, blob, { descriptor, signal })) !== 'declined') return 'poured';
  if (blob.have === 0) return 'declined';
  throw new TransientError(
    'REGISTRY',
    `${context.name} ended blob ${descriptor.digest} after ${blob.have} of ${descriptor.size} bytes`,
  );
}
