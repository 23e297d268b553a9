import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readYaml, readYamlList, readYamlMap, readYamlNumbers, YamlConversionError } from './yaml.ts';

function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

function read(text: string): unknown {
  return plain(readYaml(text));
}

function errorOf(text: string): string {
  try {
    readYaml(text);
  } catch (error) {
    if (error instanceof YamlConversionError) return error.message.replace('error converting YAML to JSON: ', '');
    throw error;
  }
  return '';
}

describe('scalars', () => {
  it.each([
    ['yes', true],
    ['On', true],
    ['y', true],
    ['no', false],
    ['OFF', false],
    ['n', false],
    ['~', null],
    ['Null', null],
    ['', null],
    ['nULL', 'nULL'],
    ['017', 15],
    ['0o17', 15],
    ['08', 8],
    ['0b11', 3],
    ['-0b11', -3],
    ['0x1F', 31],
    ['1_000', 1000],
    ['+12', 12],
    ['1e3', 1000],
    ['.5', 0.5],
    ['5.', 5],
    ['12:30', '12:30'],
    ['12:30:45', '12:30:45'],
    ['2020-01-02', '2020-01-02'],
    ['2020-01-02T03:04:05Z', '2020-01-02T03:04:05Z'],
    ['1.2.3', '1.2.3'],
    ['0x', '0x'],
    ['1e', '1e'],
    ['12345678901234567890', Number('12345678901234567890')],
    ['9223372036854775808', 2 ** 63],
    ['"yes"', 'yes'],
    ["'123'", '123'],
    ['!!str 123', '123'],
    ['!!int "123"', 123],
    ['!!float 1', 1],
    ['! 12', 12],
    ['!!binary aGk=', 'hi'],
    ['!Ref thing', 'thing'],
    ['!<tag:yaml.org,2002:bool> "on"', true],
  ])('%s is read as go-yaml reads it', (text, expected) => {
    expect(read(`a: ${text}\n`)).toEqual({ a: expected });
  });

  it('keeps integers apart from floats where text is wanted of them', () => {
    expect(readYamlNumbers('[1, 1.0, 0x10]')).toEqual([1n, 1, 16n]);
  });

  it('refuses numbers that JSON does not have', () => {
    expect(errorOf('a: .inf')).toBe('json: unsupported value: +Inf');
    expect(errorOf('a: .nan')).toBe('json: unsupported value: NaN');
  });
});

describe('keys', () => {
  it('become text', () => {
    expect(read('1: a\n1.5: b\ntrue: c\noff: d\n1e6: e\n')).toEqual({
      1: 'a',
      1.5: 'b',
      true: 'c',
      false: 'd',
      '1e+06': 'e',
    });
  });

  it('may come twice: the last one wins', () => {
    expect(read('a: 1\nb: 2\na: 3\n')).toEqual({ a: 3, b: 2 });
  });

  it('that are null are refused', () => {
    expect(errorOf('~: {a: [x, null]}')).toBe(
      'unsupported map key of type: %!s(<nil>), key: <nil>, value: map[interface {}]interface {}{"a":[]interface {}{"x", interface {}(nil)}}',
    );
  });

  it('that are lists or maps are refused, as those of an action that was not rendered', () => {
    expect(errorOf('a: {{ .Values.x }}')).toBe(
      'yaml: invalid map key: map[interface {}]interface {}{".Values.x":interface {}(nil)}',
    );
    expect(errorOf('? [a, 1]\n: 1')).toContain('yaml: invalid map key: []interface {}{"a", 1}');
    expect(errorOf(': a')).toContain('did not find expected key');
  });
});

