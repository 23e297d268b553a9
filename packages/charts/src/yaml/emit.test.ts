import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeYaml } from './decode.ts';
import { emitYaml, type YamlValue } from './emit.ts';
import { formatDecimal, formatGoFloat, formatJsonFloat } from './format-number.ts';
import { compareKeys } from './key-order.ts';
import { parseYaml } from './parse.ts';
import { writeYaml } from './yaml.ts';

function map(object: Readonly<Record<string, YamlValue>>): YamlValue {
  return new Map(Object.entries(object));
}

describe('strings', () => {
  it.each([
    ['hello', 'hello'],
    ['', '""'],
    ['yes', '"yes"'],
    ['y', '"y"'],
    ['null', '"null"'],
    ['~', '"~"'],
    ['123', '"123"'],
    ['0755', '"0755"'],
    ['1_000', '"1_000"'],
    ['1.5', '"1.5"'],
    ['.5', '"0.5"'.replace('0', '')],
    ['1e3', '"1e3"'],
    ['12:30', '"12:30"'],
    ['2020-01-02', '"2020-01-02"'],
    ['<<', '<<'],
    ['=', '='],
    ['1.2.3', '1.2.3'],
    ['a: b', "'a: b'"],
    ['a:b', 'a:b'],
    ['a #b', "'a #b'"],
    ['a#b', 'a#b'],
    ['# a', "'# a'"],
    ['- a', "'- a'"],
    ['-a', '-a'],
    ['---', "'---'"],
    ['...a', "'...a'"],
    ['? a', "'? a'"],
    ['?a', '?a'],
    [':a', ':a'],
    ['a:', "'a:'"],
    ['*a', "'*a'"],
    ['&a', "'&a'"],
    ['!a', "'!a'"],
    ['%a', "'%a'"],
    ['@a', "'@a'"],
    ['`a', "'`a'"],
    ['{a}', "'{a}'"],
    ['[a', "'[a'"],
    ['a]', 'a]'],
    ['|', "'|'"],
    ["it's", "it's"],
    ["'it'", "'''it'''"],
    ['"q"', `'"q"'`],
    [' lead', "' lead'"],
    ['trail ', "'trail '"],
    ['tab\there', '"tab\\there"'],
    ['nul\0', '"nul\\0"'],
    ['bell\x07\x1b', '"bell\\a\\e"'],
    ['back\\slash', 'back\\slash'],
    ['é', 'é'],
    ['😀', '"\\U0001F600"'],
    ['\u00a0x', '\u00a0x'],
    ['\ufeffx', '"\\uFEFF\\x78"'],
    ['{{ x }}', "'{{ x }}'"],
  ])('%j is written as yaml.v2 writes it', (text, expected) => {
    expect(emitYaml(text)).toBe(`${expected}\n`);
  });

  it.each([
    ['a\nb', '|-\n  a\n  b\n'],
    ['a\nb\n', '|\n  a\n  b\n'],
    ['a\n\n', '|+\n  a\n\n'],
    ['\na', '|2-\n\n  a\n'],
    [' a\nb', '|2-\n   a\n  b\n'],
    ['a\n  b\n', '|\n  a\n    b\n'],
    ['a \nb', '"a \\nb"\n'],
    ['a\nb ', '"a\\nb "\n'],
    ['a\tb\nc', '"a\\tb\\nc"\n'],
    ['\n', '|2+\n\n'],
  ])('lines %j become a block, or are quoted where a block cannot hold them', (text, expected) => {
    expect(emitYaml(map({ k: text }))).toBe(`k: ${expected}`);
  });

  it('are broken at the first blank behind column 80', () => {
    const words = Array.from({ length: 12 }, () => 'abcdefghi').join(' ');
    expect(emitYaml(map({ k: words }))).toBe(
      `k: ${'abcdefghi '.repeat(8).trim()}\n  ${'abcdefghi '.repeat(4).trim()}\n`,
    );
    expect(emitYaml(map({ k: `${words}: x` }))).toBe(
      `k: '${'abcdefghi '.repeat(8).trim()}\n  ${'abcdefghi '.repeat(4).trim()}: x'\n`,
    );
    expect(emitYaml(map({ k: `${words}\t` }))).toBe(
      `k: "${'abcdefghi '.repeat(8).trim()}\n  ${'abcdefghi '.repeat(4).trim()}\\t"\n`,
    );
    expect(emitYaml(map({ [words]: 1 }))).toBe(`${words}: 1\n`);
  });
});

