/** RUN: a command in a container, and what it changed as a layer. */

import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type FileTree, type TarInput, type TreeEntry, tarEntries, tempDirectory, writeTar } from '@kubecrate/files';
import type { ExpandedRun } from '@kubecrate/kubefile';
import { openArchiveTree } from '@kubecrate/packer';
import type { ContainerChanges, ContainerEngine } from './container-engine.ts';

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
  const file = join(directory.path, 'changes.tar');
  await pipeline(writeTar(changedEntries(changes)), createWriteStream(file), { signal });
  await using tree = await openArchiveTree(async () => createReadStream(file), {
    tempDirectory: directory.path,
    signal,
  });
  const entries: TarInput[] = [];
  for await (const entry of tree.entries({})) {
    const stamped = { ...entry, mtime: context.mtime };
    entries.push(entry.type === 'file' ? { entry: stamped, open: () => tree.open(entry.path) } : { entry: stamped });
  }
  const whiteouts = changes.deleted.map((path): TarInput => ({ entry: whiteout(path, context.mtime) }));
  return await pack([...entries, ...whiteouts].sort((a, b) => (a.entry.path < b.entry.path ? -1 : 1)));
}

const REGISTRY = 'registry';

async function* filesOf(rootfs: FileTree, signal: AbortSignal | undefined): AsyncGenerator<TarInput> {
  const prune = (entry: TreeEntry): boolean => entry.path === REGISTRY;
  for await (const entry of rootfs.entries({ prune, signal })) {
    if (entry.type === 'other') continue;
    yield entry.type === 'file' ? { entry, open: () => rootfs.open(entry.path) } : { entry };
  }
}

async function* changedEntries(changes: ContainerChanges): AsyncGenerator<TarInput> {
  const changed = new Set(changes.changed);
  for await (const { header, content } of tarEntries(await changes.export(), { rules: 'layer' })) {
    if (!changed.has(header.path)) continue;
    if (header.type === 'link') continue;
    const entry: TreeEntry = { ...header, type: header.type };
    yield header.type === 'file' ? { entry, open: async () => content } : { entry };
  }
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
