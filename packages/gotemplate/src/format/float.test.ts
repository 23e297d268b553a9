import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatFloat } from './float.ts';

describe('formatFloat', () => {
  it('gives the fewest digits that read back as the same number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(formatFloat(value, 'g', 'shortest'))).toBe(value);
        expect(Number(formatFloat(value, 'e', 'shortest'))).toBe(value);
        expect(Number(formatFloat(value, 'f', 'shortest'))).toBe(value);
      }),
    );
  });

  it('agrees with JavaScript where halves do not matter', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e15, max: 1e15, noNaN: true }),
        fc.integer({ min: 17, max: 40 }),
        (value, digits) => {
          // JavaScript rounds an exact half up, Go to even.
          const exact =
            value
              .toExponential(100)
              .replace(/^-?(\d)\./, '$1')
              .split('e')[0] ?? '';
          fc.pre(!/^50*$/.test(exact.slice(digits + 1)));
          const [mantissa = '', exponent = ''] = value.toExponential(digits).split('e');
          const padded = `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
          const sign = Object.is(value, -0) ? '-' : '';
          expect(formatFloat(value, 'e', digits)).toBe(sign + padded);
        },
      ),
    );
  });

  it.each([
    [0.5, 0, '0'],
    [1.5, 0, '2'],
    [2.5, 0, '2'],
    [0.125, 2, '0.12'],
    [0.375, 2, '0.38'],
    [9.995, 2, '9.99'],
    [999.9999, 1, '1000.0'],
    [5e-324, 3, '0.000'],
  ])('rounds %d to %d places, exact halves to even', (value, places, expected) => {
    expect(formatFloat(value, 'f', places)).toBe(expected);
  });

  it.each([
    [999999.9, 6, '1e+06'],
    [100000, 6, '100000'],
    [100000, 5, '1e+05'],
    [0.0001234, 2, '0.00012'],
    [0.00001234, 2, '1.2e-05'],
    [0, 3, '0'],
    [1234, 0, '1e+03'],
  ])('formats %d with %d significant digits', (value, digits, expected) => {
    expect(formatFloat(value, 'g', digits)).toBe(expected);
  });
});
