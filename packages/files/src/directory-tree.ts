/** A directory of this machine as a file tree. */

import type { Stats } from 'node:fs';
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileError, isMissing, KubecrateError, NotFoundError } from '@kubecrate/errors';
import { normalizePath, safeJoin } from './safe-path.ts';
import type { EntriesOptions, FileExtent, FileTree, OpenOptions, TreeEntry, TreeOptions } from './tree.ts';

/**
 * The tree below `root`, read when it is asked for. Links are entries and are never followed, so that nothing outside of `root` is read.
 * `root` itself may be a link.
 */
export function openDirectoryTree(root: string): FileTree {
  return new DirectoryTree(root);
}

class DirectoryTree implements FileTree {
  readonly #root: string;
  /** Directories that were seen to be real: the tree does not change while it is read. */
  readonly #directories = new Set<string>(['']);

  constructor(root: string) {
    this.#root = root;
  }

  async *entries({ under = '', prune, signal }: EntriesOptions = {}): AsyncGenerator<TreeEntry> {
    const start = normalizePath(under);
    if (start === '') {
      yield* this.#below('', prune, signal);
      return;
    }
    const entry = await this.stat(start, { signal });
    if (entry !== undefined) yield* this.#withBelow(entry, prune, signal);
  }

  async stat(path: string, { signal }: TreeOptions = {}): Promise<TreeEntry | undefined> {
    signal?.throwIfAborted();
    const spelled = normalizePath(path);
    if (!(await this.#isDirectory(parentOf(spelled)))) return undefined;
    return await this.#entry(spelled);
  }

  async list(path: string, { signal }: TreeOptions = {}): Promise<readonly TreeEntry[]> {
    signal?.throwIfAborted();
    const directory = normalizePath(path);
    if (!(await this.#isDirectory(directory))) return [];
    const entries: TreeEntry[] = [];
    for (const name of await this.#names(directory)) {
      signal?.throwIfAborted();
      const entry = await this.#entry(joined(directory, name));
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }

  async open(path: string, { start = 0, signal }: OpenOptions = {}): Promise<Readable> {
    const place = await this.#file(path, signal);
    try {
      const handle = await open(place, 'r');
      return handle.createReadStream({ start, highWaterMark: 512 * 1024, ...(signal === undefined ? {} : { signal }) });
    } catch (error) {
      throw fileError(`cannot read ${JSON.stringify(place)}`, error);
    }
  }

  async extent(path: string, { signal }: TreeOptions = {}): Promise<FileExtent | undefined> {
    const entry = await this.stat(path, { signal });
    if (entry?.type !== 'file') return undefined;
    return { path: join(this.#root, entry.path), offset: 0, length: entry.size };
  }

  async #file(path: string, signal: AbortSignal | undefined): Promise<string> {
    const entry = await this.stat(path, { signal });
    if (entry?.type === 'file') return join(this.#root, entry.path);
    const why = entry === undefined ? 'is not there' : `is no file but a ${entry.type}`;
    throw new NotFoundError(`cannot read ${JSON.stringify(path)} in ${JSON.stringify(this.#root)}: it ${why}`);
  }

  async *#below(
    directory: string,
    prune: EntriesOptions['prune'],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<TreeEntry> {
    signal?.throwIfAborted();
    for (const name of await this.#names(directory)) {
      signal?.throwIfAborted();
      const entry = await this.#entry(joined(directory, name));
      if (entry !== undefined) yield* this.#withBelow(entry, prune, signal);
    }
  }

  async *#withBelow(
    entry: TreeEntry,
    prune: EntriesOptions['prune'],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<TreeEntry> {
    if (prune?.(entry) === true) return;
    yield entry;
    if (entry.type === 'directory') yield* this.#below(entry.path, prune, signal);
  }

  async #names(directory: string): Promise<string[]> {
    const place = safeJoin(this.#root, directory);
    try {
      return (await readdir(place)).sort();
    } catch (error) {
      throw fileError(`cannot list the directory ${JSON.stringify(place)}`, error);
    }
  }

  async #entry(path: string): Promise<TreeEntry | undefined> {
    const place = join(this.#root, path);
    try {
      const stats = await lstat(place);
      if (stats.isDirectory()) this.#directories.add(path);
      return entryOf(path, stats, stats.isSymbolicLink() ? await readlink(place) : undefined);
    } catch (error) {
      if (path.includes('\uFFFD')) throw notUtf8(place, error);
      if (isMissing(error)) return undefined;
      throw fileError(`cannot look at ${JSON.stringify(place)}`, error);
    }
  }

  async #isDirectory(path: string): Promise<boolean> {
    if (this.#directories.has(path)) return true;
    return (await this.#isDirectory(parentOf(path))) && (await this.#entry(path))?.type === 'directory';
  }
}

function entryOf(path: string, stats: Stats, linkTarget: string | undefined): TreeEntry {
  const type = stats.isFile()
    ? 'file'
    : stats.isDirectory()
      ? 'directory'
      : linkTarget !== undefined
        ? 'symlink'
        : 'other';
  return {
    path,
    type,
    size: type === 'file' ? stats.size : 0,
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    mtime: Math.floor(stats.mtimeMs / 1000),
    ...(linkTarget === undefined ? {} : { linkTarget }),
  };
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

function joined(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}

/** Node gives a name that is not UTF-8 with U+FFFD in it, under which the file cannot be found again. */
function notUtf8(path: string, cause: unknown): KubecrateError {
  return new KubecrateError('UNSUPPORTED', `cannot read ${JSON.stringify(path)}: its name is not UTF-8`, {
    hint: 'rename the file',
    cause,
  });
}
