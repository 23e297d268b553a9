/** Reading everything anew that an image, a directory or an archive holds. */

import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OperationOptions } from '@kubecrate/content';
import { fileError, isMissing, NotFoundError } from '@kubecrate/errors';
import { openImageStore } from '@kubecrate/image-store';
import {
  openArchive,
  type VerifyReport,
  verifyArchive,
  verifyKubekeyDirectory,
  verifyRegistryDirectory,
} from '@kubecrate/stores';
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
      if (await hasPool(subject.path)) return await verifyKubekeyDirectory(subject.path, { signal });
      throw new NotFoundError(
        `${JSON.stringify(subject.path)} holds no images: it has no docker/registry/v2, no oci-layout and no blobs`,
        { hint: 'give a registry directory, an OCI layout, an archive, or the name of an image' },
      );
  }
}

/** True for an images directory of KubeKey: all its repositories share one directory of blobs. */
async function hasPool(path: string): Promise<boolean> {
  try {
    return (await stat(join(path, 'blobs'))).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw fileError(`cannot read ${JSON.stringify(path)}`, error);
  }
}
