import { describe, expect, it } from 'vitest';
import { failure, render, testFunctions } from '../testing/render.ts';
import { int64, Typed, UINT64 } from '../value.ts';

const NONE = { functions: new Map() };
const data = { l: ['a', 'b', 'c'], m: { a: 1, b: { c: 'x' } }, s: 'héllo', f: 1.5, i: 1n, t: true, n: null, e: '' };

describe('and, or, not', () => {
  it.each([
    ['{{and true .s}}|{{and .e .s}}|{{or .e .s}}|{{or .n 0}}', 'héllo||héllo|0'],
    ['{{and 1 2 3}} {{or 0 "" 3}} {{not .e}} {{not .s}}', '3 3 true false'],
    ['{{.s | and .t}} {{.s | or .e}}', 'héllo héllo'],
    ['{{and false (index .l 99)}} {{or true (index .l 99)}}', 'false true'],
  ])('%s', (text, expected) => {
    expect(render(text, data, NONE)).toBe(expected);
  });

  it('evaluate arguments only until the result is known', () => {
    expect(failure('{{and true (index .l 99)}}', data, NONE)).toContain('index out of range: 99');
    expect(failure('{{and}}', data, NONE)).toContain('wrong number of args for and: want at least 1 got 0');
  });
});

describe('comparison', () => {
  it.each([
    ['{{eq 1 1}} {{eq 1 2}} {{eq "a" "b" "a"}} {{ne 1 2}} {{eq true true}}', 'true false true true true'],
    ['{{eq .n nil}} {{eq nil 1}} {{eq .m nil}} {{ne .n nil}}', 'true false false false'],
    ['{{lt 1 2}} {{le 2 2}} {{gt 1.5 1.0}} {{ge "b" "a"}} {{lt "a" "é"}}', 'true true true true true'],
    [
      '{{eq .i64 7}} {{eq .u64 7}} {{lt .u64 8}} {{gt .u64 -1}} {{lt -1 .u64}} {{eq .u64 -1}}',
      'true true true true true false',
    ],
    ['{{eq 1.0 1e0}} {{lt 0.5 1.0}} {{eq 1+2i 1+2i}}', 'true true true'],
    ['{{9007199254740993 | eq 9007199254740993}} {{eq 9007199254740993 9007199254740992}}', 'true false'],
  ])('%s', (text, expected) => {
    const more = { ...data, i64: int64(7n), u64: new Typed(UINT64, 7n) };
    expect(render(text, more, NONE)).toBe(expected);
  });

  it.each([
    ['{{eq 1 1.0}}', 'error calling eq: incompatible types for comparison'],
    ['{{eq 1 "1"}}', 'error calling eq: incompatible types for comparison'],
    ['{{lt 1 1.5}}', 'error calling lt: incompatible types for comparison'],
    ['{{lt true false}}', 'error calling lt: invalid type for comparison'],
    ['{{lt .n 1}}', 'error calling lt: invalid type for comparison'],
    ['{{lt .l .l}}', 'error calling lt: invalid type for comparison'],
    ['{{eq .m .m}}', 'error calling eq: non-comparable type map[a:%!s(float64=1) b:map[c:x]]: map[string]interface {}'],
    [
      '{{eq .l .m}}',
      'error calling eq: non-comparable types [a b c]: []interface {}, map[string]interface {}: map[a:1 b:map[c:x]]',
    ],
    ['{{eq 1}}', 'error calling eq: missing argument for comparison'],
    ['{{eq}}', 'wrong number of args for eq: want at least 1 got 0'],
    ['{{ne 1 2 3}}', 'wrong number of args for ne: want 2 got 3'],
  ])('refuses %s', (text, expected) => {
    expect(failure(text, data, NONE)).toContain(expected);
  });
});

