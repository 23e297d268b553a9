/** The characters of YAML output, with the line width and the places where libyaml's emitter may break a line. */

import { type Dialect, isPrintableUnit } from './analyze-scalar.ts';
import { isBreak, LF, SPACE } from './cursor.ts';

/** Lines are broken at the first space behind this column. */
const WIDTH = 80;

/** Text that grows, and what the emitter has to know of its end. */
export class ScalarWriter {
  readonly #width: number;
  #text = '';
  #column = 0;
  /** The output ends with a blank, or nothing but indentation and indicators are on the line. */
  #whitespace = true;
  #indention = true;
  indent = -1;

  constructor(dialect: Dialect) {
    this.#width = dialect === 'yaml2' ? WIDTH : Number.POSITIVE_INFINITY;
  }

  get text(): string {
    return this.#text;
  }

  get onlyIndention(): boolean {
    return this.#indention;
  }

  indicator(mark: string, needs: 'blank-before' | 'nothing', after: 'text' | 'indention'): void {
    if (needs === 'blank-before' && !this.#whitespace) this.#put(' ');
    this.#put(mark);
    this.#whitespace = false;
    this.#indention = this.#indention && after === 'indention';
  }

  lineIndent(): void {
    const indent = Math.max(this.indent, 0);
    if (!this.#indention || this.#column > indent || (this.#column === indent && !this.#whitespace))
      this.#putBreak('\n');
    if (this.#column < indent) this.#put(' '.repeat(indent - this.#column));
    this.#whitespace = true;
    this.#indention = true;
  }

  plain(text: string, breaks: 'allowed' | 'forbidden'): void {
    if (!this.#whitespace) this.#put(' ');
    this.#folded(text, breaks, (at) => text.charCodeAt(at + 1) !== SPACE, undefined);
    this.#whitespace = false;
    this.#indention = false;
  }

  singleQuoted(text: string, breaks: 'allowed' | 'forbidden'): void {
    this.indicator("'", 'blank-before', 'text');
    const last = text.length - 1;
    this.#folded(text, breaks, (at) => at > 0 && at < last && text.charCodeAt(at + 1) !== SPACE, "'");
    this.indicator("'", 'nothing', 'text');
    this.#indention = false;
  }

  doubleQuoted(text: string, breaks: 'allowed' | 'forbidden'): void {
    this.indicator('"', 'blank-before', 'text');
    // libyaml looks for a byte order mark at the start of the text, whichever character it is at.
    const escapesAll = text.charCodeAt(0) === BYTE_ORDER_MARK;
    let afterSpace = false;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      const space = code === SPACE && !escapesAll;
      if (
        space &&
        breaks === 'allowed' &&
        !afterSpace &&
        this.#column > this.#width &&
        at > 0 &&
        at < text.length - 1
      ) {
        this.lineIndent();
        if (text.charCodeAt(at + 1) === SPACE) this.#put('\\');
      } else if (!escapesAll && isPrintableUnit(text, at) && !isBreak(code) && code !== 0x22 && code !== 0x5c) {
        this.#put(text.charAt(at), isLowSurrogate(code) ? 0 : 1);
      } else {
        const rune = text.codePointAt(at) ?? 0;
        this.#put(escapeRune(rune));
        if (rune > 0xffff) at++;
      }
      afterSpace = space;
    }
    this.indicator('"', 'nothing', 'text');
    this.#indention = false;
  }

  literal(text: string): void {
    this.indicator('|', 'blank-before', 'text');
    const first = text.charCodeAt(0);
    if (first === SPACE || isBreak(first)) this.indicator('2', 'nothing', 'text');
    const chomping = chompingHint(text);
    if (chomping !== '') this.indicator(chomping, 'nothing', 'text');
    this.#putBreak('\n');
    this.#indention = true;
    this.#whitespace = true;
    let lineStart = true;
    let from = 0;
    for (let at = 0; at <= text.length; at++) {
      const code = at < text.length ? text.charCodeAt(at) : LF;
      if (!isBreak(code)) continue;
      if (at > from) {
        if (lineStart) this.lineIndent();
        this.#put(text.slice(from, at));
        this.#indention = false;
      }
      if (at < text.length) {
        this.#putBreak(text.charAt(at));
        this.#indention = true;
        lineStart = true;
      }
      from = at + 1;
    }
  }

  /** Ends the document: the output ends with a line break. */
  finish(): void {
    this.indent = -1;
    this.lineIndent();
  }

  #folded(
    text: string,
    breaks: 'allowed' | 'forbidden',
    mayBreakAt: (at: number) => boolean,
    doubled: string | undefined,
  ): void {
    let afterSpace = false;
    let afterBreak = false;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      const character = text.charAt(at);
      if (code === SPACE) {
        if (breaks === 'allowed' && !afterSpace && this.#column > this.#width && mayBreakAt(at)) this.lineIndent();
        else this.#put(' ');
        afterSpace = true;
        continue;
      }
      if (isBreak(code)) {
        if (!afterBreak && code === LF) this.#putBreak('\n');
        this.#putBreak(character);
        this.#indention = true;
        afterBreak = true;
        continue;
      }
      if (afterBreak) this.lineIndent();
      if (character === doubled) this.#put(character);
      this.#put(character, isLowSurrogate(code) ? 0 : 1);
      this.#indention = false;
      afterSpace = false;
      afterBreak = false;
    }
  }

  #put(text: string, width = text.length): void {
    this.#text += text;
    this.#column += width;
  }

  #putBreak(character: string): void {
    this.#text += character;
    this.#column = 0;
  }
}

function chompingHint(text: string): '' | '-' | '+' {
  const last = text.length - 1;
  if (!isBreak(text.charCodeAt(last))) return '-';
  return last === 0 || isBreak(text.charCodeAt(last - 1)) ? '+' : '';
}

function escapeRune(rune: number): string {
  const name = ESCAPES.get(rune);
  if (name !== undefined) return `\\${name}`;
  const hex = rune.toString(16).toUpperCase();
  if (rune <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return rune <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

const BYTE_ORDER_MARK = 0xfeff;

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x00, '0'],
  [0x07, 'a'],
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0b, 'v'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [0x1b, 'e'],
  [0x22, '"'],
  [0x5c, '\\'],
  [0x85, 'N'],
  [0xa0, '_'],
  [0x2028, 'L'],
  [0x2029, 'P'],
]);
