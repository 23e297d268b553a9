/** Scalars in quotes and plain scalars (YAML 1.1, section 9.1). */

import { type Cursor, isBlank, isBlankOrEnd, isBreak, TAB } from './cursor.ts';
import type { Token } from './token.ts';
import { type Mark, scannerError } from './yaml-error.ts';

/** Reads the scalar that starts at a quote. */
export function scanQuotedScalar(cursor: Cursor, style: 'single' | 'double'): Token {
  const start = cursor.mark();
  const quote = style === 'single' ? SINGLE_QUOTE : DOUBLE_QUOTE;
  cursor.skip();
  let value = '';
  for (;;) {
    if (cursor.atDocumentIndicator()) {
      throw scannerError('found unexpected document indicator', cursor.mark(), start);
    }
    if (cursor.code() === 0) throw scannerError('found unexpected end of stream', cursor.mark(), start);
    const piece = scanQuotedWord(cursor, style, quote, start);
    value += piece.text;
    if (!piece.escapedBreak && cursor.code() === quote) break;
    value += scanSpace(cursor, piece.escapedBreak ? 'after-break' : 'in-line').joined;
  }
  cursor.skip();
  return { type: 'scalar', start, value, style };
}

/** Reads a plain scalar; `indent` is the column that its further lines need, `flow` says that it stands in brackets. */
export function scanPlainScalar(
  cursor: Cursor,
  indent: number,
  context: 'flow' | 'block',
): { readonly token: Token; readonly endsLine: boolean } {
  const start = cursor.mark();
  let value = '';
  let space: Space = { joined: '', endsLine: false };
  for (;;) {
    if (cursor.atDocumentIndicator() || cursor.code() === HASH) break;
    const from = cursor.index;
    for (;;) {
      cursor.skipOrdinary(context);
      if (isBlankOrEnd(cursor.code()) || endsPlain(cursor, context)) break;
      cursor.skip();
    }
    if (cursor.index > from) {
      value += space.joined + cursor.text.slice(from, cursor.index);
      space = { joined: '', endsLine: false };
    }
    if (!isBlank(cursor.code()) && !isBreak(cursor.code())) break;
    space = scanSpace(cursor, 'in-line', { indent, start });
    if (context === 'block' && cursor.column < indent) break;
  }
  return { token: { type: 'scalar', start, value, style: 'plain' }, endsLine: space.endsLine };
}

function endsPlain(cursor: Cursor, context: 'flow' | 'block'): boolean {
  const code = cursor.code();
  if (code === COLON) return isBlankOrEnd(cursor.code(1));
  if (context === 'block') return false;
  return code === 0x2c || code === 0x3f || code === 0x5b || code === 0x5d || code === 0x7b || code === 0x7d;
}

interface Space {
  /** What the blanks and line breaks become in the value: breaks are folded. */
  readonly joined: string;
  readonly endsLine: boolean;
}

/** Reads blanks and line breaks. `after-break` is behind an escaped break: blanks fall away, a break is kept. */
function scanSpace(
  cursor: Cursor,
  from: 'in-line' | 'after-break',
  plain?: { readonly indent: number; readonly start: Mark },
): Space {
  let blanks = '';
  let leadingBreak = '';
  let trailingBreaks = '';
  let endsLine = from === 'after-break';
  for (;;) {
    const code = cursor.code();
    if (isBlank(code)) {
      if (endsLine && plain !== undefined && code === TAB && cursor.column < plain.indent) {
        throw scannerError('found a tab character that violates indentation', cursor.mark(), plain.start);
      }
      if (!endsLine) blanks += String.fromCharCode(code);
      cursor.skip();
    } else if (isBreak(code)) {
      if (endsLine) trailingBreaks += cursor.readBreak();
      else leadingBreak = cursor.readBreak();
      endsLine = true;
    } else break;
  }
  if (!endsLine) return { joined: blanks, endsLine };
  if (leadingBreak !== '\n') return { joined: leadingBreak + trailingBreaks, endsLine };
  return { joined: trailingBreaks === '' ? ' ' : trailingBreaks, endsLine };
}

function scanQuotedWord(
  cursor: Cursor,
  style: 'single' | 'double',
  quote: number,
  start: Mark,
): { readonly text: string; readonly escapedBreak: boolean } {
  let text = '';
  let from = cursor.index;
  const upToHere = () => text + cursor.text.slice(from, cursor.index);
  for (;;) {
    const code = cursor.code();
    if (isBlankOrEnd(code)) break;
    if (code === quote) {
      if (style === 'double' || cursor.code(1) !== quote) break;
      text = `${upToHere()}'`;
      cursor.skip(2);
      from = cursor.index;
    } else if (code === BACKSLASH && style === 'double') {
      text = upToHere();
      if (isBreak(cursor.code(1))) {
        cursor.skip();
        cursor.readBreak();
        return { text, escapedBreak: true };
      }
      text += scanEscape(cursor, start);
      from = cursor.index;
    } else cursor.skip();
  }
  return { text: upToHere(), escapedBreak: false };
}

function scanEscape(cursor: Cursor, start: Mark): string {
  const letter = String.fromCharCode(cursor.code(1));
  const simple = ESCAPES.get(letter);
  if (simple !== undefined) {
    cursor.skip(2);
    return simple;
  }
  const length = letter === 'x' ? 2 : letter === 'u' ? 4 : letter === 'U' ? 8 : 0;
  if (length === 0) throw scannerError('found unknown escape character', cursor.mark(), start);
  cursor.skip(2);
  const digits = cursor.text.slice(cursor.index, cursor.index + length);
  if (digits.length < length || !/^[0-9a-fA-F]+$/.test(digits)) {
    throw scannerError('did not find expected hexdecimal number', cursor.mark(), start);
  }
  const value = Number.parseInt(digits, 16);
  if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) {
    throw scannerError('found invalid Unicode character escape code', cursor.mark(), start);
  }
  cursor.skip(length);
  return String.fromCodePoint(value);
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\x1b'],
  [' ', ' '],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['N', '\x85'],
  ['_', '\xa0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
]);

const DOUBLE_QUOTE = 0x22;
const HASH = 0x23;
const SINGLE_QUOTE = 0x27;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
