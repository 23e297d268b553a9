/** Strings and bytes in the verbs of Go's fmt. */

import { decodeString, encodeString } from '../go-string.ts';
import { type Flags, pad } from './flags.ts';
import { canBackquote, quote } from './quote.ts';

/** A string as the verb prints it, or undefined where strings do not have that verb. */
export function formatString(text: string, verb: string, flags: Flags): string | undefined {
  switch (verb) {
    case 'v':
      return flags.sharpV ? pad(quoted(text, flags), flags) : pad(truncate(text, flags), flags);
    case 's':
      return pad(truncate(text, flags), flags);
    case 'q':
      return pad(quoted(text, flags), flags);
    case 'x':
    case 'X':
      return hexadecimal(encodeString(text), verb, flags);
    default:
      return undefined;
  }
}

/** Bytes in the verbs that treat them as text; undefined for others, which print each byte. */
export function formatBytes(bytes: Uint8Array, verb: string, flags: Flags): string | undefined {
  if (verb === 'x' || verb === 'X') return hexadecimal(bytes, verb, flags);
  return verb === 's' || verb === 'q' ? formatString(decodeString(bytes), verb, flags) : undefined;
}

function quoted(text: string, flags: Flags): string {
  const cut = truncate(text, flags);
  if (flags.sharp && canBackquote(cut)) return `\`${cut}\``;
  return quote(cut, flags.plus ? 'ascii' : 'printable');
}

function truncate(text: string, flags: Flags): string {
  if (flags.precision === undefined || text.length <= flags.precision) return text;
  return Array.from(text).slice(0, flags.precision).join('');
}

function hexadecimal(bytes: Uint8Array, verb: 'x' | 'X', flags: Flags): string {
  const shown = flags.precision === undefined ? bytes : bytes.subarray(0, flags.precision);
  const mark = flags.sharp ? '0x' : '';
  const pairs = Array.from(shown, (byte) => byte.toString(16).padStart(2, '0'));
  const text = flags.space
    ? pairs.map((pair) => mark + pair).join(' ')
    : (pairs.length === 0 ? '' : mark) + pairs.join('');
  return pad(verb === 'X' ? text.toUpperCase() : text, flags);
}
