/** The letters of words: titles, initials, swapped case, text without space. */

import { encodeString } from '../go-string.ts';
import { isLower, isSpace, isUpper, lowerRune, upperRune } from './letter-case.ts';

/** strings.Title: a letter is the first of a word where no letter, digit or underscore stands before it. */
export function title(text: string): string {
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

export function untitle(text: string): string {
  let first = true;
  return Array.from(text, (rune) => {
    const mapped = first && !isSpace(rune) ? lowerRune(rune) : rune;
    first = isSpace(rune);
    return mapped;
  }).join('');
}

export function swapCase(text: string): string {
  return Array.from(text, (rune) => (isUpper(rune) ? lowerRune(rune) : isLower(rune) ? upperRune(rune) : rune)).join(
    '',
  );
}

/** The library takes each byte for a character, so text outside ASCII comes out as Latin-1 once a space is dropped. */
export function withoutSpace(text: string): string {
  const bytes = Array.from(encodeString(text), (byte) => String.fromCharCode(byte));
  const kept = bytes.filter((char) => !isSpace(char));
  return kept.length === bytes.length ? text : kept.join('');
}

export function initials(text: string): string {
  let letters = '';
  let gap = true;
  for (const byte of encodeString(text)) {
    const char = String.fromCharCode(byte);
    if (!isSpace(char) && gap) letters += char;
    gap = isSpace(char);
  }
  return letters;
}
