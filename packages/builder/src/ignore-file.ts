/** The ignore file of a context. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError, isMissing, KubecrateError, messageOf } from '@kubecrate/errors';
import { type IgnoreMatcher, ignoreMatcher } from '@kubecrate/files';

/** The first of them that is there counts. */
const NAMES = ['.kubefileignore', '.dockerignore'];

/** Reads what COPY and ADD leave out of the context; undefined where nothing says so. @throws KubecrateError INVALID_ARGUMENT */
export async function readIgnoreFile(context: string): Promise<IgnoreMatcher | undefined> {
  for (const name of NAMES) {
    const path = join(context, name);
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw fileError(`cannot read the ignore file ${JSON.stringify(path)}`, error);
    });
    if (text === undefined) continue;
    try {
      return ignoreMatcher(text);
    } catch (error) {
      throw new KubecrateError('INVALID_ARGUMENT', `${path}: ${messageOf(error)}`, { cause: error });
    }
  }
  return undefined;
}
