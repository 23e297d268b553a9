/** Making directories, and temporary ones that remove themselves. */

import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileError, systemCode } from '@kubecrate/errors';

export interface EnsureDirectoryOptions {
  /** Exact permission bits of the directories that are made; else 0o777 less the umask. */
  readonly mode?: number;
}

/** Makes a directory and those above it; one that is there already is fine. */
export async function ensureDirectory(path: string, { mode }: EnsureDirectoryOptions = {}): Promise<void> {
  try {
    await makeDirectory(path, mode);
  } catch (error) {
    throw fileError(`cannot make the directory ${JSON.stringify(path)}`, error);
  }
}

/** A directory that is removed, with everything in it, at the end of the scope: `await using`. */
export interface TempDirectory extends AsyncDisposable {
  readonly path: string;
}

/** Makes a new empty directory of random name in `parent`, which is made too where it is missing. */
export async function tempDirectory(parent: string): Promise<TempDirectory> {
  await ensureDirectory(parent);
  const path = await makeTemporary(parent);
  return {
    path,
    async [Symbol.asyncDispose](): Promise<void> {
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function makeTemporary(parent: string): Promise<string> {
  try {
    return await mkdtemp(join(parent, '.kubecrate-'));
  } catch (error) {
    throw fileError(`cannot make a temporary directory in ${JSON.stringify(parent)}`, error);
  }
}

/** Not by the `recursive` of Node 20, which tries for ever where nothing can be made (`/proc/x`). */
async function makeDirectory(path: string, mode: number | undefined): Promise<void> {
  const isMade = await makeOne(path).catch(async (error: unknown) => {
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeDirectory(dirname(path), mode);
    return await makeOne(path);
  });
  if (isMade && mode !== undefined) await chmod(path, mode);
}

/** True where the directory is new. */
async function makeOne(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST' && (await stat(path)).isDirectory()) return false;
    throw error;
  }
}
