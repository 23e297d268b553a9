/** What is in a directory of the store. */

import { readdir } from 'node:fs/promises';
import { fileError, isMissing } from '@kubecrate/errors';

/** The names in it; none where there is no such directory. */
export async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileError(`cannot list ${JSON.stringify(directory)}`, error);
  }
}
