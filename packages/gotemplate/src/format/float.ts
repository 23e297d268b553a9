/** Writes float64 numbers as Go's strconv.FormatFloat does, with exact decimal rounding (half to even). */

/** The formats of FormatFloat for base 10. */
export type FloatVerb = 'e' | 'E' | 'f' | 'g' | 'G';

/** A number in the format, with `precision` digits, or the fewest that read back as the same number. */
export function formatFloat(value: number, verb: FloatVerb, precision: number | 'shortest'): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  return sign + formatMagnitude(Math.abs(value), verb, precision);
}

/** Decimal digits and where the point stands: 0.d1d2d3... times 10^point. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

function formatMagnitude(value: number, verb: FloatVerb, precision: number | 'shortest'): string {
  switch (verb) {
    case 'f': {
      const decimal = precision === 'shortest' ? shortest(value) : fixed(value, precision);
      return plain(decimal, precision === 'shortest' ? Math.max(decimal.digits.length - decimal.point, 0) : precision);
    }
    case 'e':
    case 'E': {
      const decimal = precision === 'shortest' ? shortest(value) : significant(value, precision + 1);
      return scientific(decimal, precision === 'shortest' ? decimal.digits.length - 1 : precision, verb);
    }
    default:
      return general(value, verb, precision);
  }
}

function general(value: number, verb: 'g' | 'G', precision: number | 'shortest'): string {
  const asked = precision === 0 ? 1 : precision;
  const decimal = asked === 'shortest' ? shortest(value) : trimZeros(significant(value, asked));
  const { length } = decimal.digits;
  const threshold = asked === 'shortest' ? 6 : asked > length && length >= decimal.point ? length : asked;
  const exponent = decimal.point - 1;
  if (exponent < -4 || exponent >= threshold) {
    return scientific(decimal, length - 1, verb === 'g' ? 'e' : 'E');
  }
  return plain(decimal, Math.max(length - decimal.point, 0));
}

function plain({ digits, point }: Decimal, places: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  if (places === 0) return whole;
  const fraction = point > 0 ? digits.slice(point) : '0'.repeat(-point) + digits;
  return `${whole}.${fraction.slice(0, places).padEnd(places, '0')}`;
}

function scientific({ digits, point }: Decimal, places: number, verb: 'e' | 'E'): string {
  const exponent = digits === '0' ? 0 : point - 1;
  const fraction = places > 0 ? `.${digits.slice(1, places + 1).padEnd(places, '0')}` : '';
  const magnitude = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits[0] ?? '0'}${fraction}${verb}${exponent < 0 ? '-' : '+'}${magnitude}`;
}

/** The fewest digits that read back as `value`: JavaScript's own conversion gives them. */
function shortest(value: number): Decimal {
  if (value === 0) return { digits: '0', point: 1 };
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 };
}

/** The value rounded to `places` digits after the point. */
function fixed(value: number, places: number): Decimal {
  const digits = roundedScale(value, places).toString();
  return { digits, point: digits.length - places };
}

/** The value rounded to `count` significant digits. */
function significant(value: number, count: number): Decimal {
  if (value === 0) return { digits: '0'.repeat(count), point: 1 };
  const point = shortest(value).point;
  const digits = roundedScale(value, count - point).toString();
  if (digits.length > count) return { digits: digits.slice(0, count), point: point + 1 };
  // The fewest digits of a tiny number may be rounded up to a power of ten above it.
  if (digits.length < count) return { digits: roundedScale(value, count - point + 1).toString(), point: point - 1 };
  return { digits, point };
}

function trimZeros({ digits, point }: Decimal): Decimal {
  const kept = digits.replace(/0+$/, '');
  return kept === '' ? { digits: '0', point: 1 } : { digits: kept, point };
}

/** value * 10^scale as the nearest integer, halves to even; exact, for a float64 is a fraction of a power of two. */
function roundedScale(value: number, scale: number): bigint {
  const { mantissa, exponent } = binaryParts(value);
  let numerator = mantissa;
  let denominator = 1n;
  if (exponent >= 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  if (scale >= 0) numerator *= 10n ** BigInt(scale);
  else denominator *= 10n ** BigInt(-scale);
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const up = twice > denominator || (twice === denominator && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}

/** The value as an integer times a power of two. */
export function binaryParts(value: number): { readonly mantissa: bigint; readonly exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  if (biased === 0) return { mantissa: fraction, exponent: -1074 };
  return { mantissa: fraction | 0x10000000000000n, exponent: biased - 1075 };
}
