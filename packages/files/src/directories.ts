/** Making directories, and temporary ones that remove themselves. */

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '@kubecrate/errors';

/** Makes a directory and those above it; one that is there already is fine. */
export async function ensureDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
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
