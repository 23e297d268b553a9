/**
 * Where processes keep files while they work for a store.
 *
 *   tmp/<owner>.<token>/      the directory of one process, removed when its work is done
 *
 * What a process that was killed left there is known by the owner in its name.
 */

import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError, isMissing } from '@kubecrate/errors';
import { ensureDirectory, isTemporaryName, type TempDirectory } from '@kubecrate/files';
import { currentOwner, isAlive, parseOwner } from '@kubecrate/stores';
import { namesIn } from './names-in.ts';

/** Whether what has no owner in its name goes too: what older versions of this program left. */
export type Unowned = 'remove' | 'keep';

export class WorkDirectories {
  readonly #root: string;
  readonly #directory: string;

  /** `root` is the directory of the store. */
  constructor(root: string) {
    this.#root = root;
    this.#directory = join(root, 'tmp');
  }

  async open(): Promise<TempDirectory> {
    const path = join(this.#directory, `${currentOwner()}.${randomBytes(6).toString('hex')}`);
    await ensureDirectory(this.#directory);
    await mkdir(path).catch((error: unknown) => {
      throw fileError(`cannot make the directory ${JSON.stringify(path)}`, error);
    });
    return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
  }

  /** Removes what dead processes left; gives the number of bytes that this frees. */
  async clean(unowned: Unowned): Promise<number> {
    const left: string[] = [];
    for (const name of await namesIn(this.#directory))
      if (isLeft(name, unowned)) left.push(join(this.#directory, name));
    if (unowned === 'remove') {
      // Archives were unpacked beside everything else, and embedded images were written there.
      for (const directory of [this.#root, join(this.#root, 'embedded')]) {
        for (const name of await namesIn(directory)) if (isTemporaryName(name)) left.push(join(directory, name));
      }
    }
    let freed = 0;
    for (const path of left) {
      freed += await sizeOf(path);
      await remove(path);
    }
    return freed;
  }
}

function isLeft(name: string, unowned: Unowned): boolean {
  const owner = parseOwner(name.slice(0, name.indexOf('.')));
  return owner === undefined ? unowned === 'remove' && isTemporaryName(name) : !isAlive(owner);
}

/** Bytes of all files below a path. */
async function sizeOf(path: string): Promise<number> {
  try {
    const found = await lstat(path);
    if (!found.isDirectory()) return found.size;
    let size = 0;
    for (const name of await readdir(path)) size += await sizeOf(join(path, name));
    return size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw fileError(`cannot look at ${JSON.stringify(path)}`, error);
  }
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) => {
    throw fileError(`cannot remove ${JSON.stringify(path)}`, error);
  });
}
