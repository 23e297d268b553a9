/** Writing into a directory that others remove whenever it is empty. */

import { dirname } from 'node:path';
import { hasCode, isMissing } from '@kubecrate/errors';
import { makeReadableDirectory, makeReadableDirectorySync } from './readable-directories.ts';

/**
 * Runs `action`, making the directory of `path` where it is missing. Other processes remove the staging directory whenever it is
 * empty, also in the middle of this.
 */
export async function inDirectoryOf(path: string, action: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await action();
      return;
    } catch (error) {
      if (!isMissing(error) || attempt === ATTEMPTS) throw error;
    }
    try {
      await makeReadableDirectory(dirname(path));
    } catch (error) {
      if (!hasCode(error, 'NOT_FOUND')) throw error;
    }
  }
}

/** {@link inDirectoryOf} for what takes microseconds. */
export function inDirectoryOfSync(path: string, action: () => void): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      action();
      return;
    } catch (error) {
      if (!isMissing(error) || attempt === ATTEMPTS) throw error;
    }
    makeReadableDirectorySync(dirname(path));
  }
}

const ATTEMPTS = 100;
