/** COPY and ADD: from sources and a destination to the entries of a layer (Dockerfile reference, "COPY"). */

import { Readable } from 'node:stream';
import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import {
  comparePaths,
  type FileTree,
  globToMatcher,
  type IgnoreMatcher,
  ignoreMatcher,
  isGlob,
  normalizePath,
  type TarInput,
  type TreeEntry,
  type TreeOptions,
} from '@kubecrate/files';
import { isDirectoryDestination } from '@kubecrate/kubefile';
import { findSource } from './find-source.ts';
import type { Owner } from './owner.ts';

/** What is copied: a path or a pattern in a tree, or a file that is written in the Kubefile. */
export type CopyFrom =
  | {
      readonly kind: 'path';
      readonly tree: FileTree;
      readonly path: string;
      readonly ignore: IgnoreMatcher | undefined;
    }
  | { readonly kind: 'inline'; readonly name: string; readonly bytes: Uint8Array };

export interface CopyRequest {
  readonly sources: readonly CopyFrom[];
  readonly destination: string;
  readonly excludes: readonly string[];
  readonly owner: Owner | undefined;
  /** Permission bits for files and directories; those of the source where absent. */
  readonly mode: number | undefined;
  /** Seconds since 1970, of every entry. */
  readonly mtime: number;
  /** The root file system so far: a destination that is a directory there takes files into it. */
  readonly rootfs: FileTree;
}

/**
 * The entries of the layer, parents first and sorted, with the directories above them that are not there yet.
 * @throws NotFoundError for a source that is not there; KubecrateError UNSAFE_PATH, UNSUPPORTED (a device or a socket), INVALID_ARGUMENT
 */
export async function copyEntries(request: CopyRequest, options: TreeOptions): Promise<readonly TarInput[]> {
  const { sources, destination, excludes, rootfs } = request;
  const excluded = ignoreMatcher(excludes.join('\n'));
  const found = (await Promise.all(sources.map((source) => findEntries(source, options)))).flat();
  const base = normalizePath(destination.replace(/^\/+/, ''));
  const existing = base === '' ? undefined : await rootfs.stat(base, options);
  const intoDirectory = isDirectoryDestination(destination) || existing?.type === 'directory';
  if (!intoDirectory && found.length > 1) {
    throw new KubecrateError(
      'INVALID_ARGUMENT',
      `cannot copy ${found.length} files to ${JSON.stringify(destination)}, which is no directory`,
      {
        hint: `end the destination with a slash: ${destination}/`,
      },
    );
  }
  const entries = new Map<string, TarInput>();
  for (const source of found) {
    for await (const input of expand(source, intoDirectory ? 'directory' : 'file', base, excluded, options)) {
      entries.set(input.entry.path, input);
    }
  }
  if (intoDirectory && base !== '' && !entries.has(base)) entries.set(base, directoryAt(base));
  const stamped = [...entries.values()].map((input) => stamp(input, request));
  return withParents(stamped, request, options);
}

/** A source that was found: an entry of a tree, or bytes. */
export type Found =
  | {
      readonly kind: 'entry';
      readonly tree: FileTree;
      readonly entry: TreeEntry;
      readonly ignore: IgnoreMatcher | undefined;
    }
  | { readonly kind: 'inline'; readonly name: string; readonly bytes: Uint8Array };

/**
 * What a source means in its tree: the entry of a path, those that a pattern matches, or the bytes of an inline file.
 * @throws NotFoundError; KubecrateError UNSAFE_PATH
 */
export async function findEntries(source: CopyFrom, options: TreeOptions): Promise<readonly Found[]> {
  if (source.kind === 'inline') return [source];
  const { tree, ignore } = source;
  const path = source.path.replace(/^\/+/, '');
  if (!isGlob(path)) {
    const entry = await findSource(tree, path, options);
    if (entry.path !== '' && ignore?.ignores(entry.path) === true) {
      throw new NotFoundError(`source ${JSON.stringify(path)} is left out by the ignore file`, {
        hint: 'take it back in with a line that begins with "!"',
      });
    }
    return [{ kind: 'entry', tree, entry, ignore }];
  }
  const matches = await findMatches(tree, normalizePath(path), ignore, options);
  if (matches.length > 0) return matches.map((entry) => ({ kind: 'entry', tree, entry, ignore }));
  throw new NotFoundError(`no file matches the source ${JSON.stringify(path)}`, {
    hint: 'patterns are relative to the context; look whether an ignore file leaves the files out',
  });
}

