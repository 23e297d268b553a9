import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { int64, NIL_LIST, stringSlice, Typed, UINT8, UINT64 } from '../value.ts';
import { formatGo, sprint, sprintln } from './printf.ts';

const map = new Map([
  ['b', 2n],
  ['a', 1n],
]);
const point = new Typed(
  { name: 'main.Point', kind: 'struct' },
  new Map([
    ['X', 1n],
    ['Y', 2n],
  ]),
);
const named = new Typed({ name: 'main.Color', kind: 'int', text: () => 'red' }, 3n);
const pointer = new Typed({ name: '*main.Point', kind: 'ptr' }, point.value);

describe('formatGo', () => {
  it.each([
    ['%v %d', [1n, 2n], '1 2'],
    ['%5d|%-5d|%05d|%+d|% d', [42n, 42n, 42n, 42n, 42n], '   42|42   |00042|+42| 42'],
    ['%05d|%+05d|%-05d|', [-42n, 42n, 42n], '-0042|+0042|42   |'],
    ['%.3d|%8.3d|%-8.3d|%.0d|', [7n, 7n, -7n, 0n], '007|     007|-007    ||'],
    [
      '%x %X %#x %#X %o %#o %O %b %#b',
      [255n, 255n, 255n, 255n, 8n, 8n, 8n, 5n, 5n],
      'ff FF 0xff 0XFF 10 010 0o10 101 0b101',
    ],
    ['%x %d', [-255n, -(2n ** 63n)], '-ff -9223372036854775808'],
    ['%c%c %q %q %+q %U %#U', [65n, 9731n, 65n, 10n, 9731n, 9731n, 9731n], `A☃ 'A' '\\n' '\\u2603' U+2603 U+2603 '☃'`],
    ['%d %v %T', [int64(5n), new Typed(UINT64, 7n), new Typed(UINT8, 1n)], '5 7 uint8'],
  ])('formats integers with %s', (format, args, expected) => {
    expect(formatGo(format, args)).toBe(expected);
  });

  it.each([
    ['%v %v %v %v', [1, 1e6, 100000, 0.00001], '1 1e+06 100000 1e-05'],
    ['%v %v %v', [12345678901, 0.1, 1e21], '1.2345678901e+10 0.1 1e+21'],
    ['%f %.2f %6.1f|%-8.2f|%08.3f', [1.5, 3.24159, 2.55, 2.5, -1.5], '1.500000 3.24    2.5|2.50    |-001.500'],
    ['%e %E %.2e', [12345.678, 12345.678, 0], '1.234568e+04 1.234568E+04 0.00e+00'],
    ['%g %G %.3g %g', [1e21, 1e-7, 1234.5678, 100], '1e+21 1E-07 1.23e+03 100'],
    ['%.0f %.0f %.0f %.1f %.2f', [0.5, 1.5, 2.5, 0.25, 0.125], '0 2 2 0.2 0.12'],
    ['%.3f %.1f', [1e22, 123456789012345680000], '10000000000000000000000.000 123456789012345683968.0'],
    ['%+v %+.1f % .1f %+d', [1.5, 1.5, 1.5, 3n], '1.5 +1.5  1.5 +3'],
    ['%v %v %v %5v %05v', [Infinity, -Infinity, NaN, Infinity, NaN], '+Inf -Inf NaN  +Inf   NaN'],
    ['%#g %#.3g %#f %#e', [1, 2.5, 1, 1], '1.00000 2.50 1.000000 1.000000e+00'],
    ['%b %x %X %.2x %x', [1, 1.5, -0.5, 1.999, 0], '4503599627370496p-52 0x1.8p+00 -0X1P-01 0x1.00p+01 0x0p+00'],
    ['%v %f', [-0, -0], '-0 -0.000000'],
  ])('formats floats with %s', (format, args, expected) => {
    expect(formatGo(format, args)).toBe(expected);
  });

  it.each([
    ['%s|%5s|%-5s|%.2s|%5.1s|', ['ab', 'ab', 'ab', 'abcdef', 'xyz'], 'ab|   ab|ab   |ab|    x|'],
    ['%05s|%-05s|', ['ab', 'ab'], '000ab|ab   |'],
    ['%q %#q %+q %#q', ['a"b\n☃', 'a"b', 'é', 'a`b'], '"a\\"b\\n☃" `a"b` "\\u00e9" "a`b"'],
    ['%q', ['\x00\x7f\u00a0\ufeff😀\udcff'], '"\\x00\\x7f\\u00a0\\ufeff😀\\xff"'],
    ['%x %X %#x % x %# x %.1x', ['hi', 'hi', 'hi', 'hi', 'hi', 'hi'], '6869 6869 0x6869 68 69 0x68 0x69 68'],
    ['%5.2s|%3s|', ['☃☃☃', '☃'], '   ☃☃|  ☃|'],
    ['%t %v %5t|', [true, false, true], 'true false  true|'],
    [
      '%v %d %s %x %q',
      [new Uint8Array([104, 105]), ...new Array(4).fill(new Uint8Array([104, 105]))],
      '[104 105] [104 105] hi 6869 "hi"',
    ],
  ])('formats strings, bytes and booleans with %s', (format, args, expected) => {
    expect(formatGo(format, args)).toBe(expected);
  });

  it.each([
    ['%v', [map], 'map[a:1 b:2]'],
    [
      '%v %s',
      [
        ['a', 1n, null],
        ['x', 'y'],
      ],
      '[a 1 <nil>] [x y]',
    ],
    ['%v %v %v', [[], new Map(), NIL_LIST], '[] map[] []'],
    [
      '%d %5d|',
      [
        [1n, 2n],
        [1n, 2n],
      ],
      '[1 2] [    1     2]|',
    ],
    ['%q', [['a', 'b']], '["a" "b"]'],
    ['%s', [new Map([['a', 1.5]])], 'map[a:%!s(float64=1.5)]'],
    ['%v %+v %#v', [point, point, point], '{1 2} {X:1 Y:2} main.Point{X:1, Y:2}'],
    ['%v %+v', [pointer, pointer], '&{1 2} &{X:1 Y:2}'],
    ['%v %s %d %q %x', [named, named, named, named, named], 'red red 3 "red" 726564'],
    ['%v', [[named, point]], '[red {1 2}]'],
    ['%#v', [['a', 1n, null, true, 2]], '[]interface {}{"a", 1, interface {}(nil), true, 2}'],
    ['%#v %#v', [map, stringSlice(['a'])], 'map[string]interface {}{"a":1, "b":2} []string{"a"}'],
    ['%T %T %T %T %T %T', [1n, 1, 'a', true, null, map], 'int float64 string bool <nil> map[string]interface {}'],
    ['%T %T %T', [[], stringSlice([]), new Uint8Array()], '[]interface {} []string []uint8'],
  ])('formats composite values with %s', (format, args, expected) => {
    expect(formatGo(format, args)).toBe(expected);
  });

  it.each([
    ['%d', ['x'], '%!d(string=x)'],
    ['%s', [1n], '%!s(int=1)'],
    ['%s %d', [null, null], '%!s(<nil>) %!d(<nil>)'],
    ['%d', [1.5], '%!d(float64=1.5)'],
    ['%s', [true], '%!s(bool=true)'],
    ['%z', [3n], '%!z(int=3)'],
    ['%d', [named], '3'],
    ['%t', [named], '%!t(main.Color=3)'],
    ['%s %s', ['a'], 'a %!s(MISSING)'],
    ['%s', ['a', 'b', 2n, null], 'a%!(EXTRA string=b, int=2, <nil>)'],
    ['x', [1n], 'x%!(EXTRA int=1)'],
    ['100%', [], '100%!(NOVERB)'],
    ['100%%', [], '100%'],
    ['%!', [1n], '%!!(int=1)'],
    ['%[2]d %[1]d', [1n, 2n], '2 1'],
    ['%[1]d %d %[1]q', [65n, 66n], "65 66 'A'"],
    ['%[3]d', [1n], '%!d(BADINDEX)'],
    ['%[x]d', [1n], '%!d(BADINDEX)'],
    ['%*d|%-*d|', [5n, 42n, 5n, 42n], '   42|42   |'],
    ['%*d', [-5n, 42n], '42   '],
    ['%.*f', [2n, 3.24159], '3.24'],
    ['%[3]*.[2]*[1]f', [12.0, 2n, 6n], ' 12.00'],
    ['%*d', ['x', 42n], '%!(BADWIDTH)42'],
    ['%.*d', [-1n, 42n], '%!(BADPREC)42'],
  ])('says what is wrong with %s', (format, args, expected) => {
    expect(formatGo(format, args)).toBe(expected);
  });

  it('gives a text for any format and values', () => {
    const value = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.double(),
      fc.string({ unit: 'binary' }),
      fc.boolean(),
      fc.constantFrom(null, map, point, named, pointer, NIL_LIST, ['a', 1n, null], new Uint8Array([1, 255])),
    );
    const part = fc.constantFrom(...'%+-# 0123456789.*[]vTtbcdoOqxXUeEfFgGsp!é'.split(''));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), fc.array(value, { maxLength: 4 }), (format, args) => {
        expect(typeof formatGo(format.join(''), args)).toBe('string');
      }),
      { numRuns: 3000 },
    );
  });

  it('refuses a value that contains itself', () => {
    const self: Map<string, unknown> = new Map();
    self.set('self', self);
    expect(() => formatGo('%v', [self as never])).toThrow(/nested deeper than 500/);
  });
});

describe('sprint', () => {
  it.each([
    ['1 2ab3', [1n, 2n, 'a', 'b', 3n]],
    ['a1 2b', ['a', 1n, 2n, 'b']],
    ['<nil> <nil> true', [null, null, true]],
    ['', []],
  ])('puts a space between two values of which neither is a string: "%s"', (expected, args) => {
    expect(sprint(args)).toBe(expected);
  });

  it('puts a space between all values and a newline at the end in sprintln', () => {
    expect(sprintln(['a', 1n, 'b'])).toBe('a 1 b\n');
  });
});
