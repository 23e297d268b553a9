import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromGo, toGo } from '../javascript-data.ts';
import { failure, render } from '../testing/render.ts';
import { GoError, int64, stringSlice, Typed } from '../value.ts';
import { readJson } from './read-json.ts';
import { writeJson } from './write-json.ts';

describe('writeJson', () => {
  it.each([
    ['1000000', 1e6],
    ['1e+21', 1e21],
    ['100000000000000000000', 1e20],
    ['0.000001', 1e-6],
    ['1e-7', 1e-7],
    ['-0', -0],
    ['1.5', 1.5],
    ['9007199254740993', 9007199254740993n],
    ['5', int64(5n)],
    ['"\\u003ca\\u003e\\u0026\\u2028\\"\\\\\\n\\t\\b\\f\\u0001é☃😀"', '<a>&\u2028"\\\n\t\b\f\u0001é☃😀'],
    ['"\\ufffd"', '\udcff'],
    ['"aGk="', new Uint8Array([104, 105])],
    ['{"a":1,"b":[true,null]}', toGo({ b: [true, null], a: 1 })],
    ['["a"]', stringSlice(['a'])],
    [
      '{"X":1,"A":2}',
      new Typed(
        { name: 'main.P', kind: 'struct' },
        new Map([
          ['X', 1n],
          ['A', 2n],
        ]),
      ),
    ],
    ['[]', []],
    ['{}', new Map()],
  ])('writes %s', (expected, value) => {
    expect(writeJson(value, { escape: 'html' })).toBe(expected);
  });

  it('writes what reads back, and what JavaScript reads', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        const text = writeJson(toGo(data), { escape: 'html', indent: '  ' });
        const plain = JSON.parse(JSON.stringify(data));
        expect(JSON.parse(JSON.stringify(JSON.parse(text)))).toEqual(plain);
        expect(JSON.stringify(fromGo(readJson(text)))).toBe(JSON.stringify(fromGo(toGo(JSON.parse(text)))));
      }),
    );
  });

  it.each([
    [
      '{{toJson .}} {{toRawJson "<a>&"}} {{toPrettyJson .}}',
      '{"a":[1,{}],"b":"x"} "<a>&" {\n  "a": [\n    1,\n    {}\n  ],\n  "b": "x"\n}',
    ],
    ['{{mustToJson .a}} {{mustToPrettyJson list}} {{mustToRawJson "é"}} {{toJson nil}}', '[1,{}] [] "é" null'],
    [
      '{{(fromJson "{\\"a\\": {\\"b\\": [1, \\"x\\"]}}").a.b}} {{typeOf (fromJson "1")}} {{fromJson "{"}} {{fromJson "null"}}',
      '[1 x] float64 <no value> <no value>',
    ],
  ])('in templates: %s', (text, expected) => {
    expect(render(text, { b: 'x', a: [1, {}] })).toBe(expected);
  });

  it('refuses what JSON does not have', () => {
    expect(() => writeJson(NaN, { escape: 'html' })).toThrow('json: unsupported value: NaN');
    expect(render('{{toJson (divf 1 3 | list | first)}}')).toBe('0.3333333333333333');
    expect(failure('{{$x := dict}}{{$_ := set $x "x" $x}}{{mustToJson $x}}')).toContain(
      'json: unsupported value: encountered a cycle',
    );
    expect(render('{{$x := dict}}{{$_ := set $x "x" $x}}[{{toJson $x}}]')).toBe('[]');
  });
});

describe('readJson', () => {
  it.each([
    [
      ' {"a" : [1, -2.5e3, true, false, null, "\\u00e9\\n\\ud83d\\ude00\\ud800"]} ',
      { a: [1, -2500, true, false, null, 'é\n😀\ufffd'] },
    ],
    ['{"a":1,"a":2}', { a: 2 }],
    ['0', 0],
    ['""', ''],
  ])('reads %s', (text, expected) => {
    expect(JSON.stringify(fromGo(readJson(text)))).toBe(JSON.stringify(expected));
  });

  it('reads keys of JavaScript objects like any other', () => {
    expect(readJson('{"__proto__":1}')).toEqual(new Map([['__proto__', 1]]));
  });

  it.each([
    ['', 'unexpected end of JSON input'],
    ['{', 'unexpected end of JSON input'],
    ['{"a"', 'unexpected end of JSON input'],
    ['x', "invalid character 'x' looking for beginning of value"],
    ['{a', "invalid character 'a' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 2}', "invalid character '2' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['1 2', "invalid character '2' after top-level value"],
    ['tru3', "invalid character '3' in literal true (expecting 'e')"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u00g0"', "invalid character 'g' in \\u hexadecimal character escape"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1ex', "invalid character 'x' in exponent of numeric literal"],
    ['01', "invalid character '1' after top-level value"],
    ['1e999', 'json: cannot unmarshal number 1e999 into Go value of type float64'],
    ['é', "invalid character 'Ã' looking for beginning of value"],
    ['\x07', "invalid character '\\a' looking for beginning of value"],
    ['"', 'unexpected end of JSON input'],
    ['"\\', "invalid character ' ' in string escape code"],
    ['"\\u12', "invalid character ' ' in \\u hexadecimal character escape"],
    ['tru', "invalid character ' ' in literal true (expecting 'e')"],
    ['-', "invalid character ' ' in numeric literal"],
    ['5.', "invalid character ' ' after decimal point in numeric literal"],
    ['1e', "invalid character ' ' in exponent of numeric literal"],
    ['['.repeat(5000), 'exceeded max depth'],
  ])('says what is wrong with %.20s', (text, expected) => {
    expect(() => readJson(text)).toThrow(new GoError(expected));
  });

  it('gives only its own error for any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json().map((text) => text.slice(0, -1)),
        ),
        (text) => {
          try {
            readJson(text);
          } catch (error) {
            expect(error).toBeInstanceOf(GoError);
            expect(() => JSON.parse(text)).toThrow();
          }
        },
      ),
    );
  });
});
