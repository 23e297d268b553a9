/** Paths of sources in the context. */

import { posix } from 'node:path';

/** True where `..` leads out of the context; a leading `/` is the top of the context. */
export function leavesContext(path: string): boolean {
  const normal = posix.normalize(path.replace(/^\/+/, ''));
  return normal === '..' || normal.startsWith('../');
}
