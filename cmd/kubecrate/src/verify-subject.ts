/** Reading everything anew that an image, a directory or an archive holds. */

import { tmpdir } from 'node:os';
import type { OperationOptions } from '@kubecrate/content';
import { NotFoundError } from '@kubecrate/errors';
import { openImageStore } from '@kubecrate/image-store';
import { openArchive, type VerifyReport, verifyArchive, verifyRegistryDirectory } from '@kubecrate/stores';
import type { Subject } from './subject.ts';

/** @throws KubecrateError where it cannot be read at all; what is wrong with its content is in the report */
export async function verifySubject(subject: Subject, { signal }: OperationOptions): Promise<VerifyReport> {
  switch (subject.kind) {
    case 'image':
      return await subject.store.verify({ image: subject.name, signal });
    case 'layout':
      return await (await openImageStore(subject.path)).verify({ signal });
    case 'archive': {
      await using archive = await openArchive(subject.path, { signal, temporaryDirectory: tmpdir() });
      return await verifyArchive(archive, { signal });
    }
    case 'registry-directory':
      if (subject.state === 'filled') return await verifyRegistryDirectory(subject.path, { signal });
      throw new NotFoundError(
        `${JSON.stringify(subject.path)} holds no images: it has no docker/registry/v2 and no oci-layout`,
      );
  }
}
