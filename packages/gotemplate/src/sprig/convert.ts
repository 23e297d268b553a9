/** Conversions of any value to text and numbers, as sprig's strval and the library cast do them. */

import { noFlags } from '../format/flags.ts';
import { formatValue } from '../format/format-value.ts';
import { parseFloat64, parseInt64 } from '../format/parse-number.ts';
import { decodeString } from '../go-string.ts';
import { elementsOf, type GoValue, Typed } from '../value.ts';

/** Any value as text: strings and bytes as they are, everything else as `%v` prints it. */
export function textFrom(value: GoValue): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return decodeString(value);
  return formatValue(value, 'v', noFlags());
}

/** Any value as strings: the elements of a list without nils, or the one value. */
export function stringsFrom(value: GoValue): string[] {
  if (value === null) return [];
  const elements = elementsOf(value);
  return elements === undefined ? [textFrom(value)] : elements.filter((item) => item !== null).map(textFrom);
}

/** Any value as a 64-bit integer; 0 for what is not a number. A string is read with its prefix (`0x10`, `010`). */
export function int64From(value: GoValue): bigint {
  switch (typeof value) {
    case 'bigint':
      return value;
    case 'number':
      return truncate(value);
    case 'boolean':
      return value ? 1n : 0n;
    case 'string':
      return parseInt64(withoutZeroDecimal(value), 0) ?? 0n;
    default:
  }
  const integer = plainInteger(value);
  return integer === undefined ? 0n : BigInt.asIntN(64, integer);
}

/** Any value as a float; 0 for what is not a number. */
export function float64From(value: GoValue): number {
  switch (typeof value) {
    case 'number':
      return value;
    case 'bigint':
      return Number(value);
    case 'boolean':
      return value ? 1 : 0;
    case 'string':
      return parseFloat64(value) ?? 0;
    default:
      return Number(plainInteger(value) ?? 0n);
  }
}

/** Named types of a host, such as time.Duration, are not numbers to cast. */
function plainInteger(value: GoValue): bigint | undefined {
  if (!(value instanceof Typed) || value.type.name !== value.type.kind) return undefined;
  return typeof value.value === 'bigint' ? value.value : undefined;
}

/** What Go's conversion of a float does on amd64: all that does not fit is the smallest integer. */
function truncate(value: number): bigint {
  const whole = Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined;
  return whole !== undefined && BigInt.asIntN(64, whole) === whole ? whole : -(2n ** 63n);
}

/** `12.00` reads as 12; `12.50` stays and is no integer. */
function withoutZeroDecimal(text: string): string {
  return text.replace(/\.0+$/, '');
}
