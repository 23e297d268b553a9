/** Mirrors that do not answer are left alone for a while, so that not every request waits for them. */

export class MirrorHealth {
  readonly #downUntil = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  leave(host: string): void {
    this.#downUntil.set(host, this.#now() + DOWN_MS);
  }

  isDown(host: string): boolean {
    return (this.#downUntil.get(host) ?? 0) > this.#now();
  }
}

const DOWN_MS = 60_000;
