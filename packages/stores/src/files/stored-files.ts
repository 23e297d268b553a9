/** The files of a layout, wherever they are: in a directory, in the root file system of an image, in a tarball. */

import type { Readable } from 'node:stream';
import type { Segment } from '@kubecrate/content';

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Read access by path; paths are relative, parts separated by `/`. */
export interface StoredFiles {
  /** Where the files are, for people: a path, or the name of an image. */
  readonly where: string;
  /** Bytes of a file; undefined where the path is absent or no file. */
  size(path: string): Promise<number | undefined>;
  /** The content of a small file; undefined where it is absent. @throws KubecrateError LIMIT_EXCEEDED where it is larger than `limit` */
  read(path: string, limit: number, options?: ReadOptions): Promise<Buffer | undefined>;
  /** The bytes of a file from `start`. @throws NotFoundError */
  open(path: string, start: number, options?: ReadOptions): Promise<Readable>;
  /** The names of the directories, or of the files, directly in a directory, in ascending order; none where it is absent. */
  names(path: string, type: 'directory' | 'file'): Promise<readonly string[]>;
  /** Where a file lies on this machine's disks, if it does. */
  segment(path: string): Promise<Segment | undefined>;
}
