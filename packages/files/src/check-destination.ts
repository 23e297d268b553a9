/** Whether a file can be written at a path, asked before the work whose result it will hold. */

import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileError, isMissing, KubecrateError, NotFoundError } from '@kubecrate/errors';

/**
 * Refuses a path where no file can be put: its directory is missing, is none or may not be written, or something that is no file has the
 * name already. A file that has it is fine: it is replaced.
 * @throws NotFoundError; KubecrateError INVALID_ARGUMENT, DENIED
 */
export async function checkDestination(path: string): Promise<void> {
  const tried = `cannot write ${JSON.stringify(path)}`;
  await checkReplaceable(path);
  const directory = dirname(path);
  try {
    if (!(await stat(directory)).isDirectory()) {
      throw new KubecrateError(
        'INVALID_ARGUMENT',
        `${tried}: ${JSON.stringify(directory)} is a file, not a directory`,
        {
          hint: 'choose another path',
        },
      );
    }
    await access(directory, constants.W_OK);
  } catch (error) {
    if (!isMissing(error)) throw fileError(tried, error);
    throw new NotFoundError(`${tried}: there is no directory ${JSON.stringify(directory)}`, {
      cause: error,
      hint: 'make the directory first, or choose another path',
    });
  }
}

/**
 * Refuses a name that something else than a file has: a rename would take a device away from everyone (`/dev/null`).
 * @throws KubecrateError INVALID_ARGUMENT
 */
export async function checkReplaceable(path: string): Promise<void> {
  const tried = `cannot write ${JSON.stringify(path)}`;
  const found = await stat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw fileError(tried, error);
  });
  if (found === undefined || found.isFile()) return;
  const kind = found.isDirectory() ? 'a directory' : 'a device, a pipe or a socket';
  throw new KubecrateError('INVALID_ARGUMENT', `${tried}: it is ${kind}, not a file`, {
    hint: 'give the name of a file',
  });
}
