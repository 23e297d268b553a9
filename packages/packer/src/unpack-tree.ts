/** A tree of files written to disk, as a whole or not at all. */

import { mkdir, readdir, rename } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileError, KubecrateError, systemCode } from '@kubecrate/errors';
import { type FileTree, tempDirectory } from '@kubecrate/files';
import { type WriteOptions, writeTree } from './write-tree.ts';

/**
 * Writes a tree to a directory that is absent or empty: into a temporary one first, whose content then takes its place, so that
 * nothing is left on failure or abort. Permission bits and times are those of the tree. Links are made as they are written in
 * the tree, and nothing is ever written through one.
 * @throws KubecrateError ALREADY_EXISTS where the directory is not empty, UNSUPPORTED for a device, UNSAFE_PATH, NO_SPACE
 */
export async function unpackTree(tree: FileTree, directory: string, options: WriteOptions = {}): Promise<void> {
  options.signal?.throwIfAborted();
  const target = resolve(directory);
  const state = await stateOf(target);
  // Inside of a directory that is there, since it may be a mount point, which nothing can be renamed over.
  await using temporary = await tempDirectory(state === 'empty' ? target : dirname(target));
  const root = join(temporary.path, 'root');
  try {
    await mkdir(root);
    await writeTree(tree, root, options);
    if (state === 'absent') await rename(root, target);
    else for (const name of await readdir(root)) await rename(join(root, name), join(target, name));
  } catch (error) {
    options.signal?.throwIfAborted();
    throw fileError(`cannot unpack into ${JSON.stringify(target)}`, error);
  }
}

async function stateOf(directory: string): Promise<'absent' | 'empty'> {
  const names = await namesIn(directory);
  if (names === undefined) return 'absent';
  if (names.length === 0) return 'empty';
  throw new KubecrateError('ALREADY_EXISTS', `cannot unpack into ${JSON.stringify(directory)}: it is not empty`, {
    hint: 'give a directory that is new or empty',
  });
}

async function namesIn(directory: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fileError(`cannot unpack into ${JSON.stringify(directory)}`, error);
  }
}
