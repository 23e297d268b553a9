/** A second name for the content of a file, without copying it. */

import { constants, copyFile, link } from 'node:fs/promises';
import { systemCode } from '@kubecrate/errors';

/** The ways to it, in the order in which they are tried: a hard link, a reflink. */
export const DUPLICATIONS: readonly ((path: string, target: string) => Promise<void>)[] = [link, reflink];

/** True where the file systems do not allow it, which is no fault of theirs. */
export function isNoDuplicate(error: unknown): boolean {
  return CANNOT_LINK.has(systemCode(error) ?? '');
}

function reflink(path: string, target: string): Promise<void> {
  return copyFile(path, target, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
}

/** Another file system, one without links, or a file of another user that may not be linked. */
const CANNOT_LINK = new Set([
  'EXDEV',
  'EPERM',
  'EACCES',
  'EMLINK',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EINVAL',
  'ENOTTY',
]);
