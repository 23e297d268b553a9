/** Applications of a cluster image: what kind they are, by the files they are made of (sealer's rules). */

import { posix } from 'node:path';
import { KubecrateError } from '@kubecrate/errors';
import type { FileTree, TreeOptions } from '@kubecrate/files';
import type { Application, ApplicationType } from './extension.ts';

/** Where the files of an application are in the root file system. */
export function applicationDirectory(name: string): string {
  return `application/apps/${name}`;
}

/** One source of APP, CNI or CSI as it lies in a tree. */
export interface ApplicationSource {
  readonly tree: FileTree;
  /** A file or a directory; the empty path is the top of the tree. */
  readonly path: string;
}

/**
 * Reads what the sources of an application are: one chart directory is `helm`, shell scripts alone are `shell`, YAML alone is
 * `kube`; anything else has no type and needs commands of its own.
 */
export async function detectApplication(
  name: string,
  sources: readonly ApplicationSource[],
  options: TreeOptions,
): Promise<Application> {
  const [first] = sources;
  if (sources.length === 1 && first !== undefined && (await isChart(first, options))) {
    return { name, version: 'v1', type: 'helm', files: [name] };
  }
  const files = (await Promise.all(sources.map((source) => filesOf(source, options)))).flat();
  const type = typeOf(files);
  if (type === undefined || first === undefined) return { name, version: 'v1' };
  // A shell application is started by the scripts of its first source alone.
  return { name, version: 'v1', type, files: type === 'shell' ? await filesOf(first, options) : files };
}

/** `where` is the line that defines it. @throws KubecrateError INVALID_KUBEFILE for an application that nothing says how to launch */
export function requireLaunchable({ name, type, cmds }: Application, where: string): void {
  if (type !== undefined || (cmds !== undefined && cmds.length > 0)) return;
  throw new KubecrateError(
    'INVALID_KUBEFILE',
    `${where}: the application ${JSON.stringify(name)} is no chart and mixes scripts, YAML or other files: nothing says how to launch it`,
    { hint: `add a line: APPCMDS ${name} ["..."]` },
  );
}

function typeOf(files: readonly string[]): ApplicationType | undefined {
  if (files.length === 0) return undefined;
  if (files.every((file) => file.endsWith('.sh'))) return 'shell';
  return files.every((file) => /\.ya?ml$/.test(file)) ? 'kube' : undefined;
}

async function isChart({ tree, path }: ApplicationSource, options: TreeOptions): Promise<boolean> {
  const names = new Set((await tree.list(path, options)).map((entry) => posix.basename(entry.path)));
  return ['Chart.yaml', 'values.yaml', 'templates'].every((name) => names.has(name));
}

async function filesOf({ tree, path }: ApplicationSource, options: TreeOptions): Promise<readonly string[]> {
  const entry = path === '' ? undefined : await tree.stat(path, options);
  if (entry?.type === 'file') return [posix.basename(path)];
  const files: string[] = [];
  for await (const below of tree.entries({ ...options, under: path })) {
    if (below.type === 'file') files.push(path === '' ? below.path : below.path.slice(path.length + 1));
  }
  return files;
}
