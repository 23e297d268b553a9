/** Faults of a file, gathered so that a person sees all of them at once. */

import { type ErrorCode, KubecrateError } from '@kubecrate/errors';

/** `file:line: reason`, one for each fault. */
export class Faults {
  readonly file: string;
  readonly #lines: string[] = [];

  constructor(file: string) {
    this.file = file;
  }

  /** `reason` never quotes a secret: it is shown. */
  at(line: number, reason: string): void {
    this.#lines.push(`${this.file}:${line}: ${reason}`);
  }

  get count(): number {
    return this.#lines.length;
  }

  /** Throws one error for all faults, if there are any: `what` (`cannot read the rules`), then each of them. */
  throwIfAny(code: ErrorCode, what: string, hint?: string): void {
    if (this.#lines.length === 0) return;
    const shown = this.#lines.slice(0, MAX_SHOWN);
    const rest = this.#lines.length - shown.length;
    const lines = [`${what}:`, ...shown.map((line) => `  ${line}`), ...(rest > 0 ? [`  and ${rest} more`] : [])];
    throw new KubecrateError(code, lines.join('\n'), hint === undefined ? {} : { hint });
  }
}

const MAX_SHOWN = 50;
