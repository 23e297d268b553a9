/** Directives, anchors, aliases and tags (YAML 1.1, sections 7.1 and 6.8). */

import { type Cursor, isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, isDigit, isWord } from './cursor.ts';
import type { Token } from './token.ts';
import { type Mark, scannerError } from './yaml-error.ts';

/** Reads a line that starts with `%`. */
export function scanDirective(cursor: Cursor): Token {
  const start = cursor.mark();
  cursor.skip();
  const name = scanWord(cursor);
  if (name === '') throw scannerError('could not find expected directive name', cursor.mark(), start);
  if (!isBlankOrEnd(cursor.code())) {
    throw scannerError('found unexpected non-alphabetical character', cursor.mark(), start);
  }
  const token = scanDirectiveValue(cursor, name, start);
  cursor.skipBlanks();
  cursor.skipComment();
  if (!isBreakOrEnd(cursor.code())) {
    throw scannerError('did not find expected comment or line break', cursor.mark(), start);
  }
  if (isBreak(cursor.code())) cursor.readBreak();
  return token;
}

/** Reads `&name` or `*name`. */
export function scanAnchor(cursor: Cursor, type: 'anchor' | 'alias'): Token {
  const start = cursor.mark();
  cursor.skip();
  const value = scanWord(cursor);
  const next = cursor.code();
  if (value === '' || !(isBlankOrEnd(next) || '?:,]}%@`'.includes(String.fromCharCode(next)))) {
    throw scannerError('did not find expected alphabetic or numeric character', cursor.mark(), start);
  }
  return { type, start, value };
}

/** Reads `!<uri>`, `!suffix` or `!handle!suffix`. */
export function scanTag(cursor: Cursor): Token {
  const start = cursor.mark();
  let handle = '';
  let suffix: string;
  if (cursor.code(1) === LESS) {
    cursor.skip(2);
    suffix = scanUri(cursor, start);
    if (suffix === '') throw scannerError('did not find expected tag URI', cursor.mark(), start);
    if (cursor.code() !== GREATER) throw scannerError("did not find the expected '>'", cursor.mark(), start);
    cursor.skip();
  } else {
    handle = scanHandle(cursor, start);
    if (handle.length > 1 && handle.endsWith('!')) {
      suffix = scanUri(cursor, start);
      if (suffix === '') throw scannerError('did not find expected tag URI', cursor.mark(), start);
    } else {
      suffix = handle.slice(1) + scanUri(cursor, start);
      handle = '!';
      if (suffix === '') {
        suffix = '!';
        handle = '';
      }
    }
  }
  if (!isBlankOrEnd(cursor.code())) {
    throw scannerError('did not find expected whitespace or line break', cursor.mark(), start);
  }
  return { type: 'tag', start, value: handle, suffix };
}

function scanDirectiveValue(cursor: Cursor, name: string, start: Mark): Token {
  if (name === 'YAML') {
    cursor.skipBlanks();
    const major = scanVersionNumber(cursor, start);
    if (cursor.code() !== DOT) {
      throw scannerError("did not find expected digit or '.' character", cursor.mark(), start);
    }
    cursor.skip();
    const minor = scanVersionNumber(cursor, start);
    return { type: 'version-directive', start, value: `${major}.${minor}` };
  }
  if (name !== 'TAG') throw scannerError('found unknown directive name', cursor.mark(), start);
  cursor.skipBlanks();
  const handle = scanHandle(cursor, start);
  if (handle !== '!' && !handle.endsWith('!')) throw scannerError("did not find expected '!'", cursor.mark(), start);
  if (!isBlank(cursor.code())) throw scannerError('did not find expected whitespace', cursor.mark(), start);
  cursor.skipBlanks();
  const suffix = scanUri(cursor, start);
  if (suffix === '') throw scannerError('did not find expected tag URI', cursor.mark(), start);
  if (!isBlankOrEnd(cursor.code())) {
    throw scannerError('did not find expected whitespace or line break', cursor.mark(), start);
  }
  return { type: 'tag-directive', start, value: handle, suffix };
}

function scanVersionNumber(cursor: Cursor, start: Mark): number {
  const from = cursor.index;
  while (isDigit(cursor.code())) {
    if (cursor.index - from === 2) throw scannerError('found extremely long version number', cursor.mark(), start);
    cursor.skip();
  }
  if (cursor.index === from) throw scannerError('did not find expected version number', cursor.mark(), start);
  return Number(cursor.text.slice(from, cursor.index));
}

function scanHandle(cursor: Cursor, start: Mark): string {
  if (cursor.code() !== BANG) throw scannerError("did not find expected '!'", cursor.mark(), start);
  cursor.skip();
  const name = scanWord(cursor);
  if (cursor.code() !== BANG) return `!${name}`;
  cursor.skip();
  return `!${name}!`;
}

function scanUri(cursor: Cursor, start: Mark): string {
  const from = cursor.index;
  for (;;) {
    const code = cursor.code();
    if (!isWord(code) && !(code !== 0 && URI_MARKS.includes(String.fromCharCode(code)))) break;
    cursor.skip();
  }
  const uri = cursor.text.slice(from, cursor.index);
  try {
    return decodeURIComponent(uri);
  } catch {
    throw scannerError('did not find URI escaped octet', cursor.mark(), start);
  }
}

function scanWord(cursor: Cursor): string {
  const from = cursor.index;
  while (isWord(cursor.code())) cursor.skip();
  return cursor.text.slice(from, cursor.index);
}

const URI_MARKS = ";/?:@&=+$,.!~*'()[]%";
const BANG = 0x21;
const DOT = 0x2e;
const LESS = 0x3c;
const GREATER = 0x3e;
