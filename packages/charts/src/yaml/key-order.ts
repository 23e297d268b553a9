/** The order in which yaml.v2 writes the keys of a map: letters after the rest, runs of digits by their number. */

import type { Dialect } from './analyze-scalar.ts';

/** Compares two keys; negative where `a` comes first. */
export function compareKeys(a: string, b: string, dialect: Dialect = 'yaml2'): number {
  const left = Array.from(a);
  const right = Array.from(b);
  for (let at = 0; at < left.length && at < right.length; at++) {
    const x = left[at] as string;
    const y = right[at] as string;
    if (x === y) continue;
    const xLetter = LETTER.test(x);
    const yLetter = LETTER.test(y);
    if (xLetter && yLetter) return codeOf(x) - codeOf(y);
    if (xLetter || yLetter) {
      // Behind a digit yaml.v3 has letters first.
      const lettersFirst = dialect === 'yaml3' && at > 0 && DIGIT.test(left[at - 1] as string);
      return yLetter === lettersFirst ? 1 : -1;
    }
    return compareDigits(left, right, at);
  }
  return left.length - right.length;
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

function codeOf(rune: string): number {
  return rune.codePointAt(0) ?? 0;
}

const LETTER = /^\p{L}$/u;
const DIGIT = /^\p{Nd}$/u;
