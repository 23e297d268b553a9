/** Finding and reading the Kubefile of a context. */

import { isUtf8 } from 'node:buffer';
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
 * @throws KubecrateError NOT_FOUND, INVALID_ARGUMENT where one of them is not what it should be, INVALID_KUBEFILE for what is no text
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
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fileError(`cannot read the Kubefile ${JSON.stringify(path)}`, error);
  });
  const shown = shownPath(cwd, path);
  requireText(bytes, shown);
  return { text: bytes.toString('utf8'), file: shown, context };
}

/** Bytes that are no characters would be replaced, silently, in labels and paths. */
function requireText(bytes: Buffer, file: string): void {
  if (isUtf8(bytes) && !bytes.includes(0)) return;
  // UTF-16 has the line end 0x0a too, so that the place is right there as well.
  const lines = bytes.toString('latin1').split('\n');
  const at = lines.findIndex((line) => line.includes('\0') || !isUtf8(Buffer.from(line, 'latin1')));
  const line = lines[at] ?? '';
  const reason = isUtf8(Buffer.from(line, 'latin1')) ? 'a NUL character' : 'a byte that is not UTF-8';
  throw new KubecrateError('INVALID_KUBEFILE', `${file}:${at + 1}: cannot read the Kubefile: the line has ${reason}`, {
    hint: 'save the file as UTF-8 text',
  });
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
