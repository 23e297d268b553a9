/** The classes of characters that the lexer knows. */

import { isPrint } from '../format/quote.ts';

/** The length of the letter, digit or underscore at `at`; 0 where there is none. */
export function wordCharacterLength(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (unit < 0x80) {
    const word =
      (unit >= 0x61 && unit <= 0x7a) ||
      (unit >= 0x41 && unit <= 0x5a) ||
      (unit >= 0x30 && unit <= 0x39) ||
      unit === 0x5f;
    return word ? 1 : 0;
  }
  const code = text.codePointAt(at);
  if (code === undefined) return 0;
  const rune = String.fromCodePoint(code);
  return /^[\p{L}\p{Nd}]$/u.test(rune) ? rune.length : 0;
}

export function isSpace(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\r' || char === '\n';
}

export function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}

/** A character as Go's `%#U` prints it: `U+002D '-'`. */
export function describeRune(text: string, at: number): string {
  const code = text.codePointAt(at);
  if (code === undefined) return 'U+FFFFFFFFFFFFFFFF';
  const rune = String.fromCodePoint(code);
  const shown = isPrint(rune) ? ` '${rune}'` : '';
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}${shown}`;
}
