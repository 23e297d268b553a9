/** The names of a store: `index.json`, changed by one process at a time and read by any. */

import { join } from 'node:path';
import type { OperationOptions } from '@kubecrate/content';
import { toldWith } from '@kubecrate/errors';
import type { Descriptor } from '@kubecrate/oci';
import {
  directoryFiles,
  formatLayoutIndex,
  INDEX_FILE,
  LAYOUT_FILE,
  LAYOUT_TEXT,
  MAX_INDEX_SIZE,
  parseLayoutIndex,
  type Staging,
} from '@kubecrate/stores';
import { withKnownCompanions } from './companions.ts';
import { type ExclusiveOptions, exclusively } from './exclusive.ts';
import type { Reserve } from './reserve.ts';
import { withRoom } from './room.ts';

type Entries = readonly Descriptor[];

export class StoreIndex {
  readonly #directory: string;
  readonly #staging: Staging;
  readonly #reserve: Reserve;
  /** The last change; those of this process queue up here and do not fight for the lock. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(directory: string, staging: Staging, reserve: Reserve) {
    this.#directory = directory;
    this.#staging = staging;
    this.#reserve = reserve;
  }

  /** The entries as they are now; none where the store is new. */
  async entries({ signal }: OperationOptions = {}): Promise<Entries> {
    signal?.throwIfAborted();
    const bytes = await directoryFiles(this.#directory).read(INDEX_FILE, MAX_INDEX_SIZE);
    if (bytes === undefined) return [];
    try {
      return withKnownCompanions(parseLayoutIndex(bytes));
    } catch (error) {
      throw toldWith(`cannot read the image store ${JSON.stringify(this.#directory)}`, error);
    }
  }

  /** Changes the entries, seen and written while no other process does. What `change` gives beside them is the result. */
  async update<T>(
    change: (entries: Entries, write: (entries: Entries) => Promise<void>) => Promise<T>,
    options: ExclusiveOptions = {},
  ): Promise<T> {
    const { makeRoom = async () => 'none' } = options;
    const write = (entries: Entries): Promise<void> => withRoom(makeRoom, () => this.#write(entries));
    const updated = this.#last.then(() =>
      exclusively(this.#directory, async () => await change(await this.entries(options), write), options),
    );
    // The next one goes on after a failed one; the failure is told to whoever asked for this one.
    this.#last = updated.catch(() => undefined);
    try {
      return await updated;
    } finally {
      await this.#reserve.keep();
    }
  }

  async #write(entries: Entries): Promise<void> {
    const isLayout = (await directoryFiles(this.#directory).size(LAYOUT_FILE)) !== undefined;
    if (!isLayout) await this.#staging.write(join(this.#directory, LAYOUT_FILE), LAYOUT_TEXT);
    await this.#staging.write(join(this.#directory, INDEX_FILE), formatLayoutIndex(entries), 'synced');
  }
}