describe('structure', () => {
  it.each<readonly [string, unknown]>([
    ['a:\n- 1\n- b: 2\n  c:\n  - d\n', { a: [1, { b: 2, c: ['d'] }] }],
    ['- - 1\n  - 2\n-\n  - 3\n', [[1, 2], [3]]],
    ["{a: [1, {b: c}], \"d e\": 'it''s'}", { a: [1, { b: 'c' }], 'd e': "it's" }],
    ['[a: b, c]', [{ a: 'b' }, 'c']],
    ['{a, b: }', { a: null, b: null }],
    ['? a\n: b\n? c\n', { a: 'b', c: null }],
    ['a: b # note\n# whole line\nc: "x # y"\n', { a: 'b', c: 'x # y' }],
    ['a: one\n  two\n\n  three\n', { a: 'one two\nthree' }],
    ['url: http://x:80/a#b', { url: 'http://x:80/a#b' }],
    ['a: "one\n  two\\\n  three\\x41\\u263a"', { a: 'one twothreeA☺' }],
    ['---\na: 1\n...\n---\nb: 2\n', { a: 1 }],
    ['a: 1\n---\nb: [\n', { a: 1 }],
    ['%YAML 1.1\n%TAG !e! tag:e.org,2000:\n---\na: !e!x y\n', { a: 'y' }],
    ['\ufeffa: 1\r\nb:\r\n  - 2\r\n', { a: 1, b: [2] }],
    ['a:\t1\nb: [\t2 ]', { a: 1, b: [2] }],
    ['', null],
    ['# nothing\n', null],
  ])('reads %j', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it.each([
    ['|', 'a\n b\n\nc\n'],
    ['|-', 'a\n b\n\nc'],
    ['|+', 'a\n b\n\nc\n\n'],
    ['>', 'a\n b\n\nc\n'],
    ['>-', 'a\n b\n\nc'],
    ['|2', 'a\n b\n\nc\n'],
  ])('reads a block scalar with %s', (header, expected) => {
    expect(read(`k: ${header}\n  a\n   b\n\n  c\n\nz: 1\n`)).toEqual({ k: expected, z: 1 });
  });

  it('folds lines of a folded scalar', () => {
    expect(read('k: >\n  one\n  two\n\n  three\n')).toEqual({ k: 'one two\nthree\n' });
  });
});

describe('anchors', () => {
  it('are followed, each time anew', () => {
    const value = readYamlMap('a: &x {k: [1]}\nb: *x\nc: *x\n');
    expect(plain(value)).toEqual({ a: { k: [1] }, b: { k: [1] }, c: { k: [1] } });
    expect(value.get('b')).not.toBe(value.get('c'));
  });

  it('are merged where they stand: later keys win, and so does a merge over earlier ones', () => {
    const base = 'x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\n';
    expect(read(`${base}z:\n  <<: *x\n  b: 9\n`)).toMatchObject({ z: { a: 1, b: 9 } });
    expect(read(`${base}z:\n  b: 9\n  <<: *x\n`)).toMatchObject({ z: { a: 1, b: 1 } });
    expect(read(`${base}z:\n  <<: [*x, *y]\n`)).toMatchObject({ z: { a: 1, b: 1, c: 2 } });
    expect(read('a: {"<<": 1}')).toEqual({ a: { '<<': 1 } });
  });

  it('that are wrong are refused', () => {
    expect(errorOf('a: *no')).toBe("yaml: unknown anchor 'no' referenced");
    expect(errorOf('a: &a [*a]')).toBe("yaml: anchor 'a' value contains itself");
    expect(errorOf('a: &a 1\nb:\n  <<: *a')).toBe('yaml: map merge requires map or sequence of maps as the value');
  });
});

describe('errors', () => {
  it.each([
    ['a: b: c', 'yaml: mapping values are not allowed in this context'],
    ['a:\n- b\n c: d', 'yaml: line 3: mapping values are not allowed in this context'],
    ['a: [1', "yaml: line 1: did not find expected ',' or ']'"],
    ['x: 1\ny: {a b', "yaml: line 2: did not find expected ',' or '}'"],
    ['a: 1\n\tb: 2', 'yaml: line 2: found a tab character that violates indentation'],
    ['a:\n\tb: 2', 'yaml: line 2: found character that cannot start any token'],
    ['a: 1\nb', "yaml: line 3: could not find expected ':'"],
    ['key: - a', 'yaml: block sequence entries are not allowed in this context'],
    ['a: @x', 'yaml: found character that cannot start any token'],
    ['a: "x', 'yaml: found unexpected end of stream'],
    ['a: "\\q"', 'yaml: found unknown escape character'],
    ['a: \u0001', 'yaml: control characters are not allowed'],
    ['a: |0\n', 'yaml: found an indentation indicator equal to 0'],
    ['%FOO\n---\n', 'yaml: found unknown directive name'],
    ['!!int x', 'yaml: cannot decode !!str `x` as a !!int'],
    ['a: !u!x y', 'yaml: found undefined tag handle'],
  ])('%j has the message of go-yaml', (text, expected) => {
    expect(errorOf(text)).toBe(expected);
  });

  it.each([
    ['k: S\nm:\n  a: b\n  {}\nc: d', 'yaml: line 3: did not find expected key'],
    ['a: b\n{}: c', 'yaml: line 1: did not find expected key'],
    ['l:\n  - a\n  {}\nc: d', "yaml: line 2: did not find expected '-' indicator"],
    ['a: [[]: x]', "yaml: did not find expected ',' or ']'"],
    ['a: {[]: x}', "yaml: did not find expected ',' or '}'"],
  ])('%j: empty brackets are no key, as in go-yaml', (text, expected) => {
    expect(errorOf(text)).toBe(expected);
  });

  it('do not come from a key of empty brackets that begins a document: it ends there', () => {
    expect(read('{}: c')).toEqual({});
    expect(read('[]: c')).toEqual([]);
    expect(errorOf('&x {}: c')).toContain('yaml: invalid map key');
  });

  it('name the kind that was found and the one that was wanted', () => {
    expect(() => readYamlMap('- a')).toThrow(
      'error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}',
    );
    expect(() => readYamlList('a: 1')).toThrow('cannot unmarshal object into Go value of type []interface {}');
    expect(readYamlMap('')).toEqual(new Map());
    expect(readYamlList('null')).toEqual([]);
  });
});

describe('hostile text', () => {
  it('does not unfold aliases without end', () => {
    const levels = Array.from({ length: 12 }, (_, n) => `l${n}: &l${n} [${`*l${n - 1},`.repeat(9)}x]`);
    const text = ['l-1: &l-1 y', ...levels].join('\n');
    expect(errorOf(text)).toBe('yaml: document contains excessive aliasing');
  });

  it('is not nested without end', () => {
    expect(errorOf('['.repeat(100_000))).toContain('exceeded max depth');
    expect(errorOf('- '.repeat(100_000))).toContain('exceeded max depth');
    expect(errorOf('{a: '.repeat(100_000))).toContain('exceeded max depth');
  });

  it('gives values or an error of ours, whatever it is', () => {
    const piece = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '"',
      "'",
      '[',
      ']',
      '{',
      '}',
      ',',
      '&x ',
      '*x',
      '!t ',
      '|\n',
      '>',
      '#',
      '%',
      '?',
      '\t',
      '<<: ',
      '---',
      '...',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        errorOf(pieces.join(''));
      }),
      { numRuns: 2000 },
    );
  });
});
