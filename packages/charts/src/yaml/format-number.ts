/** Floating-point numbers as Go's `strconv.FormatFloat(x, 'g', -1, ...)` writes them. */

/** The shortest text that reads back as the same number; `float32` takes the shortest for that precision. */
export function formatGoFloat(value: number, precision: 'float64' | 'float32' = 'float64'): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  if (Object.is(value, -0)) return '-0';
  const [mantissa = '', power = '0'] = shortest(value, precision).split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= LARGE_EXPONENT) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  return decimal(mantissa, exponent);
}

/** A float64 as Go's `encoding/json` writes it: without an exponent from 1e-6 up to 1e21. */
export function formatJsonFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const magnitude = Math.abs(value);
  const [mantissa = '', power = '0'] = shortest(value, 'float64').split('e');
  if (magnitude >= 1e-6 && magnitude < 1e21) return decimal(mantissa, Number(power));
  return `${mantissa}e${power}`;
}

/** A float64 without an exponent and with a point, as TOML wants it. */
export function formatDecimal(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const [mantissa = '', power = '0'] = shortest(value, 'float64').split('e');
  const text = decimal(Object.is(value, -0) ? '-0' : mantissa, Number(power));
  return text.includes('.') ? text : `${text}.0`;
}

function shortest(value: number, precision: 'float64' | 'float32'): string {
  if (precision === 'float64') return value.toExponential();
  for (let digits = 0; digits < 9; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === value)
      return text.replace(/\.?0+e/, (match) => (match.includes('.') ? 'e' : match));
  }
  return value.toExponential();
}

function decimal(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return sign + digits.padEnd(exponent + 1, '0');
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/** Go's shortest `g` turns to exponents from 1e+06 on. */
const LARGE_EXPONENT = 6;
