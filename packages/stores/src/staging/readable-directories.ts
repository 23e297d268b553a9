/** Directories and files that every user of the machine may read, whatever the umask: a registry runs as its own user. */

import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { isMissing, systemCode } from '@kubecrate/errors';
import { ensureDirectory } from '@kubecrate/files';

export const READABLE_FILE = 0o644;
const READABLE_DIRECTORY = 0o755;

/** Makes a directory and those above it; the ones that it makes are readable by all. */
export async function makeReadableDirectory(path: string): Promise<void> {
  await ensureDirectory(path, { mode: READABLE_DIRECTORY });
}

/** The same for who cannot wait; a path of which the top is missing too fails with the system's own error. */
export function makeReadableDirectorySync(path: string): void {
  try {
    mkdirSync(path, READABLE_DIRECTORY);
    chmodSync(path, READABLE_DIRECTORY);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return;
    const parent = dirname(path);
    if (!isMissing(error) || parent === path) throw error;
    makeReadableDirectorySync(parent);
    mkdirOnceMore(path);
  }
}

/** Another process may have made it in between; one that removes it meanwhile is met by the caller's next attempt. */
function mkdirOnceMore(path: string): void {
  try {
    mkdirSync(path, READABLE_DIRECTORY);
    chmodSync(path, READABLE_DIRECTORY);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST' && !isMissing(error)) throw error;
  }
}
