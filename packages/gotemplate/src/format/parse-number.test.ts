import { describe, expect, it } from 'vitest';
import { parseFloat64, parseInt64, parseUint64 } from './parse-number.ts';

describe('parseInt64', () => {
  it.each([
    ['0', 0n],
    ['-12', -12n],
    ['+7', 7n],
    ['0x1F', 31n],
    ['-0X1f', -31n],
    ['017', 15n],
    ['0o17', 15n],
    ['0b101', 5n],
    ['1_000', 1000n],
    ['0x_1F', 31n],
    ['0_7', 7n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
  ])('reads %s by its prefix', (text, expected) => {
    expect(parseInt64(text, 0)).toBe(expected);
  });

  it.each(['', '-', 'a', '08', '1__0', '_1', '1_', '0x', '0xg', '1.5', ' 1', '9223372036854775808', '1e3'])(
    'refuses %j',
    (text) => {
      expect(parseInt64(text, 0)).toBeUndefined();
    },
  );

  it('takes no prefix and no underscore in a given base', () => {
    expect(parseInt64('010', 10)).toBe(10n);
    expect(parseInt64('0777', 8)).toBe(511n);
    expect(parseInt64('0x10', 10)).toBeUndefined();
    expect(parseInt64('1_0', 10)).toBeUndefined();
    expect(parseInt64('8', 8)).toBeUndefined();
  });

  it('reads unsigned integers without a sign', () => {
    expect(parseUint64('18446744073709551615', 0)).toBe(2n ** 64n - 1n);
    expect(parseUint64('18446744073709551616', 0)).toBeUndefined();
    expect(parseUint64('-1', 0)).toBeUndefined();
  });
});

describe('parseFloat64', () => {
  it.each([
    ['1.5', 1.5],
    ['.5', 0.5],
    ['5.', 5],
    ['-1e3', -1000],
    ['1E+2', 100],
    ['0x1p-2', 0.25],
    ['0x1.8p1', 3],
    ['inf', Infinity],
    ['-Infinity', -Infinity],
    ['NaN', NaN],
    ['1_0.5', 10.5],
    ['0x_1p3', 8],
  ])('reads %s', (text, expected) => {
    expect(parseFloat64(text)).toBe(expected);
  });

  it.each(['', '.', 'e5', '1e', '0x1', '1.5x', '1_.5', '_1', '1__0.5', '1e999', '--1'])('refuses %j', (text) => {
    expect(parseFloat64(text)).toBeUndefined();
  });
});
