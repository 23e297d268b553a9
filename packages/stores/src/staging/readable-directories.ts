/** Directories and files that every user of the machine may read, whatever the umask: a registry runs as its own user. */

import { chmod, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileError } from '@kubecrate/errors';

export const READABLE_FILE = 0o644;
const READABLE_DIRECTORY = 0o755;

/** Makes a directory and those above it; the ones that it makes are readable by all. */
export async function makeReadableDirectory(path: string): Promise<void> {
  try {
    const first = await mkdir(path, { recursive: true });
    if (first === undefined) return;
    for (let made = path; made.length >= first.length; made = dirname(made)) await chmod(made, READABLE_DIRECTORY);
  } catch (error) {
    throw fileError(`cannot make the directory ${JSON.stringify(path)}`, error);
  }
}