async function findMatches(
  tree: FileTree,
  pattern: string,
  ignore: IgnoreMatcher | undefined,
  options: TreeOptions,
): Promise<readonly TreeEntry[]> {
  const matches = globToMatcher(pattern);
  const depth = pattern.includes('**') ? Number.POSITIVE_INFINITY : pattern.split('/').length;
  const found: TreeEntry[] = [];
  const prune = (entry: TreeEntry): boolean =>
    entry.path.split('/').length > depth ||
    ignore?.ignoresAll(entry.path) === true ||
    found.some((dir) => entry.path.startsWith(`${dir.path}/`));
  for await (const entry of tree.entries({ ...options, prune })) {
    if (matches(entry.path) && ignore?.ignores(entry.path) !== true) found.push(entry);
  }
  return Promise.all(found.map((entry) => (entry.type === 'symlink' ? findSource(tree, entry.path, options) : entry)));
}

async function* expand(
  source: Found,
  destination: 'directory' | 'file',
  base: string,
  excluded: IgnoreMatcher,
  options: TreeOptions,
): AsyncGenerator<TarInput> {
  if (source.kind === 'inline') {
    const { name, bytes } = source;
    const path = destination === 'directory' ? join(base, name) : base;
    const entry: TreeEntry = { path, type: 'file', size: bytes.byteLength, mode: 0o644, uid: 0, gid: 0, mtime: 0 };
    yield { entry, open: async () => Readable.from([Buffer.from(bytes)], { objectMode: false }) };
    return;
  }
  const { tree, entry: top, ignore } = source;
  if (top.type !== 'directory') {
    const name = top.path.slice(top.path.lastIndexOf('/') + 1);
    if (!excluded.ignores(top.path))
      yield moved(tree, top, destination === 'directory' ? join(base, name) : base, options);
    return;
  }
  // The content of a directory is copied, not the directory itself.
  if (base !== '') yield moved(tree, top, base, options);
  const prune = (entry: TreeEntry): boolean =>
    ignore?.ignoresAll(entry.path) === true || excluded.ignoresAll(entry.path);
  for await (const entry of tree.entries({ ...options, under: top.path, prune })) {
    if (entry.path === top.path || ignore?.ignores(entry.path) === true || excluded.ignores(entry.path)) continue;
    yield moved(tree, entry, join(base, top.path === '' ? entry.path : entry.path.slice(top.path.length + 1)), options);
  }
}

function moved(tree: FileTree, entry: TreeEntry, path: string, options: TreeOptions): TarInput {
  if (entry.type === 'other') {
    throw new KubecrateError(
      'UNSUPPORTED',
      `cannot copy ${JSON.stringify(entry.path)}: it is a device, a socket or a pipe`,
      {
        hint: 'leave it out with --exclude or an ignore file',
      },
    );
  }
  const there = { ...entry, path };
  return entry.type === 'file' ? { entry: there, open: () => tree.open(entry.path, options) } : { entry: there };
}

function directoryAt(path: string): TarInput {
  return { entry: { path, type: 'directory', size: 0, mode: 0o755, uid: 0, gid: 0, mtime: 0 } };
}

/** Files belong to root unless asked otherwise, and their times say nothing. */
function stamp({ entry, ...rest }: TarInput, { owner, mode, mtime }: CopyRequest): TarInput {
  const { uid, gid } = owner ?? { uid: 0, gid: 0 };
  const permissions = entry.type === 'symlink' ? 0o777 : (mode ?? entry.mode);
  return { ...rest, entry: { ...entry, uid, gid, mtime, mode: permissions } };
}

async function withParents(
  inputs: readonly TarInput[],
  { rootfs, mtime }: CopyRequest,
  options: TreeOptions,
): Promise<readonly TarInput[]> {
  const all = new Map(inputs.map((input) => [input.entry.path, input]));
  for (const { entry } of inputs) {
    for (let path = parentOf(entry.path); path !== '' && !all.has(path); path = parentOf(path)) {
      if ((await rootfs.stat(path, options))?.type === 'directory') break;
      const { entry: directory } = directoryAt(path);
      all.set(path, { entry: { ...directory, mtime } });
    }
  }
  return [...all.values()].sort((a, b) => comparePaths(a.entry.path, b.entry.path));
}

function parentOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

function join(base: string, name: string): string {
  return base === '' ? name : `${base}/${name}`;
}
