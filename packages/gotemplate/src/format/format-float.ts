/** Floats and complex numbers in the verbs of Go's fmt. */

import type { Complex } from '../parse/node.ts';
import { type Flags, pad } from './flags.ts';
import { binaryParts, type FloatVerb, formatFloat } from './float.ts';

/** A float as the verb prints it, or undefined where floats do not have that verb. */
export function formatFloatVerb(value: number, verb: string, flags: Flags): string | undefined {
  const precision = flags.precision;
  switch (verb) {
    case 'v':
      return signed(formatFloat(value, 'g', precision ?? 'shortest'), 'g', flags);
    case 'g':
    case 'G':
      return signed(formatFloat(value, verb, precision ?? 'shortest'), verb, flags);
    case 'e':
    case 'E':
      return signed(formatFloat(value, verb, precision ?? 6), verb, flags);
    case 'f':
    case 'F':
      return signed(formatFloat(value, 'f', precision ?? 6), 'f', flags);
    case 'b':
      return signed(binary(value), undefined, flags);
    case 'x':
      return signed(hexadecimal(value, precision), undefined, flags);
    case 'X':
      return signed(hexadecimal(value, precision).toUpperCase(), undefined, flags);
    default:
      return undefined;
  }
}

/** `(1+2i)`; undefined where complex numbers do not have that verb. */
export function formatComplex(value: Complex, verb: string, flags: Flags): string | undefined {
  const real = formatFloatVerb(value.real, verb, flags);
  const imaginary = formatFloatVerb(value.imaginary, verb, { ...flags, plus: true, space: false });
  return real === undefined || imaginary === undefined ? undefined : `(${real}${imaginary}i)`;
}

function signed(number: string, verb: FloatVerb | undefined, flags: Flags): string {
  const sign = /^[-+]/.exec(number)?.[0] ?? '+';
  let magnitude = number.replace(/^[-+]/, '');
  if (magnitude === 'Inf' || magnitude === 'NaN') {
    const bare = magnitude === 'NaN' || sign === '+';
    const shown = bare ? (flags.plus ? '+' : flags.space ? ' ' : number.startsWith('+') ? '+' : '') : sign;
    return pad(shown + magnitude, { ...flags, zero: false });
  }
  if (flags.sharp && verb !== undefined) magnitude = withPoint(magnitude, verb, flags.precision);
  const shown = sign === '-' || flags.plus ? sign : flags.space ? ' ' : '';
  if (flags.zero && !flags.minus && flags.width !== undefined) {
    return shown + magnitude.padStart(flags.width - shown.length, '0');
  }
  return pad(shown + magnitude, { ...flags, zero: false });
}

/** The flag `#`: a decimal point always, and for %g the zeros at the end. */
function withPoint(magnitude: string, verb: FloatVerb, precision: number | undefined): string {
  const [mantissa = '', exponent] = magnitude.split(/(?=[eE])/);
  const pointed = mantissa.includes('.') ? mantissa : `${mantissa}.`;
  const wanted = verb === 'g' || verb === 'G' ? (precision ?? 6) : 0;
  const significant = pointed.replace(/^0\.0*|\./g, '').length;
  return pointed + '0'.repeat(Math.max(wanted - significant, 0)) + (exponent ?? '');
}

/** A decimal mantissa and a power of two: `4503599627370496p-52`. */
function binary(value: number): string {
  if (!Number.isFinite(value)) return formatFloat(value, 'g', 'shortest');
  const { mantissa, exponent } = binaryParts(Math.abs(value));
  return `${signBit(value)}${mantissa}p${exponent < 0 ? '' : '+'}${exponent}`;
}

/** A hexadecimal mantissa and a power of two: `0x1.8p+01`. */
function hexadecimal(value: number, precision: number | undefined): string {
  if (!Number.isFinite(value)) return formatFloat(value, 'g', 'shortest');
  if (value === 0) return `${signBit(value)}0x0${precision ? `.${'0'.repeat(precision)}` : ''}p+00`;
  let { mantissa, exponent } = binaryParts(Math.abs(value));
  for (; mantissa < 1n << 52n; mantissa <<= 1n) exponent -= 1;
  exponent += 52;
  let fraction = (mantissa & 0xfffffffffffffn).toString(16).padStart(13, '0').replace(/0+$/, '');
  let lead = '1';
  if (precision !== undefined && precision < 13) {
    const rounded = roundShift(mantissa, BigInt(52 - 4 * precision));
    const text = rounded.toString(16);
    const carried = rounded >= 1n << BigInt(4 * precision + 1);
    lead = '1';
    exponent += carried ? 1 : 0;
    fraction = carried ? '0'.repeat(precision) : text.slice(1);
  } else if (precision !== undefined) {
    fraction = fraction.padEnd(precision, '0');
  }
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${signBit(value)}0x${lead}${fraction === '' ? '' : `.${fraction}`}p${exponent < 0 ? '-' : '+'}${power}`;
}

function roundShift(value: bigint, bits: bigint): bigint {
  const quotient = value >> bits;
  const rest = value & ((1n << bits) - 1n);
  const half = bits === 0n ? 1n : 1n << (bits - 1n);
  return rest > half || (rest === half && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

function signBit(value: number): string {
  return value < 0 || Object.is(value, -0) ? '-' : '';
}
