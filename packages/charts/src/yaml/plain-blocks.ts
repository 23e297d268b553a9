/**
 * A quick way through the YAML that most templates and values are: blocks of `key: value` and `- item`, a line each. Anything else
 * is declined, and then read by the whole parser, which alone knows all of YAML and its errors.
 */

import type { MappingNode, ScalarNode, SequenceNode, YamlNode } from './node.ts';
import { readPlainFlow } from './plain-flow.ts';
import { plainScalar, quotedScalar } from './plain-scalar.ts';

/** The tree of a text, the same that the whole parser gives, or undefined where the text is more than plain blocks. */
export function readPlainBlocks(text: string): YamlNode | undefined {
  return UNUSUAL.test(text) ? undefined : new PlainBlocks(text).document();
}

/** Every method that gives a node gives undefined to decline the text; `column` is that of the block around. */
class PlainBlocks {
  readonly #text: string;
  readonly #entry = new RegExp(ENTRY, 'my');
  readonly #quoted = new RegExp(QUOTED, 'my');
  readonly #literal = new RegExp(LITERAL, 'my');
  /** Where the line after the current one begins. */
  #next = 0;
  /** What is left of the current line: from here to its end. */
  #at = 0;
  #end = 0;
  /** The column of what is left, -1 behind the last line. */
  #column = -1;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): YamlNode | undefined {
    this.#advance();
    const root = this.#column < 0 ? undefined : this.#block();
    return this.#column < 0 ? root : undefined;
  }

  /** Goes to the next line that is neither blank nor a comment. */
  #advance(): void {
    const text = this.#text;
    while (this.#next < text.length) {
      const start = this.#next;
      let at = start;
      while (text.charCodeAt(at) === SPACE) at++;
      const lineEnd = text.indexOf('\n', at);
      const end = lineEnd < 0 ? text.length : lineEnd;
      this.#next = end + 1;
      if (at === end || text.charCodeAt(at) === HASH) continue;
      this.#at = at;
      this.#end = end;
      this.#column = at - start;
      return;
    }
    this.#column = -1;
  }

  #block(): YamlNode | undefined {
    if (this.#depth === MAX_DEPTH) return undefined;
    this.#depth++;
    const node = this.#atDash() ? this.#sequence('indented') : this.#mapping();
    this.#depth--;
    return node;
  }

  #mapping(): MappingNode | undefined {
    const column = this.#column;
    const entries: [YamlNode, YamlNode][] = [];
    while (this.#column === column) {
      const key = this.#key();
      const value = key && this.#value(column, 'key');
      if (key === undefined || value === undefined) return undefined;
      entries.push([key, value]);
    }
    return this.#column > column ? undefined : { kind: 'mapping', entries };
  }

  /** `beside-keys`: a sequence that is the value of a key and stands in the column of the key. */
  #sequence(place: 'indented' | 'beside-keys'): SequenceNode | undefined {
    const column = this.#column;
    const items: YamlNode[] = [];
    while (this.#column === column) {
      if (!this.#atDash()) return place === 'beside-keys' ? { kind: 'sequence', items } : undefined;
      const dash = this.#at;
      this.#at++;
      this.#skipSpaces();
      const item = this.#holdsBlock() ? this.#blockAt(column + this.#at - dash) : this.#value(column, 'dash');
      if (item === undefined) return undefined;
      items.push(item);
    }
    return this.#column > column ? undefined : { kind: 'sequence', items };
  }

  #blockAt(column: number): YamlNode | undefined {
    this.#column = column;
    return this.#block();
  }

  #key(): ScalarNode | undefined {
    this.#entry.lastIndex = this.#at;
    const match = this.#entry.exec(this.#text);
    if (match === null || match[0].length > MAX_KEY_LENGTH) return undefined;
    this.#at = this.#entry.lastIndex;
    const [, plain, double, single] = match;
    return plain === undefined ? quotedScalar(double ?? single ?? '') : plainScalar(plain);
  }

  /** What is left of the line, or the block below it where nothing is; the current line is then the one behind the value. */
  #value(column: number, after: 'key' | 'dash'): YamlNode | undefined {
    const code = this.#at < this.#end ? this.#text.charCodeAt(this.#at) : HASH;
    if (code === HASH) {
      this.#advance();
      if (this.#column > column) return this.#block();
      const isBeside = after === 'key' && this.#column === column && this.#atDash();
      return isBeside ? this.#sequence('beside-keys') : EMPTY;
    }
    const value = code === PIPE ? this.#literalScalar(column) : this.#inline(code);
    this.#advance();
    // A deeper line goes on with the scalar, or is an error.
    return this.#column > column ? undefined : value;
  }

  #inline(code: number): YamlNode | undefined {
    if (code === BRACE || code === BRACKET) return readPlainFlow(this.#text.slice(this.#at, this.#end));
    if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) {
      this.#quoted.lastIndex = this.#at;
      const match = this.#quoted.exec(this.#text);
      return match === null ? undefined : quotedScalar(match[1] ?? match[2] ?? '');
    }
    const line = this.#text.slice(this.#at, this.#end);
    const comment = line.indexOf(' #');
    let length = comment < 0 ? line.length : comment;
    while (line.charCodeAt(length - 1) === SPACE) length--;
    const value = line.slice(0, length);
    return PLAIN.test(value) ? plainScalar(value) : undefined;
  }

  /** The lines behind `|` or `|-`. */
  #literalScalar(column: number): ScalarNode | undefined {
    this.#literal.lastIndex = this.#at;
    const header = this.#literal.exec(this.#text);
    if (header === null) return undefined;
    const text = this.#text;
    const indent = text.slice(this.#next).search(/[^ ]/);
    if (indent <= column || text.charCodeAt(this.#next + indent) === LF) return undefined;
    const lines: string[] = [];
    let isEnded = false;
    while (this.#next < text.length) {
      const start = this.#next;
      let at = start;
      while (at < start + indent && text.charCodeAt(at) === SPACE) at++;
      const lineEnd = text.indexOf('\n', at);
      const end = lineEnd < 0 ? text.length : lineEnd;
      if (at < start + indent && at < end) break;
      lines.push(text.slice(at, end));
      isEnded = lineEnd >= 0;
      this.#next = end + 1;
    }
    const content = lines.length;
    while (lines.at(-1) === '') lines.pop();
    const isClipped = header[1] === '' && (isEnded || lines.length < content);
    return quotedScalar(lines.join('\n') + (isClipped ? '\n' : ''));
  }

  #skipSpaces(): void {
    while (this.#text.charCodeAt(this.#at) === SPACE) this.#at++;
  }

  #atDash(): boolean {
    if (this.#text.charCodeAt(this.#at) !== DASH) return false;
    return this.#at + 1 === this.#end || this.#text.charCodeAt(this.#at + 1) === SPACE;
  }

  /** True where a block begins on what is left of the line behind a dash. */
  #holdsBlock(): boolean {
    if (this.#at >= this.#end) return false;
    this.#entry.lastIndex = this.#at;
    return this.#atDash() || this.#entry.test(this.#text);
  }
}

const EMPTY: ScalarNode = plainScalar('');

/** Deeper blocks are for the parser that has a bound of its own. */
const MAX_DEPTH = 100;
const MAX_KEY_LENGTH = 1000;

/** Blanks and line breaks of more kinds than one. */
const UNUSUAL = /[\t\r\x85\u2028\u2029\ufeff]/;
/** A key and what is behind it up to its value. */
const ENTRY = /(?:([A-Za-z0-9_][\w./-]*)|"([^"\\\n]*)"|'([^'\n]*)'):(?: +|$)/;
/** A scalar in quotes that ends its line. */
const QUOTED = /(?:"([^"\\\n]*)"|'([^'\n]*)')(?: +#.*| *)$/;
const LITERAL = /\|(-?) *$/;
/** A scalar on one line that begins as nothing else does and holds no `: `. */
const PLAIN = /^(?:[\w/.+~$()^\\<=;]|-(?! |$))(?:[^:]|:(?! |$))*$/;

const LF = 0x0a;
const SPACE = 0x20;
const DOUBLE_QUOTE = 0x22;
const HASH = 0x23;
const SINGLE_QUOTE = 0x27;
const DASH = 0x2d;
const BRACKET = 0x5b;
const BRACE = 0x7b;
const PIPE = 0x7c;
