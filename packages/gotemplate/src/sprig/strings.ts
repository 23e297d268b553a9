/** sprig's functions of strings. */

import { formatGo } from '../format/printf.ts';
import { quote } from '../format/quote.ts';
import { type GoFunction, type GoValue, STRING_MAP, stringSlice, Typed } from '../value.ts';
import { numberOf, ofAll, ofAny, ofStrings, textOf } from './arguments.ts';
import { stringsFrom, textFrom } from './convert.ts';
import { indent, join, repeat, replace } from './growing.ts';
import { toLower, toUpper, trimSpace } from './letter-case.ts';
import { initials, swapCase, title, untitle, withoutSpace } from './letters.ts';
import { toLowerCaseWords, toPascalCase } from './naming.ts';
import { abbrev, splitText, substring, trimAll, truncate } from './substrings.ts';
import { wrapText } from './wrap.ts';

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
