/** Small files of an archive, and the error for one that is not what it says. */

import { KubecrateError } from '@kubecrate/errors';
import { MAX_MANIFEST_SIZE } from '@kubecrate/oci';
import type { StoredFiles } from '../files/stored-files.ts';

/** The content of a small file that has to be there. */
export async function requiredFile(files: StoredFiles, path: string): Promise<Buffer> {
  const bytes = await files.read(path, MAX_MANIFEST_SIZE);
  if (bytes === undefined) throw invalidArchive(files.where, `it has no file ${JSON.stringify(path)}`);
  return bytes;
}

/** The error for an archive that is not what it says. */
export function invalidArchive(where: string, why: string, cause?: unknown): KubecrateError {
  // What this program says of a value names it; what a parser of JSON says does not.
  const reason = cause instanceof KubecrateError ? `${why}: ${cause.message}` : why;
  return new KubecrateError('INVALID_ARCHIVE', `cannot read the archive ${JSON.stringify(where)}: ${reason}`, {
    hint: 'save the image again, or copy the file again',
    ...(cause === undefined ? {} : { cause }),
  });
}
