/** Integers in the verbs of Go's fmt. */

import { type Flags, pad } from './flags.ts';
import { isPrint, quoteRune } from './quote.ts';

/** An integer as the verb prints it, or undefined where integers do not have that verb. */
export function formatInteger(value: bigint, verb: string, flags: Flags): string | undefined {
  switch (verb) {
    case 'v':
    case 'd':
      return digits(value, 10, '', flags);
    case 'b':
      return digits(value, 2, flags.sharp ? '0b' : '', flags);
    case 'o':
      return octal(value, flags);
    case 'O':
      return digits(value, 8, '0o', flags);
    case 'x':
      return digits(value, 16, flags.sharp ? '0x' : '', flags);
    case 'X':
      return digits(value, 16, flags.sharp ? '0X' : '', flags).replace(/[a-f]/g, (digit) => digit.toUpperCase());
    case 'c':
      return pad(character(value), flags);
    case 'q':
      return pad(quoteRune(codeOf(value), flags.plus ? 'ascii' : 'printable'), flags);
    case 'U':
      return unicode(value, flags);
    default:
      return undefined;
  }
}

/** An unsigned integer in Go syntax (`%#v`): hexadecimal. */
export function formatUnsignedSyntax(value: bigint, flags: Flags): string {
  return digits(value, 16, '0x', { ...flags, sharp: true });
}

function digits(value: bigint, base: number, prefix: string, flags: Flags): string {
  const { precision, width } = flags;
  if (precision === 0 && value === 0n) return pad('', { ...flags, zero: false });
  const sign = signOf(value, flags);
  let text = (value < 0n ? -value : value).toString(base);
  if (precision !== undefined) text = text.padStart(precision, '0');
  else if (flags.zero && !flags.minus && width !== undefined) text = text.padStart(width - sign.length, '0');
  return pad(sign + prefix + text, { ...flags, zero: false });
}

/** `%#o` has a leading zero, unless the digits begin with one. */
function octal(value: bigint, flags: Flags): string {
  const text = digits(value, 8, '', flags);
  if (!flags.sharp || /^ *[-+ ]?0/.test(text)) return text;
  return digits(value, 8, '0', flags);
}

function unicode(value: bigint, flags: Flags): string {
  const code = BigInt.asUintN(64, value).toString(16).toUpperCase();
  const text = `U+${code.padStart(Math.max(4, flags.precision ?? 0), '0')}`;
  const rune = character(value);
  const shown = flags.sharp && value >= 0n && value <= 0x10ffffn && isPrint(rune) ? ` '${rune}'` : '';
  return pad(text + shown, { ...flags, zero: false });
}

function signOf(value: bigint, flags: Flags): string {
  if (value < 0n) return '-';
  if (flags.plus) return '+';
  return flags.space ? ' ' : '';
}

function character(value: bigint): string {
  const code = codeOf(value);
  const valid = code >= 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return String.fromCodePoint(valid ? code : 0xfffd);
}

function codeOf(value: bigint): number {
  return value < 0n || value > 0x10ffffn ? 0xfffd : Number(value);
}
