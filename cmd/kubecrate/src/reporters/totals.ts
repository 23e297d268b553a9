/** Adding up the events of a run: what is active, how much is done, how fast, how long still. */

import type { CopyEvent } from '@kubecrate/content';
import type { Digest } from '@kubecrate/oci';

/** A blob that is moving now. Sizes in bytes. */
export interface ActiveBlob {
  readonly digest: Digest;
  readonly image: string;
  readonly size: number;
  readonly done: number;
}

/** The state of a run at a moment. */
export interface Snapshot {
  readonly active: readonly ActiveBlob[];
  readonly blobs: number;
  readonly blobsDone: number;
  readonly bytes: number;
  readonly bytesDone: number;
  /** Bytes a second over the last seconds. */
  readonly rate: number;
  /** Seconds, or undefined while nothing can be said. */
  readonly left: number | undefined;
}

const WINDOW_MS = 5_000;

export class Totals {
  readonly #now: () => number;
  readonly #active = new Map<Digest, ActiveBlob>();
  readonly #sizes = new Map<Digest, number>();
  readonly #history: { at: number; bytes: number }[] = [];
  #blobsDone = 0;
  #finishedBytes = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(event: CopyEvent): void {
    switch (event.type) {
      case 'planned':
        this.#sizes.set(event.digest, event.size);
        break;
      case 'copying': {
        const { digest, size } = event.descriptor;
        this.#active.set(digest, { digest, image: event.image, size, done: 0 });
        break;
      }
      case 'progress': {
        const blob = this.#active.get(event.digest);
        if (blob !== undefined) this.#active.set(event.digest, { ...blob, done: event.bytes });
        break;
      }
      case 'copied':
        if (!this.#active.delete(event.descriptor.digest)) break;
        this.#blobsDone += 1;
        this.#finishedBytes += event.descriptor.size;
        break;
    }
  }

  snapshot(): Snapshot {
    const active = [...this.#active.values()];
    const bytes = [...this.#sizes.values()].reduce((sum, size) => sum + size, 0);
    const bytesDone = this.#finishedBytes + active.reduce((sum, { done }) => sum + done, 0);
    const rate = this.#rate(bytesDone);
    const left = rate > 0 ? (bytes - bytesDone) / rate : undefined;
    return { active, blobs: this.#sizes.size, blobsDone: this.#blobsDone, bytes, bytesDone, rate, left };
  }

  #rate(bytes: number): number {
    const at = this.#now();
    this.#history.push({ at, bytes });
    while ((this.#history[0]?.at ?? at) < at - WINDOW_MS) this.#history.shift();
    const first = this.#history[0];
    if (first === undefined || at === first.at) return 0;
    return ((bytes - first.bytes) * 1000) / (at - first.at);
  }
}
