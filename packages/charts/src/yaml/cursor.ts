/** A place in YAML text that moves forward, and the classes of characters that YAML 1.1 knows. */

import type { Mark } from './yaml-error.ts';

export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
const NEL = 0x85;
const LS = 0x2028;
const PS = 0x2029;
const BOM = 0xfeff;

/** The end of the text reads as code 0, which no valid text contains. */
export class Cursor {
  readonly text: string;
  index = 0;
  line = 0;
  #lineStart = 0;
  #mark: Mark = { index: 0, line: 0, column: 0 };
  // Runs of ordinary characters are the most of any text.
  readonly #restOfLine = /[^\n\r\x85\u2028\u2029]*/y;
  readonly #ordinary = { block: /[^\s\x85\u2028\u2029:]+/y, flow: /[^\s\x85\u2028\u2029:,?[\]{}]+/y };

  constructor(text: string) {
    this.text = text;
  }

  get column(): number {
    return this.index - this.#lineStart;
  }

  mark(): Mark {
    if (this.#mark.index !== this.index || this.#mark.line !== this.line) {
      this.#mark = { index: this.index, line: this.line, column: this.column };
    }
    return this.#mark;
  }

  /** The character `offset` places ahead. */
  code(offset = 0): number {
    const at = this.index + offset;
    return at < this.text.length ? this.text.charCodeAt(at) : 0;
  }

  /** Moves over `count` characters that are not line breaks. */
  skip(count = 1): void {
    this.index += count;
  }

  /** Moves over a line break; CR LF is one. Gives it as YAML normalises it: LF, or LS and PS as they are. */
  readBreak(): string {
    const code = this.code();
    if (code === CR && this.code(1) === LF) this.index++;
    this.index++;
    this.line++;
    this.#lineStart = this.index;
    return code === LS ? '\u2028' : code === PS ? '\u2029' : '\n';
  }

  /** As at the end of the stream: the rest of the line is behind. */
  finishLine(): void {
    if (this.column === 0) return;
    this.line++;
    this.#lineStart = this.index;
  }

  skipByteOrderMark(): void {
    if (this.code() !== BOM) return;
    this.index++;
    this.#lineStart = this.index;
  }

  skipBlanks(): void {
    while (isBlank(this.code())) this.index++;
  }

  skipComment(): void {
    if (this.code() !== HASH) return;
    this.skipLine();
  }

  /** Moves to the end of the line. */
  skipLine(): void {
    this.#skipMatch(this.#restOfLine);
  }

  /** Moves over characters that neither end a plain scalar nor may. */
  skipOrdinary(context: 'block' | 'flow'): void {
    this.#skipMatch(this.#ordinary[context]);
  }

  #skipMatch(pattern: RegExp): void {
    pattern.lastIndex = this.index;
    if (pattern.test(this.text)) this.index = pattern.lastIndex;
  }

  /** True at `---` or `...` in the first column with a blank behind. */
  atDocumentIndicator(): boolean {
    if (this.column !== 0) return false;
    const code = this.code();
    if (code !== DASH && code !== DOT) return false;
    return this.code(1) === code && this.code(2) === code && isBlankOrEnd(this.code(3));
  }
}

const HASH = 0x23;
const DASH = 0x2d;
const DOT = 0x2e;

export function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

export function isBreak(code: number): boolean {
  return code === LF || code === CR || code === NEL || code === LS || code === PS;
}

export function isBreakOrEnd(code: number): boolean {
  return code === 0 || isBreak(code);
}

export function isBlankOrEnd(code: number): boolean {
  return isBlank(code) || isBreakOrEnd(code);
}

/** Letters, digits, `_` and `-`: what names of anchors and tag handles are made of. */
export function isWord(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x5f ||
    code === DASH
  );
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
