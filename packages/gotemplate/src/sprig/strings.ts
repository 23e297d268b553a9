/** sprig's functions of strings. */

import { formatGo } from '../format/printf.ts';
import { quote } from '../format/quote.ts';
import { byteLength, encodeString, sliceBytes } from '../go-string.ts';
import {
  type CallContext,
  elementsOf,
  GoError,
  type GoFunction,
  type GoValue,
  STRING_MAP,
  stringSlice,
  Typed,
} from '../value.ts';
import { numberOf, ofAll, ofAny, ofStrings, textOf } from './arguments.ts';
import { textFrom } from './convert.ts';
import { isLower, isSpace, isUpper, lowerRune, toLower, toUpper, trimSpace, upperRune } from './letter-case.ts';
import { toLowerCaseWords, toPascalCase } from './naming.ts';
import { abbreviate, wrapText } from './wrap.ts';

export const STRING_FUNCTIONS: ReadonlyMap<string, GoFunction> = new Map<string, GoFunction>([
  ['hello', { params: [], run: () => 'Hello!' }],
  ['trim', ofStrings(1, trimSpace)],
  ['upper', ofStrings(1, toUpper)],
  ['lower', ofStrings(1, toLower)],
  ['title', ofStrings(1, title)],
  ['untitle', ofStrings(1, untitle)],
  ['swapcase', ofStrings(1, swapCase)],
  ['snakecase', ofStrings(1, (text) => toLowerCaseWords(text, '_'))],
  ['kebabcase', ofStrings(1, (text) => toLowerCaseWords(text, '-'))],
  ['camelcase', ofStrings(1, toPascalCase)],
  ['nospace', ofStrings(1, withoutSpace)],
  ['initials', ofStrings(1, initials)],
  ['trimall', ofStrings(2, trimAll)],
  ['trimAll', ofStrings(2, trimAll)],
  ['trimSuffix', ofStrings(2, (end, text) => (end !== '' && text.endsWith(end) ? text.slice(0, -end.length) : text))],
  ['trimPrefix', ofStrings(2, (start, text) => (text.startsWith(start) ? text.slice(start.length) : text))],
  ['contains', ofStrings(2, (part, text) => text.includes(part))],
  ['hasPrefix', ofStrings(2, (start, text) => text.startsWith(start))],
  ['hasSuffix', ofStrings(2, (end, text) => text.endsWith(end))],
  [
    'replace',
    {
      params: ['string', 'string', 'string'],
      run: ([old, replacement, text], call) => replace(textOf(old), textOf(replacement), textOf(text), call),
    },
  ],
  [
    'repeat',
    {
      params: ['int', 'string'],
      run: ([n, text], call) => repeat(textOf(text), numberOf(n), call),
    },
  ],
  [
    'substr',
    { params: ['int', 'int', 'string'], run: ([a, b, text]) => substring(numberOf(a), numberOf(b), textOf(text)) },
  ],
  ['trunc', { params: ['int', 'string'], run: ([n, text]) => truncate(numberOf(n), textOf(text)) }],
  ['abbrev', { params: ['int', 'string'], run: ([width, text]) => abbrev(0, numberOf(width), textOf(text)) }],
  [
    'abbrevboth',
    {
      params: ['int', 'int', 'string'],
      run: ([left, right, text]) => abbrev(numberOf(left), numberOf(right), textOf(text)),
    },
  ],
  ['wrap', { params: ['int', 'string'], run: ([width, text]) => wrapText(textOf(text), numberOf(width), '', 'keep') }],
  [
    'wrapWith',
    {
      params: ['int', 'string', 'string'],
      run: ([width, mark, text]) => wrapText(textOf(text), numberOf(width), textOf(mark), 'break'),
    },
  ],
  ['indent', { params: ['int', 'string'], run: ([n, text], call) => indent(numberOf(n), textOf(text), call) }],
  ['nindent', { params: ['int', 'string'], run: ([n, text], call) => `\n${indent(numberOf(n), textOf(text), call)}` }],
  ['plural', { params: ['string', 'string', 'int'], run: ([one, many, n]) => textOf(numberOf(n) === 1 ? one : many) }],
  [
    'quote',
    ofAll((values) =>
      present(values)
        .map((value) => quote(textFrom(value)))
        .join(' '),
    ),
  ],
  [
    'squote',
    ofAll((values) =>
      present(values)
        .map((value) => formatGo("'%v'", [value]))
        .join(' '),
    ),
  ],
  ['cat', ofAll(cat)],
  ['toString', ofAny(textFrom)],
  ['toStrings', ofAny((value) => stringSlice(stringsFrom(value)))],
  [
    'join',
    {
      params: ['string', 'interface {}'],
      run: ([separator, list = null], call) => join(textOf(separator), list, call),
    },
  ],
  ['split', ofStrings(2, (separator, text) => numbered(splitText(text, separator, -1)))],
  [
    'splitn',
    {
      params: ['string', 'int', 'string'],
      run: ([separator, n, text]) => numbered(splitText(textOf(text), textOf(separator), numberOf(n))),
    },
  ],
  ['splitList', ofStrings(2, (separator, text) => stringSlice(splitText(text, separator, -1)))],
]);

