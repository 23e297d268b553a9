/** The order in which yaml.v2 writes the keys of a map: letters after the rest, runs of digits by their number. */

import type { Dialect } from './analyze-scalar.ts';

/** Compares two keys; negative where `a` comes first. */
export function compareKeys(a: string, b: string, dialect: Dialect = 'yaml2'): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at++) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x === y) continue;
    return isAsciiLetter(x) && isAsciiLetter(y) ? x - y : compareRunes(Array.from(a), Array.from(b), dialect);
  }
  return a.length - b.length;
}

function compareRunes(left: readonly string[], right: readonly string[], dialect: Dialect): number {
  const at = left.findIndex((rune, place) => rune !== right[place]);
  const x = left[at] ?? '';
  const y = right[at] ?? '';
  const xLetter = LETTER.test(x);
  const yLetter = LETTER.test(y);
  if (xLetter && yLetter) return codeOf(x) - codeOf(y);
  if (!xLetter && !yLetter) return compareDigits(left, right, at);
  // Behind a digit yaml.v3 has letters first.
  const lettersFirst = dialect === 'yaml3' && at > 0 && DIGIT.test(left[at - 1] as string);
  return yLetter === lettersFirst ? 1 : -1;
}

function compareDigits(left: readonly string[], right: readonly string[], at: number): number {
  // A zero inside a number that has begun counts as a digit of it; a leading zero does not.
  let seed = 0n;
  if (left[at] === '0' || right[at] === '0') {
    for (let back = at - 1; back >= 0 && DIGIT.test(left[back] as string); back--) {
      if (left[back] !== '0') {
        seed = 1n;
        break;
      }
    }
  }
  const x = readNumber(left, at, seed);
  const y = readNumber(right, at, seed);
  if (x.value !== y.value) return x.value < y.value ? -1 : 1;
  if (x.end !== y.end) return x.end - y.end;
  return codeOf(left[at] as string) - codeOf(right[at] as string);
}

function readNumber(
  runes: readonly string[],
  from: number,
  seed: bigint,
): { readonly value: bigint; readonly end: number } {
  let value = seed;
  let end = from;
  for (; end < runes.length && DIGIT.test(runes[end] as string); end++) {
    value = BigInt.asIntN(64, value * 10n + BigInt(codeOf(runes[end] as string) - 0x30));
  }
  return { value, end };
}

function isAsciiLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

function codeOf(rune: string): number {
  return rune.codePointAt(0) ?? 0;
}

const LETTER = /^\p{L}$/u;
const DIGIT = /^\p{Nd}$/u;
