/** Files that may be absent. */

import { readFile } from 'node:fs/promises';
import { fileError, isMissing } from '@kubecrate/errors';

/** The text of a file, or undefined where there is none. @throws KubecrateError for a file that is there and cannot be read */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError(`cannot read ${JSON.stringify(file)}`, error);
  }
}
