/** A tree of files as the rest of kubecrate reads it: a directory, the root file system of an image, a chart. */

import type { Readable } from 'node:stream';

/** `other` is a device, a socket or a FIFO: it is listed, but has no bytes and is never packed. */
export type EntryType = 'file' | 'directory' | 'symlink' | 'other';

/** One file, directory or symbolic link of a tree; hard links are files like any other. */
export interface TreeEntry {
  /** Relative to the root, parts separated by `/`, without `.` or `..` parts and without a trailing `/`. */
  readonly path: string;
  readonly type: EntryType;
  /** Bytes; 0 for anything but a file. */
  readonly size: number;
  /** Permission bits, setuid, setgid and sticky included: 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whole seconds since 1970. */
  readonly mtime: number;
  /** Where a symbolic link points, as it is written there: unchecked. */
  readonly linkTarget?: string;
}

/** A run of bytes of a file on this machine. */
export interface FileExtent {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

/** What every reading of a tree takes. */
export interface TreeOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface EntriesOptions extends TreeOptions {
  /** Only this entry and what is below it; nothing where it is absent. */
  readonly under?: string;
  /** Entries for which this is true are left out, together with what is below them. */
  readonly prune?: (entry: TreeEntry) => boolean;
}

export interface OpenOptions extends TreeOptions {
  /** The first byte wanted, from 0. */
  readonly start?: number;
}

/**
 * Files that can be listed and read, and never change while they are.
 *
 * Paths are spelled as {@link TreeEntry.path}; the empty path is the root, which is not an entry itself.
 * Links are entries: no operation follows one, neither in the last part of a path nor before it.
 */
export interface FileTree {
  /** Every entry, a directory before what is in it, siblings in ascending order of their names' UTF-16 code units. */
  entries(options?: EntriesOptions): AsyncIterable<TreeEntry>;
  /** The entry at a path; undefined where there is none. */
  stat(path: string, options?: TreeOptions): Promise<TreeEntry | undefined>;
  /** What is directly in a directory, sorted by name; empty where the path is absent or no directory. */
  list(path: string, options?: TreeOptions): Promise<readonly TreeEntry[]>;
  /** The bytes of a file. @throws NotFoundError where the path is absent or no file */
  open(path: string, options?: OpenOptions): Promise<Readable>;
  /** Equal (`===`) for the paths of one file, which are hard links; undefined where the path is absent. */
  identity?(path: string, options?: TreeOptions): Promise<object | undefined>;
  /** Where the bytes of a file lie as they are on this machine's disks, if they do. */
  extent?(path: string, options?: TreeOptions): Promise<FileExtent | undefined>;
}

/** The order of {@link FileTree.entries}, for `sort`: part by part, so that a directory is before what is in it. */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left === right) continue;
    // The end of a part is before every character.
    if (left === SLASH) return -1;
    return right === SLASH || left > right ? 1 : -1;
  }
  return a.length - b.length;
}

const SLASH = 0x2f;
