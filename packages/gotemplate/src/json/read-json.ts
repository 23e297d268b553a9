/** Reads JSON as Go's encoding/json does into an empty interface: numbers are float64, objects maps; errors have Go's texts. */

import { quoteRune } from '../format/quote.ts';
import { encodeString } from '../go-string.ts';
import { GoError, type GoMap, type GoValue } from '../value.ts';

/** The value of a JSON text. Throws a `GoError`. */
export function readJson(text: string): GoValue {
  const reader = new JsonReader(text);
  const value = reader.value('looking for beginning of value');
  reader.end();
  return value;
}

/** Deeper than Go's own bound of 10,000 the stack of JavaScript would not hold; no real document comes near. */
const MAX_DEPTH = 300;

class JsonReader {
  private readonly text: string;
  private at = 0;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  value(context: string): GoValue {
    this.skipSpace();
    switch (this.text[this.at]) {
      case '{':
        return this.nested(() => this.object());
      case '[':
        return this.nested(() => this.array());
      case '"':
        return this.string();
      case 't':
        return this.literal('true', true);
      case 'f':
        return this.literal('false', false);
      case 'n':
        return this.literal('null', null);
      default:
        return this.number(context);
    }
  }

  end(): void {
    this.skipSpace();
    if (this.at < this.text.length) this.fail('after top-level value');
  }

  private nested(read: () => GoValue): GoValue {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw new GoError('exceeded max depth');
    this.at += 1;
    const value = read();
    this.depth -= 1;
    return value;
  }

  private object(): GoMap {
    const map: GoMap = new Map();
    this.skipSpace();
    if (this.taken('}')) return map;
    for (;;) {
      this.skipSpace();
      if (this.text[this.at] !== '"') this.fail('looking for beginning of object key string');
      const key = this.string();
      this.skipSpace();
      if (!this.taken(':')) this.fail('after object key');
      map.set(key, this.value('looking for beginning of value'));
      this.skipSpace();
      if (this.taken('}')) return map;
      if (!this.taken(',')) this.fail('after object key:value pair');
    }
  }

  private array(): GoValue[] {
    const items: GoValue[] = [];
    this.skipSpace();
    if (this.taken(']')) return items;
    for (;;) {
      items.push(this.value('looking for beginning of value'));
      this.skipSpace();
      if (this.taken(']')) return items;
      if (!this.taken(',')) this.fail('after array element');
    }
  }

  private string(): string {
    let text = '';
    this.at += 1;
    for (;;) {
      const char = this.text[this.at];
      if (char === undefined || char < ' ') return this.fail('in string literal');
      this.at += 1;
      if (char === '"') return text;
      text += char === '\\' ? this.escape() : char;
    }
  }

  private escape(): string {
    const char = this.text[this.at] ?? '';
    const simple = SIMPLE.get(char);
    if (simple !== undefined) {
      this.at += 1;
      return simple;
    }
    if (char !== 'u') return this.fail('in string escape code');
    this.at += 1;
    let unit = this.hexadecimal();
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
    if (unit < 0xdc00 && this.text.startsWith('\\u', this.at)) {
      const start = this.at;
      this.at += 2;
      const low = this.hexadecimal();
      if (low >= 0xdc00 && low <= 0xdfff) return String.fromCharCode(unit, low);
      this.at = start;
    }
    unit = 0xfffd;
    return String.fromCharCode(unit);
  }

  private hexadecimal(): number {
    for (let index = 0; index < 4; index += 1) {
      if (!/[0-9a-fA-F]/.test(this.text[this.at] ?? '')) this.fail('in \\u hexadecimal character escape');
      this.at += 1;
    }
    return Number.parseInt(this.text.slice(this.at - 4, this.at), 16);
  }

  private literal(word: string, value: GoValue): GoValue {
    for (const [index, char] of Array.from(word).entries()) {
      if (this.text[this.at] !== char) this.fail(`in literal ${word} (expecting '${word[index]}')`);
      this.at += 1;
    }
    return value;
  }

  private number(context: string): number {
    const start = this.at;
    if (!/[-0-9]/.test(this.text[this.at] ?? '')) this.fail(context);
    if (this.taken('-') && !/[0-9]/.test(this.text[this.at] ?? '')) this.fail('in numeric literal');
    if (!this.taken('0')) this.skipDigits();
    if (this.taken('.')) {
      if (!/[0-9]/.test(this.text[this.at] ?? '')) this.fail('after decimal point in numeric literal');
      this.skipDigits();
    }
    if (/[eE]/.test(this.text[this.at] ?? '')) {
      this.at += 1;
      if (/[-+]/.test(this.text[this.at] ?? '')) this.at += 1;
      if (!/[0-9]/.test(this.text[this.at] ?? '')) this.fail('in exponent of numeric literal');
      this.skipDigits();
    }
    const literal = this.text.slice(start, this.at);
    const value = Number(literal);
    if (Number.isFinite(value)) return value;
    throw new GoError(`json: cannot unmarshal number ${literal} into Go value of type float64`);
  }

  private skipDigits(): void {
    while (/[0-9]/.test(this.text[this.at] ?? '')) this.at += 1;
  }

  private skipSpace(): void {
    while (' \t\r\n'.includes(this.text[this.at] ?? 'x')) this.at += 1;
  }

  private taken(char: string): boolean {
    if (this.text[this.at] !== char) return false;
    this.at += 1;
    return true;
  }

  private fail(context: string): never {
    const code = this.text.codePointAt(this.at);
    if (code !== undefined) throw new GoError(`invalid character ${quoteByte(String.fromCodePoint(code))} ${context}`);
    // Go puts a blank behind the text to see whether a value ends there.
    throw new GoError(WITHIN.test(context) ? `invalid character ' ' ${context}` : 'unexpected end of JSON input');
  }
}

/** Parts of a value in which there can be no blank. */
const WITHIN = /^in (?:literal|numeric|string escape|exponent|.u hexadecimal)|^after decimal/;

/** The first byte of a character as Go quotes it, for which it is a character of its own. */
function quoteByte(char: string): string {
  return quoteRune(encodeString(char)[0] ?? 0);
}

const SIMPLE: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
