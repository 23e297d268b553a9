/** Faults of a file, gathered so that a person sees all of them at once. */

import { type ErrorCode, KubecrateError } from '@kubecrate/errors';

/** A character of a file; line and column count from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** `file:line: reason` or `file:line:column: reason`, one for each fault. */
export class Faults {
  readonly file: string;
  readonly #lines: string[] = [];

  constructor(file: string) {
    this.file = file;
  }

  /** `place` is a line, or a character of one; `reason` never quotes a secret: it is shown. */
  at(place: number | TextPosition, reason: string): void {
    const position = typeof place === 'number' ? place : `${place.line}:${place.column}`;
    this.#lines.push(`${this.file}:${position}: ${reason}`);
  }

  get count(): number {
    return this.#lines.length;
  }

  /** Each fault with its place. */
  get lines(): readonly string[] {
    return this.#lines;
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
