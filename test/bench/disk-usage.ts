/** Bytes that the files of a directory occupy. */

import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The sum of the sizes of all files below a directory; a file with several names counts once. */
export async function diskUsage(directory: string): Promise<number> {
  const seen = new Set<number>();
  let bytes = 0;
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const { ino, size } = await lstat(join(entry.parentPath, entry.name));
    if (!seen.has(ino)) bytes += size;
    seen.add(ino);
  }
  return bytes;
}
