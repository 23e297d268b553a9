/** Where a destination of COPY and ADD lies in the root file system of the image. */

import { KubecrateError } from '@kubecrate/errors';
import { type FileTree, normalizePath, type TreeOptions } from '@kubecrate/files';

/** As many links as Linux follows in one path. */
const MAX_LINKS = 40;

/**
 * The path below the root, with the links on it followed as a process in the image follows them: `lib/x` is `usr/lib/x` where `lib`
 * is a link, and an absolute link begins at the root of the image. What is not there yet stays as it is written.
 * @throws KubecrateError UNSAFE_PATH for a `..` part; INVALID_ARGUMENT where links go in a circle
 */
export async function resolveDestination(rootfs: FileTree, destination: string, options: TreeOptions): Promise<string> {
  const pending = normalizePath(destination.replace(/^\/+/, '')).split('/');
  let links = 0;
  let at: readonly string[] = [];
  for (let part = pending.shift(); part !== undefined; part = pending.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      at = at.slice(0, -1);
      continue;
    }
    const next = [...at, part];
    const entry = await rootfs.stat(next.join('/'), options);
    if (entry?.type !== 'symlink') {
      at = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) {
      throw new KubecrateError(
        'INVALID_ARGUMENT',
        `cannot copy to ${JSON.stringify(destination)}: its links go in a circle`,
      );
    }
    const target = entry.linkTarget ?? '';
    if (target.startsWith('/')) at = [];
    pending.unshift(...target.split('/'));
  }
  return at.join('/');
}