describe('index, slice and len', () => {
  it.each([
    ['{{index .l 1}} {{index .m "b" "c"}} {{index .m "zz"}} {{index .s 1}}', 'b x <no value> 195'],
    ['{{index .l}}', '[a b c]'],
    ['{{slice .l 1}} {{slice .l 1 2}} {{slice .l 0 2 3}} {{slice .s 0 1}} {{slice .l 3}}', '[b c] [b] [a b] h []'],
    ['{{len .l}} {{len .m}} {{len .s}} {{len ""}}', '3 2 6 0'],
  ])('%s', (text, expected) => {
    expect(render(text, data, NONE)).toBe(expected);
  });

  it.each([
    ['{{index .l 3}}', 'error calling index: reflect: slice index out of range'],
    ['{{index .l 4}}', 'error calling index: index out of range: 4'],
    ['{{index .l -1}}', 'error calling index: index out of range: -1'],
    ['{{index .l 1.0}}', 'error calling index: cannot index slice/array with type float64'],
    ['{{index .l "a"}}', 'error calling index: cannot index slice/array with type string'],
    ['{{index .l nil}}', 'error calling index: cannot index slice/array with nil'],
    ['{{index .m 1}}', 'error calling index: value has type int; should be string'],
    ['{{index .m nil}}', 'error calling index: value is nil; should be of type string'],
    ['{{index .m "x" "y"}}', 'error calling index: index of nil pointer'],
    ['{{index .n "y"}}', 'error calling index: index of untyped nil'],
    ['{{index 1 2}}', `error calling index: can't index item of type int`],
    ['{{slice .l 2 1}}', 'error calling slice: invalid slice index: 2 > 1'],
    ['{{slice .l 4}}', 'error calling slice: index out of range: 4'],
    ['{{slice .l 0 1 2 3}}', 'error calling slice: too many slice indexes: 4'],
    ['{{slice .s 0 1 2}}', 'error calling slice: cannot 3-index slice a string'],
    ['{{slice .m 1}}', `error calling slice: can't slice item of type map[string]interface {}`],
    ['{{slice .n}}', 'error calling slice: slice of untyped nil'],
    ['{{len .n}}', 'error calling len: len of nil pointer'],
    ['{{.n | len}}', 'error calling len: reflect: call of reflect.Value.Type on zero Value'],
    ['{{len nil}}', 'error calling len: reflect: call of reflect.Value.Type on zero Value'],
    ['{{len 3}}', 'error calling len: len of type int'],
  ])('refuses %s', (text, expected) => {
    expect(failure(text, data, NONE)).toContain(expected);
  });
});

describe('print and escapes', () => {
  it.each([
    ['{{print 1 2 "a" "b" 3}} {{print nil}} {{println "a" 1}}|', '1 2ab3 <nil> a 1\n|'],
    ['{{printf "%s=%d" "a" 1}} {{1 | printf "%03d"}}', 'a=1 001'],
    ['{{html nil}} {{js .none}} {{urlquery nil 1}}', '&lt;no value&gt; \\u003Cno value\\u003E %3Cno+value%3E1'],
    ['{{html "<a href=\\"x\\">\'&\\u0000"}} {{html 1 2}}', '&lt;a href=&#34;x&#34;&gt;&#39;&amp;\ufffd 1 2'],
    ['{{js "it\'s <b> \\"=&\\n☃\\u2028\\\\"}}', `it\\'s \\u003Cb\\u003E \\"\\u003D\\u0026\\u000A☃\\u2028\\\\`],
    ['{{urlquery "a b&c=é/~"}}', 'a+b%26c%3D%C3%A9%2F~'],
  ])('%s', (text, expected) => {
    expect(render(text, data, NONE)).toBe(expected);
  });
});

describe('a host that has a function of the name of a builtin', () => {
  it('replaces it, and it is called with all arguments', () => {
    const functions = testFunctions([
      ['and', { params: [], variadic: 'interface {}', run: (args) => BigInt(args.length) }],
    ]);
    expect(render('{{and false 2 3}}', null, { functions })).toBe('3');
  });
});
