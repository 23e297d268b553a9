/** RUN: a command in a container, and what it changed as a layer. */

import { join } from 'node:path';
import type { ContainerEngine } from '@kubecrate/content';
import { type FileTree, type TarInput, type TreeEntry, tempDirectory, writeTar } from '@kubecrate/files';
import type { ExpandedRun } from '@kubecrate/kubefile';
import { changedFiles } from './changed-files.ts';

export interface RunContext {
  readonly engine: ContainerEngine;
  readonly rootfs: FileTree;
  readonly instruction: ExpandedRun;
  /** The environment of the image, beside that of the instruction. */
  readonly environment: Readonly<Record<string, string>>;
  readonly platform: string;
  readonly temporary: string;
  /** Seconds since 1970, of every entry. */
  readonly mtime: number;
  readonly onOutput: (text: string) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs the command on the files of the image and packs what changed. The registry directory is left out of the container:
 * it is large, it is described rather than stored, and no command has a reason to change it.
 * @returns undefined where nothing changed
 */
export async function runStep<T>(
  context: RunContext,
  pack: (entries: readonly TarInput[]) => Promise<T>,
): Promise<T | undefined> {
  const { engine, rootfs, instruction, signal } = context;
  await using changes = await engine.run({
    rootfs: writeTar(filesOf(rootfs, signal)),
    command: commandOf(instruction),
    environment: environmentOf(context),
    network: instruction.network,
    platform: context.platform,
    onOutput: context.onOutput,
    signal,
  });
  if (changes.changed.length === 0 && changes.deleted.length === 0) return undefined;
  await using directory = await tempDirectory(context.temporary);
  const { mtime } = context;
  const changed = await changedFiles(changes, { spool: join(directory.path, 'changes'), mtime, signal });
  const whiteouts = topmost(changes.deleted).map((path): TarInput => ({ entry: whiteout(path, mtime) }));
  const entries = await withoutUntouched([...changed, ...whiteouts], rootfs, signal);
  return entries.length === 0 ? undefined : await pack(entries);
}

const REGISTRY = 'registry';

/** The files for the container. Hard links stay what they are: who writes to one path of a file writes to all. */
async function* filesOf(rootfs: FileTree, signal: AbortSignal | undefined): AsyncGenerator<TarInput> {
  const prune = (entry: TreeEntry): boolean => entry.path === REGISTRY;
  const names = new Map<object, string>();
  for await (const entry of rootfs.entries({ prune, signal })) {
    if (entry.type === 'other') continue;
    if (entry.type !== 'file') {
      yield { entry };
      continue;
    }
    const identity = await rootfs.identity?.(entry.path, { signal });
    const linkTarget = identity === undefined ? undefined : names.get(identity);
    if (linkTarget !== undefined) {
      yield { entry: { ...entry, type: 'link', size: 0, linkTarget } };
      continue;
    }
    if (identity !== undefined) names.set(identity, entry.path);
    yield { entry, open: () => rootfs.open(entry.path, { signal }) };
  }
}

/**
 * Leaves out directories that are as they were: engines list those in which they made a mount point, too. Those above an entry of the
 * layer stay, for engines that unpack a layer by itself take their owners and modes from there.
 */
async function withoutUntouched(
  entries: readonly TarInput[],
  rootfs: FileTree,
  signal: AbortSignal | undefined,
): Promise<readonly TarInput[]> {
  const untouched = new Set<TarInput>();
  for (const input of entries) {
    const { path, type, mode, uid, gid } = input.entry;
    if (type !== 'directory') continue;
    const before = await rootfs.stat(path, { signal });
    const same = before?.type === type && before.mode === mode && before.uid === uid && before.gid === gid;
    if (same) untouched.add(input);
  }
  const above = new Set(
    entries.filter((input) => !untouched.has(input)).flatMap(({ entry }) => directoriesOf(entry.path)),
  );
  return entries.filter((input) => !untouched.has(input) || above.has(input.entry.path));
}

/** The directories above a path: `a` and `a/b` of `a/b/c`. */
function directoriesOf(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'));
}

/** A whiteout of a directory covers what was in it; one for each file there would make the directory anew. */
function topmost(paths: readonly string[]): readonly string[] {
  const deleted = new Set(paths);
  return paths.filter((path) => !directoriesOf(path).some((directory) => deleted.has(directory)));
}

/** An empty file that takes a path out of the layers below (OCI image-spec layer.md, "Whiteouts"). */
function whiteout(path: string, mtime: number): TreeEntry {
  const slash = path.lastIndexOf('/') + 1;
  return {
    path: `${path.slice(0, slash)}.wh.${path.slice(slash)}`,
    type: 'file',
    size: 0,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime,
  };
}

function commandOf({ command }: ExpandedRun): readonly string[] {
  switch (command.form) {
    case 'exec':
      return command.arguments;
    case 'shell':
      return ['/bin/sh', '-c', command.command];
    case 'script': {
      const interpreter = /^#!\s*(\S+)/.exec(command.script)?.[1] ?? '/bin/sh';
      return [interpreter, '-c', command.script];
    }
  }
}

function environmentOf({ environment, instruction }: RunContext): readonly string[] {
  const all = new Map([...Object.entries(environment), ...instruction.environment]);
  if (!all.has('PATH')) all.set('PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin');
  return [...all].map(([name, value]) => `${name}=${value}`);
}
