/** Text files of a tree: which are read, through links too, and how their bytes become text. */

import path from 'node:path/posix';
import { KubecrateError } from '@kubecrate/errors';
import type { FileTree, TreeEntry } from '@kubecrate/files';

/** The largest file that is read: a manifest of a whole distribution is a few megabytes. */
export const MAX_TEXT_SIZE: number = 64 * 1024 * 1024;

/**
 * The file behind an entry: itself, or what a chain of links ends at.
 * Undefined where that is no file, is outside of the tree or absent.
 */
export async function resolveFile(
  tree: FileTree,
  entry: TreeEntry,
  signal?: AbortSignal,
): Promise<TreeEntry | undefined> {
  let current: TreeEntry | undefined = entry;
  for (let hops = 0; current?.type === 'symlink' && hops < MAX_HOPS; hops++) {
    const target = linkedPath(current);
    if (target === undefined) return undefined;
    current = await tree.stat(target, signal === undefined ? {} : { signal });
  }
  return current?.type === 'file' ? current : undefined;
}

/** The path in the tree that a link names, whether it is there or not; undefined where it leads out of the tree. */
export function linkedPath({ path: from, linkTarget = '' }: TreeEntry): string | undefined {
  const target = path.normalize(path.join(path.dirname(from), linkTarget));
  return path.isAbsolute(linkTarget) || target.startsWith('..') ? undefined : target;
}

/** Reads a file as UTF-8, or as UTF-16 where it begins with that byte order mark. @throws KubecrateError LIMIT_EXCEEDED */
export async function readTreeText(tree: FileTree, file: string, signal?: AbortSignal): Promise<string> {
  const stream = await tree.open(file, signal === undefined ? {} : { signal });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    size += chunk.length;
    if (size > MAX_TEXT_SIZE) {
      throw new KubecrateError('LIMIT_EXCEEDED', `cannot search ${JSON.stringify(file)}: it is larger than 64 MiB`);
    }
    chunks.push(chunk);
  }
  return decode(Buffer.concat(chunks));
}

const MAX_HOPS = 40;

function decode(bytes: Buffer): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  // A carriage return before a line feed is not part of a line.
  return new TextDecoder(encoding).decode(bytes).replaceAll('\r\n', '\n');
}
