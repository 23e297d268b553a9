import { describe, expect, it } from 'vitest';
import { failure, giving, render, testFunctions } from '../testing/render.ts';
import { functionValue, type GoMethod, int64, stringSlice, Typed } from '../value.ts';

const data = {
  s: 'hello',
  e: '',
  f: 1.5,
  t: true,
  n: null,
  l: ['a', 'b', 'c'],
  m: { b: 2, a: 1, c: { d: 'x' } },
  z: 0,
};

const methods = new Map<string, GoMethod>([
  ['Has', { params: ['string'], run: (self, [x]) => Array.isArray(self.value) && self.value.includes(x ?? null) }],
  ['Join', { params: ['string'], variadic: 'string', run: (_, parts) => parts.join('+') }],
]);
const host = {
  set: new Typed({ name: 'main.Set', kind: 'slice', elem: 'string', methods }, ['x', 'y']),
  point: new Typed({ name: '*main.Point', kind: 'ptr' }, new Map([['X', 1n]])),
  nilPoint: new Typed({ name: '*main.Point', kind: 'ptr' }, null),
  labels: new Typed({ name: 'main.Labels', kind: 'map', elem: 'string' }, new Map([['a', 'A']])),
  fn: functionValue({ params: ['int'], run: ([x]) => int64(BigInt(Number(x) * 2)) }),
};

describe('actions', () => {
  it.each([
    ['{{.s}} {{.f}} {{.t}} {{.l}} {{.m}}', 'hello 1.5 true [a b c] map[a:1 b:2 c:map[d:x]]'],
    ['{{.missing}}|{{.n}}', '<no value>|<no value>'],
    ["{{1}} {{1.5}} {{1e3}} {{0x1F}} {{0b11}} {{017}} {{1_000}} {{'a'}} {{-7}}", '1 1.5 1000 31 3 15 1000 97 -7'],
    ['{{1+2i}} {{2i}} {{0i}}', '(1+2i) (0+2i) (0+0i)'],
    ['{{true}} {{"q\\t"}} {{`r\\t`}}', 'true q\t r\\t'],
    ['{{.m.c.d}} {{(.m.c).d}} {{$.m.a}}', 'x x 1'],
    ['{{.s | len | printf "%d!"}}', '5!'],
    ['{{printf "%s-%s" "a" "b" | len}}', '3'],
    ['{{(.l | len) | printf "%03d"}}', '003'],
    ['{{ $x := .s }}{{ $x }}{{ $x = 1 }}{{ $x }}', 'hello1'],
    ['{{ $y := ($x := 1) }}{{ $y }}{{ $x }}', '11'],
    ['{{printf "%v" nil}}', '<nil>'],
    ['{{/* nothing */}}', ''],
  ])('%s', (text, expected) => {
    expect(render(text, data)).toBe(expected);
  });
});

