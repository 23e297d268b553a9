/**
 * Small texts that a store remembers: what can be found out again, and takes a while.
 *
 *   notes/<hex>       the text of the note whose name has this digest
 */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '@kubecrate/errors';
import { digestOf, hexOf } from '@kubecrate/oci';
import { directoryFiles, type Staging } from '@kubecrate/stores';

/** Bytes. */
const MAX_NOTE_SIZE = 4 * 1024 * 1024;

export class Notes {
  readonly #directory: string;
  readonly #staging: Staging;

  constructor(directory: string, staging: Staging) {
    this.#directory = directory;
    this.#staging = staging;
  }

  read(name: string): Promise<Buffer | undefined> {
    return directoryFiles(this.#directory).read(notePath(name), MAX_NOTE_SIZE);
  }

  write(name: string, text: string): Promise<void> {
    return this.#staging.write(join(this.#directory, notePath(name)), text);
  }

  /** Forgets all of them. */
  async clear(): Promise<void> {
    const path = join(this.#directory, NOTES);
    await rm(path, { recursive: true, force: true }).catch((error: unknown) => {
      throw fileError(`cannot remove ${JSON.stringify(path)}`, error);
    });
  }
}

const NOTES = 'notes';

function notePath(name: string): string {
  return `${NOTES}/${hexOf(digestOf(name))}`;
}
