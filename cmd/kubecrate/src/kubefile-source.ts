/** Finding and reading the Kubefile of a context. */

import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { fileError, KubecrateError } from '@kubecrate/errors';

/** A Kubefile larger than this is none. Bytes. */
const MAX_KUBEFILE_SIZE = 4 * 1024 * 1024;

export interface KubefileSource {
  readonly text: string;
  /** The name it has in messages: relative to the working directory where it is below it. */
  readonly file: string;
  /** The context directory, absolute. */
  readonly context: string;
}

/**
 * Reads `file`, relative to the working directory, or else `Kubefile` in the context directory.
 * @throws KubecrateError NOT_FOUND, INVALID_ARGUMENT where one of them is not what it should be
 */
export async function readKubefile(cwd: string, directory: string, file: string | undefined): Promise<KubefileSource> {
  const context = resolve(cwd, directory);
  await requireKind(context, 'directory', 'the build context');
  const path = file === undefined ? join(context, 'Kubefile') : resolve(cwd, file);
  const size = await requireKind(path, 'file', 'the Kubefile');
  if (size > MAX_KUBEFILE_SIZE) {
    throw new KubecrateError(
      'LIMIT_EXCEEDED',
      `the Kubefile ${JSON.stringify(path)} has ${size} bytes; the limit is ${MAX_KUBEFILE_SIZE}`,
    );
  }
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError(`cannot read the Kubefile ${JSON.stringify(path)}`, error);
  });
  return { text, file: shownPath(cwd, path), context };
}

/** A path as a person would type it here. */
export function shownPath(cwd: string, path: string): string {
  const shown = relative(cwd, path);
  return shown === '' || shown.startsWith('..') || isAbsolute(shown) ? path : shown;
}

async function requireKind(path: string, kind: 'directory' | 'file', what: string): Promise<number> {
  const found = await stat(path).catch((error: unknown) => {
    throw fileError(`cannot read ${what} ${JSON.stringify(path)}`, error);
  });
  if (kind === 'directory' ? found.isDirectory() : found.isFile()) return found.size;
  throw new KubecrateError('INVALID_ARGUMENT', `cannot read ${what} ${JSON.stringify(path)}: it is no ${kind}`, {
    hint:
      kind === 'file'
        ? 'name the file with -f FILE'
        : 'give the directory that holds the Kubefile and the files it copies',
  });
}