describe('if, with and range', () => {
  it.each([
    ['{{if .t}}a{{else}}b{{end}}{{if .e}}a{{else}}b{{end}}{{if .z}}a{{else if .s}}c{{else}}d{{end}}', 'abc'],
    ['{{if 0.0}}t{{else}}f{{end}}{{if "0"}}t{{end}}{{if dict}}t{{else}}f{{end}}{{if not nil}}t{{end}}', 'ftft'],
    ['{{with .s}}{{.}}{{end}}{{with .e}}x{{else}}{{.s}}{{end}}', 'hellohello'],
    ['{{with $x := .s}}{{$x}}{{$.f}}{{end}}', 'hello1.5'],
    ['{{with .e}}x{{else with .s}}{{.}}{{else}}z{{end}}', 'hello'],
    ['{{range .l}}<{{.}}>{{end}}{{range .n}}x{{else}}none{{end}}', '<a><b><c>none'],
    ['{{range $i, $v := .l}}{{$i}}{{$v}}{{end}} {{range $v := .l}}{{$v}}{{end}}', '0a1b2c abc'],
    ['{{range $k, $v := .m}}{{$k}}={{$v}};{{end}}', 'a=1;b=2;c=map[d:x];'],
    ['{{range 3}}{{.}}{{end}} {{range $i := 2}}{{$i}}{{end}} {{range 0}}x{{else}}none{{end}}', '012 01 none'],
    ['{{range .l}}{{if eq . "b"}}{{break}}{{end}}{{.}}{{end}}', 'a'],
    ['{{range .l}}{{if eq . "b"}}{{continue}}{{end}}{{.}}{{end}}', 'ac'],
    ['{{range .l}}{{range $.l}}{{if eq . "b"}}{{break}}{{end}}{{.}}{{end}}-{{end}}', 'a-a-a-'],
    ['{{range .l}}{{with .}}{{if eq . "b"}}{{break}}{{end}}{{end}}{{.}}{{end}}', 'a'],
    ['{{range until 3}}{{.}}{{end}} {{range int64 2}}{{printf "%T" .}} {{end}}', '012 int64 int64 '],
    ['{{$d := dict "a" 1}}{{range $k, $v := $d}}{{$_ := set $d "b" 2}}{{$k}}{{end}}{{len $d}}', 'a2'],
  ])('%s', (text, expected) => {
    expect(render(text, data)).toBe(expected);
  });

  it.each([
    ['{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}', '2'],
    ['{{$x := 1}}{{if true}}{{$x := 2}}{{end}}{{$x}}', '1'],
    ['{{$x := 1}}{{with .s}}{{$x := .}}{{end}}{{$x}}', '1'],
    ['{{$x := 1}}{{range .l}}{{$x = .}}{{end}}{{$x}}', 'c'],
    ['{{$x := 0}}{{range .l}}{{$x = add $x 1}}{{$y := $x}}{{end}}{{$x}}', '3'],
    ['{{$i := 0}}{{$v := 0}}{{range $i, $v = .l}}{{end}}{{$i}}{{$v}}', '2c'],
    ['{{$v := 0}}{{range $v = .l}}{{end}}{{$v}}', 'c'],
    ['{{$v := 0}}{{range $v = list}}{{end}}{{$v}}', '[]'],
    ['{{if $x := .s}}{{$x}}{{else}}{{$x}}{{end}}', 'hello'],
  ])('variables keep to their scope: %s', (text, expected) => {
    expect(render(text, data)).toBe(expected);
  });
});

describe('templates', () => {
  it.each([
    ['{{define "x"}}[{{.}}{{$}}]{{end}}{{template "x" 1}}', '[11]'],
    ['{{define "x"}}[{{.}}]{{end}}{{template "x"}}', '[<no value>]'],
    ['{{define "x"}}{{$.a}}{{end}}{{template "x" .m}}', '1'],
    ['{{block "b" .m}}{{.a}}{{end}}', '1'],
    ['{{define "r"}}{{if .}}{{first .}}{{template "r" rest .}}{{end}}{{end}}{{template "r" .l}}', 'abc'],
    ['{{$x := 1}}{{define "x"}}{{$x := 2}}{{end}}{{template "x"}}{{$x}}', '1'],
  ])('%s', (text, expected) => {
    expect(render(text, data)).toBe(expected);
  });
});

describe('fields and methods of host values', () => {
  it.each([
    ['{{.set.Has "x"}} {{.set.Has "z"}} {{"y" | .set.Has}}', 'true false true'],
    ['{{.set.Join "a" "b"}} {{"c" | .set.Join "a"}}', 'a+b a+c'],
    ['{{.point.X}} {{.point}} {{printf "%v" .point}}', '1 {1} &{1}'],
    ['{{.nilPoint}} {{if .nilPoint}}t{{else}}f{{end}}', '<nil> f'],
    ['{{.labels.a}} [{{.labels.b}}] {{index .labels "zz"}}', 'A [] '],
    ['{{call .fn 4}}', '8'],
    ['{{range .set}}{{.}}{{end}} {{len .set}}', 'xy 2'],
  ])('%s', (text, expected) => {
    expect(render(text, host, { missingKey: 'zero' })).toBe(expected);
  });

  it.each([
    ['{{.set.Nope}}', `at <.set.Nope>: can't evaluate field Nope in type interface {}`],
    ['{{.set.Has}}', 'at <.set.Has>: wrong number of args for Has: want 1 got 0'],
    ['{{.set.Has 1}}', 'at <1>: expected string; found 1'],
    ['{{.point.X 1}}', 'at <.point.X>: X has arguments but cannot be invoked as function'],
    ['{{.nilPoint.X}}', 'at <.nilPoint.X>: nil pointer evaluating *main.Point.X'],
    ['{{with .set}}{{.Nope}}{{end}}', `at <.Nope>: can't evaluate field Nope in type main.Set`],
    ['{{.fn}}', `at <{{.fn}}>: can't print {{.fn}} of type func(int)`],
    ['{{call .fn "x"}}', 'at <call .fn "x">: error calling call: arg 0: value has type string; should be int'],
    ['{{call .fn}}', 'error calling call: wrong number of args for .fn: got 0 want 1'],
    ['{{call .set}}', 'error calling call: non-function .set of type main.Set'],
    ['{{call nil}}', 'error calling call: call of nil'],
  ])('says what is wrong with %s', (text, expected) => {
    expect(failure(text, host)).toContain(expected);
  });
});