describe('collections', () => {
  it('are blocks, lists not indented below their key', () => {
    const value = map({ list: [1n, [2n, 3n], map({ a: [], b: new Map() })], nested: map({ x: map({ y: null }) }) });
    expect(emitYaml(value)).toBe('list:\n- 1\n- - 2\n  - 3\n- a: []\n  b: {}\nnested:\n  x:\n    "y": null\n');
  });

  it('have their keys in the order of yaml.v2', () => {
    const keys = ['b', 'a10', 'a2', 'B', '1', '10', '2', '_x', 'a-b', 'a', 'ab', 'a1', 'a01'];
    expect(keys.sort(compareKeys)).toEqual([
      '_x',
      '1',
      '2',
      '10',
      'B',
      'a',
      'a-b',
      'a1',
      'a01',
      'a2',
      'a10',
      'ab',
      'b',
    ]);
  });

  it('have keys that are longer than 128 bytes, or of several lines, on lines of their own', () => {
    const long = 'k'.repeat(129);
    expect(emitYaml(map({ [long]: 1n }))).toBe(`? ${long}\n: 1\n`);
    expect(emitYaml(map({ 'a\nb': map({ c: 1n }) }))).toBe('? |-\n  a\n  b\n: c: 1\n');
  });

  it('of yaml.v3 have their lists indented, do not break lines, and keep tabs', () => {
    const words = Array.from({ length: 12 }, () => 'abcdefghi').join(' ');
    const value = map({ l: [map({ b: 1n, c: [2n] })], e: '😀', k: '\na', t: 'a\tb\nc', w: words });
    expect(emitYaml(value, 'yaml3')).toBe(
      `e: "\\U0001F600"\nk: |2-\n\n  a\nl:\n  - b: 1\n    c:\n      - 2\nt: |-\n  a\tb\n  c\nw: ${words}\n`,
    );
  });
});

describe('what yaml.Marshal of sigs.k8s.io/yaml cannot write', () => {
  it.each([
    ['has 1025 characters of JSON', 'k'.repeat(1023)],
    ['has as many with its escapes', '"'.repeat(512)],
    ['has a line break', 'a\x85b'],
  ])('is a key that %s', (_, key) => {
    expect(() => writeYaml(map({ a: map({ [key]: 1n }) }))).toThrow("yaml: did not find expected ',' or '}'");
  });

  it('is no key that is shorter', () => {
    expect(writeYaml(map({ ['k'.repeat(1022)]: 1n }))).toBe(`? ${'k'.repeat(1022)}\n: 1\n`);
  });
});

it('a text that begins with a byte order mark has every character escaped', () => {
  expect(emitYaml('\ufeffa é')).toBe('"\\uFEFF\\x61\\x20\\xE9"\n');
  expect(emitYaml('a\ufeffb')).toBe('"a\\uFEFFb"\n');
});

describe('numbers', () => {
  it.each([
    [1, '1', '1', '1.0'],
    [1.5, '1.5', '1.5', '1.5'],
    [1e6, '1e+06', '1000000', '1000000.0'],
    [123456.5, '123456.5', '123456.5', '123456.5'],
    [1234567.5, '1.2345675e+06', '1234567.5', '1234567.5'],
    [1e21, '1e+21', '1e+21', '1000000000000000000000.0'],
    [0.0001, '0.0001', '0.0001', '0.0001'],
    [0.00001, '1e-05', '0.00001', '0.00001'],
    [1e-7, '1e-07', '1e-7', '0.0000001'],
    [-0.5, '-0.5', '-0.5', '-0.5'],
    [0, '0', '0', '0.0'],
  ])('%d is written as Go writes it', (value, go, json, toml) => {
    expect([formatGoFloat(value), formatJsonFloat(value), formatDecimal(value)]).toEqual([go, json, toml]);
  });

  it('that are whole come out of toYaml without exponent, up to 64 bits', () => {
    expect(writeYaml([1e6, 1e10, 1e21, 12345678901234567000, 1.5e20])).toBe(
      '- 1000000\n- 10000000000\n- 1e+21\n- 12345678901234567000\n- 1.5e+20\n',
    );
  });

  it('of float32 precision are the shortest for it', () => {
    expect(formatGoFloat(Math.fround(1.1), 'float32')).toBe('1.1');
    expect(formatGoFloat(Math.fround(16777216), 'float32')).toBe('1.6777216e+07');
  });
});

it('what is written is read back the same', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc
      .array(fc.constantFrom('a', ' ', '\n', ':', '#', '-', "'", '"', '\t', '[', ',', '0', '.', 'e'), { maxLength: 20 })
      .map((parts) => parts.join('')),
  );
  const scalar = fc.oneof(text, fc.boolean(), fc.constant(null), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }));
  const { value } = fc.letrec<{ value: YamlValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      scalar,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.array(fc.tuple(text, tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
    ),
  }));
  fc.assert(
    fc.property(value, (wanted) => {
      const root = parseYaml(emitYaml(wanted));
      expect(root === undefined ? null : decodeYaml(root, 'yaml')).toEqual(wanted);
    }),
    { numRuns: 1000 },
  );
});
