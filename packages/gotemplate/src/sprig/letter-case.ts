/** Case mapping rune by rune, as Go's unicode package does it: no rune becomes two, and no rune looks at its neighbours. */

import { isAscii } from '../go-string.ts';

/** strings.ToUpper. */
export function toUpper(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapRunes(text, upperRune);
}

/** strings.ToLower. */
export function toLower(text: string): string {
  return isAscii(text) ? text.toLowerCase() : mapRunes(text, lowerRune);
}

export function upperRune(rune: string): string {
  return single(rune.toUpperCase(), rune);
}

/** Only the dotted capital I becomes more than one rune in JavaScript; Go takes the plain i. */
export function lowerRune(rune: string): string {
  return rune === '\u0130' ? 'i' : rune.toLowerCase();
}

export function isUpper(rune: string): boolean {
  return /^\p{Lu}$/u.test(rune);
}

export function isLower(rune: string): boolean {
  return /^\p{Ll}$/u.test(rune);
}

/** unicode.IsSpace. */
export function isSpace(rune: string): boolean {
  return SPACE.test(rune);
}

/** strings.TrimSpace. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text[start] ?? '')) start += 1;
  while (end > start && isSpace(text[end - 1] ?? '')) end -= 1;
  return text.slice(start, end);
}

const SPACE = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/;

function mapRunes(text: string, map: (rune: string) => string): string {
  let mapped = '';
  for (const rune of text) mapped += map(rune);
  return mapped;
}

/** A mapping to more than one rune is not made: `ß` stays. */
function single(mapped: string, rune: string): string {
  return String.fromCodePoint(mapped.codePointAt(0) ?? 0).length === mapped.length ? mapped : rune;
}