describe('nil and missing values', () => {
  it.each([
    ['zero', '{{.a.b}}', '<no value>'],
    ['zero', '{{.a.b.c}}', 'template: t:1:4: executing "t" at <.a.b.c>: nil pointer evaluating interface {}.c'],
    ['zero', '{{(.a.b).c}}|{{((.a.b).c).d}}', '<no value>|<no value>'],
    ['zero', '{{$x := .a.b}}{{$x.c}}', '<no value>'],
    [
      'zero',
      '{{upper .a.b}}',
      'template: t:1:10: executing "t" at <.a.b>: wrong type for value; expected string; got interface {}',
    ],
    ['zero', '{{.a.b | upper}}', 'template: t:1:9: executing "t" at <upper>: invalid value; expected string'],
    ['default', '{{.a.b}}', '<no value>'],
    ['default', '{{.a.b.c}}', '<no value>'],
    ['default', '{{upper .a.b}}', 'template: t:1:10: executing "t" at <.a.b>: invalid value; expected string'],
    ['error', '{{.a.b}}', 'template: t:1:4: executing "t" at <.a.b>: map has no entry for key "b"'],
    ['error', '{{(index .a "b").c}}', 'template: t:1:12: executing "t" at <"b">: nil data; no entry for key "c"'],
    ['zero', '{{.nul.x}}', 'template: t:1:6: executing "t" at <.nul.x>: nil pointer evaluating interface {}.x'],
    [
      'zero',
      '{{range .l}}{{.x}}{{end}}',
      'template: t:1:14: executing "t" at <.x>: nil pointer evaluating interface {}.x',
    ],
  ] as const)('with missingkey=%s: %s', (missingKey, text, expected) => {
    const values = { a: {}, nul: null, l: [null] };
    if (expected.startsWith('template:')) expect(failure(text, values, { missingKey })).toBe(expected);
    else expect(render(text, values, { missingKey })).toBe(expected);
  });

  it('nil data has no fields, and no error', () => {
    expect(render('{{.x}}{{.x.y}}{{.}}', null, { missingKey: 'zero' })).toBe('<no value><no value><no value>');
  });
});

