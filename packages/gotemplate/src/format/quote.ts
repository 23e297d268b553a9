/** Go's quoting of strings and runes (strconv.Quote, Unquote). */

import { decodeString, encodeString, isRawByte } from '../go-string.ts';

/** Which characters a quotation leaves as they are. */
export type QuoteStyle = 'printable' | 'ascii';

/** A string as a double-quoted Go literal; `ascii` escapes everything outside ASCII (`%+q`). */
export function quote(text: string, style: QuoteStyle = 'printable'): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  let quoted = '"';
  for (const rune of text) quoted += escapeRune(rune, '"', style);
  return `${quoted}"`;
}

/** A rune as a single-quoted Go literal. Numbers outside Unicode are U+FFFD. */
export function quoteRune(code: number, style: QuoteStyle = 'printable'): string {
  const valid = code >= 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return `'${escapeRune(String.fromCodePoint(valid ? code : 0xfffd), "'", style)}'`;
}

/** True where a raw string literal can hold the text: `%#q` uses one then. */
export function canBackquote(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
  return !/[\0-\x08\x0a-\x1f\x7f`\ufeff]|[\ud800-\udfff]/u.test(text);
}

/** True for the characters that Go prints as they are: letters, marks, numbers, punctuation, symbols and the space. */
export function isPrint(rune: string): boolean {
  if (rune.length === 1 && rune >= ' ' && rune <= '~') return true;
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(rune);
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
]);

function escapeRune(rune: string, mark: string, style: QuoteStyle): string {
  if (rune === mark || rune === '\\') return `\\${rune}`;
  const code = rune.codePointAt(0) ?? 0;
  if (rune.length === 1 && isRawByte(code)) return `\\x${hex(code & 0xff, 2)}`;
  if (isPrint(rune) && (style === 'printable' || code < 0x80)) return rune;
  const named = NAMED.get(rune);
  if (named !== undefined) return named;
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, width: number): string {
  return code.toString(16).padStart(width, '0');
}

/**
 * The text of a Go string literal, double-quoted or raw, with its quotes; undefined where it is not a valid one.
 * Escapes of bytes (`\xff`, `\377`) may make a string that is not UTF-8.
 */
export function unquote(literal: string): string | undefined {
  const mark = literal[0];
  if (literal.length < 2 || literal.at(-1) !== mark) return undefined;
  const body = literal.slice(1, -1);
  if (mark === '`') return body.includes('`') ? undefined : body.replaceAll('\r', '');
  if (mark !== '"' || body.includes('\n')) return undefined;
  if (!body.includes('\\')) return body.includes('"') ? undefined : body;
  let text = '';
  for (let at = 0; at < body.length; ) {
    const char = unquoteChar(body, at, '"');
    if (char === undefined) return undefined;
    text += char.text;
    at = char.end;
  }
  return joinRawBytes(text);
}

/** One character or escape of a literal, and where it ends. */
export function unquoteChar(
  body: string,
  at: number,
  mark: string,
): { readonly text: string; readonly end: number } | undefined {
  const char = body[at];
  if (char === undefined || char === mark) return undefined;
  if (char !== '\\') {
    const text = String.fromCodePoint(body.codePointAt(at) ?? 0);
    return { text, end: at + text.length };
  }
  const letter = body[at + 1] ?? '';
  const simple = SIMPLE.get(letter);
  if (simple !== undefined) return { text: simple, end: at + 2 };
  if (letter === mark && (mark === '"' || mark === "'")) return { text: mark, end: at + 2 };
  const pattern = NUMERIC.get(letter) ?? (/[0-7]/.test(letter) ? /[0-7]{3}/y : undefined);
  if (pattern === undefined) return undefined;
  const octal = /[0-7]/.test(letter);
  const digits = matchAt(pattern, body, octal ? at + 1 : at + 2);
  if (digits === undefined) return undefined;
  const code = Number.parseInt(digits, octal ? 8 : 16);
  const end = (octal ? at + 1 : at + 2) + digits.length;
  if (letter === 'x' || octal) {
    if (code > 255) return undefined;
    return { text: code < 0x80 ? String.fromCharCode(code) : String.fromCharCode(0xdc00 + code), end };
  }
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  return { text: String.fromCodePoint(code), end };
}

const SIMPLE: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
]);

const NUMERIC: ReadonlyMap<string, RegExp> = new Map([
  ['x', /[0-9a-fA-F]{2}/y],
  ['u', /[0-9a-fA-F]{4}/y],
  ['U', /[0-9a-fA-F]{8}/y],
]);

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  const sticky = new RegExp(pattern.source, 'y');
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0];
}

/** Bytes written one by one (`\xc3\xa9`) may form characters together. */
export function joinRawBytes(text: string): string {
  return /[\udc80-\udcff]{2}/u.test(text) ? decodeString(encodeString(text)) : text;
}
