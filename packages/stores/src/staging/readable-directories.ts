/** Directories and files that every user of the machine may read, whatever the umask: a registry runs as its own user. */

import { ensureDirectory } from '@kubecrate/files';

export const READABLE_FILE = 0o644;
const READABLE_DIRECTORY = 0o755;

/** Makes a directory and those above it; the ones that it makes are readable by all. */
export async function makeReadableDirectory(path: string): Promise<void> {
  await ensureDirectory(path, { mode: READABLE_DIRECTORY });
}
