/** What became of the directories that a run was to fill. */

import { normalize } from 'node:path';

export class Fillings {
  readonly #states = new Map<string, 'done' | 'failed'>();

  done(directories: readonly string[]): void {
    for (const directory of directories) this.#states.set(pathOf(directory), 'done');
  }

  /** One action that brought something is enough: what it brought can be read. */
  failed(directories: readonly string[]): void {
    for (const directory of directories.map(pathOf))
      if (!this.#states.has(directory)) this.#states.set(directory, 'failed');
  }

  /** True where something was to fill the directory, and nothing did. */
  isVain(directory: string): boolean {
    return this.#states.get(pathOf(directory)) === 'failed';
  }
}

/** One spelling of a directory: `./images/` is `images`. */
export function pathOf(directory: string): string {
  return normalize(`${directory}/`).replace(/(?<=.)\/$/, '');
}
