/** Reading a KubeKey images directory anew. */

import type { Readable } from 'node:stream';
import type { FetchOptions, OperationOptions, ReadOnlyStore } from '@kubecrate/content';
import { NotFoundError } from '@kubecrate/errors';
import type { Descriptor } from '@kubecrate/oci';
import { startCheck } from '../blobs/start-check.ts';
import { directoryFiles } from '../files/directory-files.ts';
import type { StoredFiles } from '../files/stored-files.ts';
import { openKubekeyDirectory } from '../kubekey/kubekey-directory.ts';
import { blobPath } from '../kubekey/paths.ts';
import { KubekeyCheck } from './kubekey-check.ts';
import type { VerifyReport } from './verify-content.ts';

/**
 * Checks every file of manifests and the blobs that they need, and reports files that are in no repository.
 * @throws NotFoundError where the directory is not there
 */
export async function verifyKubekeyDirectory(path: string, options: OperationOptions = {}): Promise<VerifyReport> {
  const directory = await openKubekeyDirectory(path, { access: 'read' });
  const { repositories, strays } = await directory.contents(options);
  const check = new KubekeyCheck(poolOf(directoryFiles(path)), options);
  for (const repository of repositories) await check.repository(repository);
  for (const { path: subject, reason } of strays)
    check.add({ kind: 'unreferenced', subject, where: path, message: reason });
  return check.report();
}

/** Configurations and layers, which all repositories share. */
function poolOf(files: StoredFiles): ReadOnlyStore {
  return {
    async exists({ digest, size }: Descriptor): Promise<boolean> {
      return (await files.size(blobPath(digest))) === size;
    },
    async fetch(descriptor: Descriptor, { start = 0, signal }: FetchOptions = {}): Promise<Readable> {
      const path = blobPath(descriptor.digest);
      const size = await files.size(path);
      if (size === undefined) throw new NotFoundError(`${JSON.stringify(path)} is not there`);
      startCheck(descriptor, start, size);
      return await files.open(path, start, { signal });
    },
  };
}