describe('errors', () => {
  it.each([
    ['{{.s.foo}}', `template: t:1:4: executing "t" at <.s.foo>: can't evaluate field foo in type interface {}`],
    [
      '{{with .s}}{{.foo}}{{end}}',
      `template: t:1:13: executing "t" at <.foo>: can't evaluate field foo in type string`,
    ],
    [
      '{{range .l}}{{.foo}}{{end}}',
      `template: t:1:14: executing "t" at <.foo>: can't evaluate field foo in type interface {}`,
    ],
    [
      '{{range $x := .l}}{{$x.foo}}{{end}}',
      `template: t:1:22: executing "t" at <$x.foo>: can't evaluate field foo in type interface {}`,
    ],
    ['{{$x := .s}}{{$x.foo}}', `template: t:1:16: executing "t" at <$x.foo>: can't evaluate field foo in type string`],
    ['a\n é{{ .m .s }}', 'template: t:2:6: executing "t" at <.m>: m is not a method but has arguments'],
    ['{{range .f}}{{end}}', `template: t:1:8: executing "t" at <.f>: range can't iterate over 1.5`],
    ['{{range .s}}{{end}}', `template: t:1:8: executing "t" at <.s>: range can't iterate over hello`],
    [
      '{{range $i, $j := 3}}{{end}}',
      `template: t:1:18: executing "t" at <3>: can't use 3 to iterate over more than one variable`,
    ],
    ['{{template "nope"}}', 'template: t:1:11: executing "t" at <{{template "nope"}}>: template "nope" not defined'],
    ['{{$x = 1}}', 'template: t:1:7: executing "t" at <1>: undefined variable: $x'],
    ['{{upper 1}}', 'template: t:1:8: executing "t" at <1>: expected string; found 1'],
    ['{{repeat "3" "a"}}', 'template: t:1:9: executing "t" at <"3">: expected integer; found "3"'],
    ['{{ternary 1 2 "x"}}', 'template: t:1:14: executing "t" at <"x">: expected bool; found "x"'],
    [
      '{{keys "x"}}',
      `template: t:1:7: executing "t" at <"x">: can't handle "x" for arg of type map[string]interface {}`,
    ],
    ['{{upper nil}}', 'template: t:1:8: executing "t" at <nil>: cannot assign nil to string'],
    ['{{upper .f}}', 'template: t:1:8: executing "t" at <.f>: wrong type for value; expected string; got float64'],
    ['{{until .f}}', 'template: t:1:8: executing "t" at <.f>: wrong type for value; expected int; got float64'],
    ['{{until (add 1 2)}}', 'template: t:1:15: executing "t" at <2>: wrong type for value; expected int; got int64'],
    ['{{upper "a" "b"}}', 'template: t:1:2: executing "t" at <upper>: wrong number of args for upper: want 1 got 2'],
    ['{{trunc}}', 'template: t:1:2: executing "t" at <trunc>: wrong number of args for trunc: want 2 got 0'],
    [
      '{{printf}}',
      'template: t:1:2: executing "t" at <printf>: wrong number of args for printf: want at least 1 got 0',
    ],
    ['{{fail "boom"}}', 'template: t:1:2: executing "t" at <fail "boom">: error calling fail: boom'],
    ['{{.s | fail}}', 'template: t:1:7: executing "t" at <fail>: error calling fail: hello'],
    ['{{1 "x"}}', `template: t:1:2: executing "t" at <1>: can't give argument to non-function 1`],
    ['{{("x") 1}}', `can't give argument to non-function "x"`],
    ['{{nil | print}}', 'template: t:1:2: executing "t" at <nil>: nil is not a command'],
    [
      '{{9223372036854775808}}',
      'template: t:1:2: executing "t" at <9223372036854775808>: 9223372036854775808 overflows int',
    ],
    ['{{nil.x}}', 'unexpected . after term "nil"'],
  ])('%s', (text, expected) => {
    expect(failure(text, data)).toContain(expected);
  });

  it('name the template that was executing and the file that it is written in', () => {
    const text = '{{define "inner"}}\n  {{ fail "x" }}{{end}}{{template "inner"}}';
    expect(failure(text)).toBe('template: t:2:5: executing "inner" at <fail "x">: error calling fail: x');
  });

  it('let a mistake of the host through as it is', () => {
    const broken = { params: [], run: () => (undefined as unknown as Map<string, string>).get('x') ?? null };
    expect(() => render('{{broken}}', null, { functions: testFunctions([['broken', broken]]) })).toThrow(TypeError);
  });
});

describe('values given to parameters', () => {
  it.each([
    ['{{typeOf (id .labels)}}', 'map[string]string'],
    ['{{join "," .set}}', 'x,y'],
    ['{{any2 strings}}', '[]string'],
    ['{{kindOf (number 3)}} {{kindOf (float 3)}}', 'int64 float64'],
  ])('%s', (text, expected) => {
    const functions = testFunctions([
      ['id', { params: ['map[string]string'], run: ([x = null]) => x }],
      ['any2', { params: ['interface {}'], run: ([x]) => (x instanceof Typed ? x.type.name : 'other') }],
      ['strings', giving(stringSlice(['a']))],
      ['number', { params: ['int64'], run: ([x = null]) => x }],
      ['float', { params: ['float64'], run: ([x = null]) => x }],
    ]);
    expect(render(text, host, { functions })).toBe(expected);
  });
});
