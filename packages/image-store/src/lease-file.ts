/** The file of one lease: digests, one a line. Those of many askers at once are written together. */

import { appendFile } from 'node:fs/promises';
import { fileError } from '@kubecrate/errors';
import type { Digest } from '@kubecrate/oci';

/** Whether somebody frees content at this moment. */
export type Freeing = 'freeing' | 'quiet';

/** What is written next; then what was found after it was written. */
interface Batch {
  readonly digests: Set<Digest>;
  readonly written: Promise<Freeing>;
}

/** Digests that are on their way to the file or in it. Two files never share a path. */
export class LeaseFile {
  readonly path: string;
  readonly #look: () => Promise<Freeing>;
  readonly #held = new Set<Digest>();
  #next: Batch | undefined;
  /** The end of the write before; it never rejects. */
  #before: Promise<unknown> = Promise.resolve();

  /** `look` says whether somebody frees content; it is asked after each write. */
  constructor(path: string, look: () => Promise<Freeing>) {
    this.path = path;
    this.#look = look;
  }

  /** Resolves when all of them are in the file: to whether somebody was freeing content after they were written. */
  async add(digests: Iterable<Digest>): Promise<Freeing> {
    const fresh = [...digests].filter((digest) => !this.#held.has(digest));
    if (fresh.length === 0) return 'quiet';
    this.#next ??= this.#batch();
    const { digests: waiting, written } = this.#next;
    for (const digest of fresh) waiting.add(digest);
    return await written;
  }

  /** Resolves when nothing is on its way to the file. */
  async settled(): Promise<void> {
    await this.#before;
  }

  /** What is added while the write before runs goes into one write after it. */
  #batch(): Batch {
    const digests = new Set<Digest>();
    const written = this.#before.then(async () => {
      this.#next = undefined;
      await this.#write(digests);
      const found = await this.#look();
      // What waits for content to be freed is not yet safe to look at for others either.
      if (found === 'quiet') for (const digest of digests) this.#held.add(digest);
      return found;
    });
    this.#before = written.catch(() => undefined);
    return { digests, written };
  }

  async #write(digests: ReadonlySet<Digest>): Promise<void> {
    try {
      await appendFile(this.path, [...digests].map((digest) => `${digest}\n`).join(''));
    } catch (error) {
      throw fileError(`cannot write the lease ${JSON.stringify(this.path)}`, error);
    }
  }
}
