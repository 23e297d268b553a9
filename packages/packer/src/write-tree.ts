/** The entries of a tree made on disk, in a directory of our own. */

import { setMaxListeners } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod, constants, copyFile, lchown, lutimes, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { KubecrateError } from '@kubecrate/errors';
import { type FileTree, normalizePath, type TreeEntry } from '@kubecrate/files';

export interface WriteOptions {
  readonly signal?: AbortSignal | undefined;
  /** `ignore`, unless given: everything belongs to who unpacks. `keep` needs the right to give files away. */
  readonly owners?: 'ignore' | 'keep' | undefined;
}

/** Writes everything below `root`, which is empty. What is below `root` afterwards was made here: nothing was there to lead out of it. */
export async function writeTree(tree: FileTree, root: string, { owners, signal }: WriteOptions): Promise<void> {
  const options = { owners, signal: signal === undefined ? undefined : sharedSignal(signal) };
  const directories: TreeEntry[] = [];
  const made = new Set(['']);
  const writing: Promise<void>[] = [];
  try {
    for await (const entry of tree.entries(options)) {
      signal?.throwIfAborted();
      refuse(entry, made);
      if (entry.type === 'directory') {
        // Open to us until everything is in it; its own bits come last.
        await mkdir(join(root, entry.path), { mode: 0o700 });
        made.add(entry.path);
        directories.push(entry);
        continue;
      }
      const written =
        entry.type === 'symlink' ? writeLink(entry, root, options) : writeEntry(tree, entry, root, options);
      // It may fail before anybody waits for it; whoever waits is told again.
      written.catch(() => undefined);
      writing.push(written);
      if (writing.length < AT_ONCE) continue;
      await Promise.all(writing);
      writing.length = 0;
    }
    await Promise.all(writing);
  } finally {
    // Nobody removes the directory while something is still written.
    await Promise.allSettled(writing);
  }
  for (const level of deepestFirst(directories)) {
    for (let i = 0; i < level.length; i += AT_ONCE) {
      signal?.throwIfAborted();
      await Promise.all(level.slice(i, i + AT_ONCE).map((entry) => setAttributes(entry, root, options)));
    }
  }
}

/** Files that are written at the same time: enough to hide the waiting for small ones. */
const AT_ONCE = 32;

/** Levels of directories: once its own bits are set, what is in a directory may be out of reach. */
function deepestFirst(directories: readonly TreeEntry[]): readonly (readonly TreeEntry[])[] {
  const levels: TreeEntry[][] = [];
  for (const entry of directories) {
    const depth = entry.path.split('/').length;
    const level = levels[depth];
    if (level === undefined) levels[depth] = [entry];
    else level.push(entry);
  }
  return levels.reverse().filter((level) => level !== undefined);
}

/** A signal that many may wait on at once without a warning from Node. */
function sharedSignal(signal: AbortSignal): AbortSignal {
  const shared = AbortSignal.any([signal]);
  setMaxListeners(0, shared);
  return shared;
}

function refuse(entry: TreeEntry, made: ReadonlySet<string>): void {
  const { path, type } = entry;
  const parent = path.slice(0, Math.max(path.lastIndexOf('/'), 0));
  if (normalizePath(path) !== path || path === '' || !made.has(parent)) {
    throw new KubecrateError(
      'UNSAFE_PATH',
      `cannot write ${JSON.stringify(path)}: it is not below a directory of the tree`,
    );
  }
  if (type === 'other') {
    throw new KubecrateError('UNSUPPORTED', `cannot write ${JSON.stringify(path)}: it is a device, a socket or a FIFO`);
  }
}

async function writeLink(entry: TreeEntry, root: string, { owners }: WriteOptions): Promise<void> {
  const place = join(root, entry.path);
  await symlink(entry.linkTarget ?? '', place);
  if (owners === 'keep') await lchown(place, entry.uid, entry.gid);
  await lutimes(place, entry.mtime, entry.mtime);
}

async function writeEntry(tree: FileTree, entry: TreeEntry, root: string, options: WriteOptions): Promise<void> {
  const place = join(root, entry.path);
  const source = await wholeFile(tree, entry);
  if (source !== undefined) await copyFile(source, place, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  else await writeContent(tree, entry, place, options);
  await setAttributes(entry, root, options);
}

async function writeContent(tree: FileTree, entry: TreeEntry, place: string, { signal }: WriteOptions): Promise<void> {
  const content = await tree.open(entry.path, { signal });
  if (entry.size > SMALL) await pipeline(content, createWriteStream(place, { flags: 'wx', mode: 0o600 }), { signal });
  else await writeFile(place, await buffer(content), { flag: 'wx', mode: 0o600 });
}

/** Files that are written in one piece. Bytes; as many times {@link AT_ONCE} are in memory. */
const SMALL = 256 * 1024;

/** The file on this machine that has exactly the content of an entry, to be cloned where the file system can. */
async function wholeFile(tree: FileTree, entry: TreeEntry): Promise<string | undefined> {
  const extent = await tree.extent?.(entry.path);
  if (extent === undefined || extent.offset !== 0) return undefined;
  return (await stat(extent.path)).size === extent.length ? extent.path : undefined;
}

async function setAttributes(entry: TreeEntry, root: string, { owners }: WriteOptions): Promise<void> {
  const place = join(root, entry.path);
  // Before the bits: to give a file away takes setuid from it.
  if (owners === 'keep') await lchown(place, entry.uid, entry.gid);
  await chmod(place, entry.mode);
  await lutimes(place, entry.mtime, entry.mtime);
}
