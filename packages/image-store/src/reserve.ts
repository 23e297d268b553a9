/**
 * Bytes that a store keeps so that it can be freed when its disk is full: a lock, a marker and a new index have to fit.
 *
 *   reserve      nothing but its size matters
 */

import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError, isMissing, systemCode } from '@kubecrate/errors';
import { fileSize, INDEX_FILE } from '@kubecrate/stores';

export class Reserve {
  readonly #directory: string;
  readonly #path: string;

  /** `directory` is that of the store. */
  constructor(directory: string) {
    this.#directory = directory;
    this.#path = join(directory, 'reserve');
  }

  /** Makes it where it is missing, or too small for the index of names; on a disk without room for it there is none. */
  async keep(): Promise<void> {
    try {
      const wanted = SIZE + ((await fileSize(join(this.#directory, INDEX_FILE))) ?? 0);
      if (((await fileSize(this.#path)) ?? 0) >= wanted) return;
      // Room to grow, so that it is not made anew with each name. Random, for some file systems keep no zeros.
      await writeFile(this.#path, randomBytes(wanted + SIZE));
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      await rm(this.#path, { force: true }).catch(() => undefined);
    }
  }

  /** Gives its bytes back to the disk. */
  async giveUp(): Promise<'made' | 'none'> {
    try {
      await rm(this.#path);
      return 'made';
    } catch (error) {
      if (isMissing(error)) return 'none';
      throw fileError(`cannot remove ${JSON.stringify(this.#path)}`, error);
    }
  }
}

/** What freeing writes beside the index, with what directories take. Bytes. */
const SIZE = 64 * 1024;