/** Any value as strings: the elements of a list without nils, or the one value. */
export function stringsFrom(value: GoValue): string[] {
  if (value === null) return [];
  const elements = elementsOf(value);
  return elements === undefined ? [textFrom(value)] : present(elements).map(textFrom);
}

/** strings.SplitN: at most `limit` parts, all of them where it is negative; an empty separator splits into characters. */
export function splitText(text: string, separator: string, limit: number): string[] {
  if (limit === 0) return [];
  if (limit === 1) return [text];
  const parts = separator === '' ? Array.from(text) : text.split(separator);
  if (limit < 0 || parts.length <= limit) return parts;
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
}

function join(separator: string, list: GoValue, call: CallContext): string {
  const parts = stringsFrom(list);
  call.budget.hold(parts.reduce((bytes, part) => bytes + part.length + separator.length, 0));
  return parts.join(separator);
}

function present(values: readonly GoValue[]): GoValue[] {
  return values.filter((value) => value !== null);
}

function numbered(parts: readonly string[]): Typed {
  return new Typed(STRING_MAP, new Map(parts.map((part, index) => [`_${index}`, part])));
}

function cat(values: readonly GoValue[]): string {
  const shown = present(values);
  return formatGo(shown.map(() => '%v').join(' '), shown);
}

/** strings.Title: a letter is the first of a word where no letter, digit or underscore stands before it. */
function title(text: string): string {
  let titled = '';
  let before = ' ';
  for (const rune of text) {
    titled += isSeparator(before) ? upperRune(rune) : rune;
    before = rune;
  }
  return titled;
}

function isSeparator(rune: string): boolean {
  if (rune <= '\x7f') return !/[A-Za-z0-9_]/.test(rune);
  return /^[\p{L}\p{Nd}]$/u.test(rune) ? false : isSpace(rune);
}

function untitle(text: string): string {
  let first = true;
  return Array.from(text, (rune) => {
    const mapped = first && !isSpace(rune) ? lowerRune(rune) : rune;
    first = isSpace(rune);
    return mapped;
  }).join('');
}

function swapCase(text: string): string {
  return Array.from(text, (rune) => (isUpper(rune) ? lowerRune(rune) : isLower(rune) ? upperRune(rune) : rune)).join(
    '',
  );
}

/** The library takes each byte for a character, so text outside ASCII comes out as Latin-1 once a space is dropped. */
function withoutSpace(text: string): string {
  const bytes = Array.from(encodeString(text), (byte) => String.fromCharCode(byte));
  const kept = bytes.filter((char) => !isSpace(char));
  return kept.length === bytes.length ? text : kept.join('');
}

function initials(text: string): string {
  let letters = '';
  let gap = true;
  for (const byte of encodeString(text)) {
    const char = String.fromCharCode(byte);
    if (!isSpace(char) && gap) letters += char;
    gap = isSpace(char);
  }
  return letters;
}

function trimAll(cutset: string, text: string): string {
  const cut = new Set(cutset);
  const runes = Array.from(text);
  let start = 0;
  let end = runes.length;
  while (start < end && cut.has(runes[start] ?? '')) start += 1;
  while (end > start && cut.has(runes[end - 1] ?? '')) end -= 1;
  return runes.slice(start, end).join('');
}

function replace(old: string, replacement: string, text: string, call: CallContext): string {
  const times = old === '' ? text.length + 1 : count(text, old);
  call.budget.hold(text.length + times * replacement.length);
  if (old !== '') return text.replaceAll(old, () => replacement);
  return replacement + Array.from(text, (rune) => rune + replacement).join('');
}

function repeat(text: string, times: number, call: CallContext): string {
  if (times < 0) throw new GoError('strings: negative Repeat count');
  call.budget.hold(text.length * times);
  return text.repeat(times);
}

function indent(spaces: number, text: string, call: CallContext): string {
  const pad = repeat(' ', spaces, call);
  call.budget.hold(text.length + (count(text, '\n') + 1) * spaces);
  return pad + text.replaceAll('\n', `\n${pad}`);
}

/** How often a part occurs, without overlaps. */
function count(text: string, part: string): number {
  let found = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) found += 1;
  return found;
}

function truncate(bytes: number, text: string): string {
  const length = byteLength(text);
  if (bytes < 0 && length + bytes > 0) return sliceBytes(text, length + bytes, length);
  return bytes >= 0 && length > bytes ? sliceBytes(text, 0, bytes) : text;
}

function substring(start: number, end: number, text: string): string {
  const length = byteLength(text);
  if (start < 0) return sliceBytes(text, 0, bounded(end, length));
  if (end < 0 || end > length) {
    if (start > length) throw outOfRange(`[${start}:${length}]`);
    return sliceBytes(text, start, length);
  }
  if (start > end) throw outOfRange(`[${start}:${end}]`);
  return sliceBytes(text, start, end);
}

function bounded(end: number, length: number): number {
  if (end < 0) throw outOfRange(`[:${end}]`);
  if (end > length) throw outOfRange(`[:${end}] with length ${length}`);
  return end;
}

function outOfRange(what: string): GoError {
  return new GoError(`runtime error: slice bounds out of range ${what}`);
}

function abbrev(left: number, width: number, text: string): string {
  if (width < 4 || (left > 0 && width < 7)) return text;
  return abbreviate(text, left, width);
}
