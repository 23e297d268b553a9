/** COPY and ADD: from sources and a destination to the entries of a layer (Dockerfile reference, "COPY"). */

import { Readable } from 'node:stream';
import { KubecrateError } from '@kubecrate/errors';
import {
  comparePaths,
  type FileTree,
  type IgnoreMatcher,
  ignoreMatcher,
  type TarInput,
  type TreeEntry,
  type TreeOptions,
} from '@kubecrate/files';
import { isDirectoryDestination } from '@kubecrate/kubefile';
import { type CopyFrom, type Found, findEntries } from './find-entries.ts';
import type { Owner } from './owner.ts';
import { resolveDestination } from './resolve-destination.ts';

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
  const base = await resolveDestination(rootfs, destination, options);
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
  const fresh = await withoutExisting([...entries.values()], rootfs, options);
  return withParents(
    fresh.map((input) => stamp(input, request)),
    request,
    options,
  );
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
  const { tree, entry: top, name, ignore } = source;
  if (top.type !== 'directory') {
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

/** A directory that is there keeps its owner and its mode: what is copied goes into it. */
async function withoutExisting(
  inputs: readonly TarInput[],
  rootfs: FileTree,
  options: TreeOptions,
): Promise<readonly TarInput[]> {
  const fresh: TarInput[] = [];
  for (const input of inputs) {
    const { type, path } = input.entry;
    if (type !== 'directory' || (await rootfs.stat(path, options))?.type !== 'directory') fresh.push(input);
  }
  return fresh;
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
