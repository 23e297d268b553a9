import { hasCode } from '@kubecrate/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBudget } from './exec/budget.ts';
import { toGo } from './javascript-data.ts';
import { TemplateError } from './template-error.ts';
import { TemplateSet } from './template-set.ts';
import { failure, testFunctions } from './testing/render.ts';
import { GoError, type GoFunction, Typed } from './value.ts';

function caught(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

describe('TemplateSet', () => {
  it('knows definitions of all its files, the last parsed wins, an empty one does not replace', () => {
    const set = new TemplateSet();
    set.parse('a', '{{define "x"}}1{{end}}{{template "x"}}');
    set.parse('b', '{{define "x"}}2{{end}}{{define "y"}}y{{end}}');
    set.parse('c', '{{define "x"}} \n{{/* nothing */}}{{end}}{{define "new"}}{{end}}');
    expect(set.execute('a', null)).toBe('2');
    expect(set.execute('new', null)).toBe('');
    expect(set.names()).toEqual(['a', 'b', 'c', 'new', 'x', 'y']);
    expect(set.has('y')).toBe(true);
    expect(set.has('z')).toBe(false);
  });

  it('keeps what it has where a file does not parse', () => {
    const set = new TemplateSet();
    set.parse('a', 'old');
    expect(() => set.parse('a', '{{define "x"}}x{{end}}{{')).toThrow(TemplateError);
    expect(set.execute('a', null)).toBe('old');
    expect(set.has('x')).toBe(false);
  });

  it('is cloned with other functions and templates, and does not see those itself', () => {
    const set = new TemplateSet({ functions: new Map([['who', { params: [], run: () => 'one' }]]) });
    set.parse('a', '{{who}}{{block "b" .}}b{{end}}');
    const clone = set.clone({ functions: new Map([['who', { params: [], run: () => 'two' }]]) });
    clone.parse('b', 'B');
    expect(set.execute('a', null)).toBe('oneb');
    expect(clone.execute('a', null)).toBe('twoB');
  });

  it('says which template is not there', () => {
    const error = caught(() => new TemplateSet({ name: 'gotpl' }).execute('nope', null));
    expect(hasCode(error, 'NOT_FOUND')).toBe(true);
    expect(error).toMatchObject({ message: 'template: no template "nope" associated with template "gotpl"' });
  });

  it('tells the place and the parts of a failure', () => {
    const set = new TemplateSet();
    set.parse('dir/f.yaml', 'a\n{{define "x"}}{{ .a.b }}{{end}}{{template "x" .}}');
    const error = caught(() => set.execute('dir/f.yaml', toGo({ a: 'text' })));
    expect(hasCode(error, 'INVALID_TEMPLATE')).toBe(true);
    expect(error).toMatchObject({
      failure: {
        stage: 'execute',
        file: 'dir/f.yaml',
        line: 2,
        column: 19,
        template: 'x',
        action: '.a.b',
        reason: "can't evaluate field b in type interface {}",
      },
    });
    const parseError = caught(() => set.parse('g', '\n{{nope}}'));
    expect(parseError).toMatchObject({
      failure: { stage: 'parse', file: 'g', line: 2, reason: 'function "nope" not defined' },
    });
  });

  it('reports failures of a nested execution with both places', () => {
    let set = new TemplateSet();
    const include: GoFunction = {
      params: ['string', 'interface {}'],
      run: ([name, data = null], call) => set.execute(String(name), data, { budget: call.budget }),
    };
    set = new TemplateSet({ functions: testFunctions([['include', include]]), name: 'gotpl' });
    set.parse('a', '{{define "x"}}{{fail "boom"}}{{end}}{{include "x" .}}');
    expect(caught(() => set.execute('a', null))).toMatchObject({
      message:
        'template: a:1:38: executing "a" at <include "x" .>: error calling include: ' +
        'template: a:1:16: executing "x" at <fail "boom">: error calling fail: boom',
    });
    set.parse('b', '{{include "nope" .}}');
    expect(caught(() => set.execute('b', null))).toMatchObject({
      message:
        'template: b:1:2: executing "b" at <include "nope" .>: error calling include: ' +
        'template: no template "nope" associated with template "gotpl"',
    });
  });
});

describe('the bounds of a run', () => {
  const run = (text: string, limits: object): unknown =>
    caught(() => {
      const set = new TemplateSet({ functions: testFunctions() });
      set.parse('t', text);
      return set.execute('t', null, { limits });
    });

  it.each([
    ['{{define "r"}}{{template "r"}}{{end}}{{template "r"}}', { depth: 50 }, 'exceeded maximum template depth (50)'],
    ['{{define "r"}}{{template "r"}}{{end}}{{template "r"}}', {}, 'exceeded maximum template depth (1000)'],
    [
      '{{define "r"}}{{with (list .)}}{{if .}}{{range .}}{{template "r" .}}{{end}}{{end}}{{end}}{{end}}{{template "r"}}',
      {},
      'templates are nested too deep',
    ],
    ['{{range 100}}12345{{end}}', { outputBytes: 100 }, 'more than 100 bytes of output'],
    ['{{range 10}}é{{end}}', { outputBytes: 19 }, 'more than 19 bytes of output'],
    ['{{range 100}}{{end}}', { iterations: 99 }, 'more than 99 loop iterations'],
    ['{{range until 100}}{{end}}', { iterations: 99 }, 'more than 99 loop iterations'],
    ['{{range 100000000}}{{end}}', { milliseconds: 5 }, 'the run took longer than 5 ms'],
    ['{{range 100000}}{{$x := genPrivateKey "ed25519"}}{{end}}', { milliseconds: 5 }, 'the run took longer than 5 ms'],
    [
      '{{$x := "12345678"}}{{range 100}}{{$x = print $x $x}}{{end}}',
      { valueBytes: 1000 },
      'a value is larger than 1000 bytes',
    ],
    [
      '{{$x := list 1}}{{range 100}}{{$x = concat $x $x}}{{end}}',
      { valueBytes: 1000 },
      'a value is larger than 1000 bytes',
    ],
    ['{{repeat 1000000000 "x"}}', {}, 'a value is larger than 16777216 bytes'],
    ['{{indent 1000000 (repeat 1000 "\\n")}}', {}, 'a value is larger than 16777216 bytes'],
    ['{{replace "a" (repeat 10000 "b") (repeat 10000 "a")}}', {}, 'a value is larger than 16777216 bytes'],
    ['{{join (repeat 100000 "x") (until 10000)}}', {}, 'a value is larger than 16777216 bytes'],
    ['{{regexReplaceAll "a" (repeat 10000 "a") (repeat 10000 "b")}}', {}, 'a value is larger than 16777216 bytes'],
    ['{{wrapWith 1 (repeat 100000 "x") (repeat 100000 "y")}}', {}, 'a value is larger than'],
    ['{{$x := list 1 2}}{{range 100}}{{$x = list $x $x}}{{end}}{{$x}}', {}, 'cannot be printed'],
    [
      '{{$x := list 1 2}}{{range 100}}{{$x = list $x $x}}{{end}}{{deepCopy $x}}',
      { iterations: 100_000 },
      'more than 100000 loop iterations',
    ],
    ['{{$x := dict}}{{$_ := set $x "a" $x}}{{deepCopy $x}}', {}, 'nested too deep'],
    [
      '{{$x := dict}}{{$_ := set $x "a" $x}}{{$y := deepCopy (dict)}}{{$_ := set $y "a" $y}}{{deepEqual $x $y}}',
      {},
      'nested too deep',
    ],
  ])('stop %s', (text, limits, expected) => {
    const error = run(text, limits);
    expect(error).toBeInstanceOf(TemplateError);
    expect(hasCode(error, 'LIMIT_EXCEEDED')).toBe(true);
    expect(error).toMatchObject({ message: expect.stringContaining(expected) });
    expect(error).toMatchObject({ message: expect.stringMatching(/^template: t:1:\d+: executing "/) });
  });

  it('are shared by executions that share a budget', () => {
    const set = new TemplateSet();
    set.parse('t', '{{range 60}}{{end}}');
    const budget = createBudget({ iterations: 100 });
    set.execute('t', null, { budget });
    expect(() => set.execute('t', null, { budget })).toThrow(/more than 100 loop iterations/);
  });

  it('stop recursion through a function of the host', () => {
    let set = new TemplateSet();
    const include: GoFunction = {
      params: ['string'],
      run: ([name], call) => set.execute(String(name), null, { budget: call.budget }),
    };
    set = new TemplateSet({ functions: new Map([['include', include]]) });
    set.parse('t', '{{include "t"}}');
    const error = caught(() => set.execute('t', null));
    expect(hasCode(error, 'LIMIT_EXCEEDED')).toBe(true);
  });
});

describe('a template', () => {
  it.each([
    '{{.constructor}}',
    '{{.__proto__}}',
    '{{.toString}}',
    '{{index . "constructor"}}',
    '{{(dict).constructor}}',
    '{{get (dict) "hasOwnProperty" | quote}}',
    '{{(list).length}}',
    '{{("x").length}}',
  ])('does not reach the prototypes of JavaScript: %s', (text) => {
    expect(failure(text, {}, { missingKey: 'default' })).toMatch(
      /no value|no error, but: ""|can't evaluate field|unexpected \./,
    );
  });

  it('has errors of its syntax on lines that leave out those within comments, as Go counts them', () => {
    expect(failure('a\n{{/*\n\n*/}}\n{{nope}}')).toBe('template: t:3: function "nope" not defined');
    expect(failure('{{- /*\n\n*/ -}}\n{{nope}}')).toBe('template: t:2: function "nope" not defined');
  });

  it('goes over integers unless the host follows a Go that does not', () => {
    expect(failure('{{range 3}}{{.}}{{end}}')).toBe('no error, but: 012');
    const message = `template: t:1:8: executing "t" at <3>: range can't iterate over 3`;
    expect(failure('{{range 3}}{{.}}{{end}}', {}, { integerLoops: 'refused' })).toBe(message);
  });

  it('gets for a missing key what the host makes of it', () => {
    const set = new TemplateSet({ missingKey: (key) => `no ${key}` });
    set.parse('t', '{{.a}} {{.b}}');
    expect(set.execute('t', new Map([['a', 1n]]))).toBe('1 no b');
  });

  it('says where a value of the host does not give its text', () => {
    const text = (): never => {
      throw new GoError('not told');
    };
    const set = new TemplateSet();
    set.parse('t', 'a\n{{.a}}');
    const error = caught(() =>
      set.execute('t', new Map([['a', new Typed({ name: 'x', kind: 'invalid', text }, null)]])),
    );
    expect((error as Error).message).toBe('template: t:2:2: executing "t" at <{{.a}}>: not told');
  });

  it('has no function of the environment unless the host gives one', () => {
    expect(failure('{{env "HOME"}}')).toBe('template: t:1: function "env" not defined');
    expect(failure('{{expandenv "$HOME"}}')).toBe('template: t:1: function "expandenv" not defined');
  });

  it('fails only with errors of ours, whatever functions are given', () => {
    const functions = testFunctions();
    const slow = new Set([
      'genPrivateKey',
      'genCA',
      'genSelfSignedCert',
      'bcrypt',
      'htpasswd',
      'derivePassword',
      'until',
      'untilStep',
      'seq',
    ]);
    const names = [...functions.keys()].filter((name) => !slow.has(name));
    const argument = fc.constantFrom(
      ...[
        '1',
        '-1',
        '0',
        '2.5',
        '"a"',
        '""',
        '"a,b"',
        '"1.2.3"',
        '"2006-01-02"',
        'nil',
        'true',
        '.',
        '.l',
        '.m',
        '.n',
        '.s',
        '(list 1 "a")',
      ],
      ...[
        '(dict "a" 1)',
        '(now)',
        '(semver "1.2.3")',
        '"\\xff"',
        '(until 3)',
        '"(["',
        '"{{"',
        '9999',
        '"é☃"',
        '(splitList "," "a,b")',
      ],
    );
    const call = fc
      .tuple(fc.constantFrom(...names), fc.array(argument, { maxLength: 4 }))
      .map(([name, args]) => `{{${[name, ...args].join(' ')}}}`);
    const data = toGo({ l: [1, 'a', null], m: { a: 1, b: { c: 2 } }, n: null, s: 'text' });
    fc.assert(
      fc.property(call, (text) => {
        const set = new TemplateSet({ functions });
        const error = caught(() => {
          set.parse('t', text);
          return set.execute('t', data, { limits: { milliseconds: 2000 } });
        });
        if (typeof error !== 'string') expect(error, text).toBeInstanceOf(TemplateError);
      }),
      { numRuns: 5000 },
    );
  });

  it('fails only with errors of ours, whatever its actions are', () => {
    const fragment = fc.constantFrom(
      ...[
        '{{if .a}}',
        '{{else}}',
        '{{end}}',
        '{{range .l}}',
        '{{range $k, $v := .m}}',
        '{{range 3}}',
        '{{with .m.b}}',
        '{{else if .n}}',
      ],
      ...[
        '{{$x := .a}}',
        '{{$x = 1}}',
        '{{$x}}',
        '{{$v}}',
        '{{.}}',
        '{{.m.b.c}}',
        '{{.n.x}}',
        '{{.a.b.c}}',
        '{{(.n).x}}',
        '{{break}}',
      ],
      ...[
        '{{continue}}',
        '{{template "d" .}}',
        '{{define "d"}}',
        '{{block "e" .m}}',
        '{{- 1 -}}',
        ' text\n',
        '{{index .l 1}}',
        '{{len .}}',
      ],
      ...[
        '{{.l | first | printf "%d"}}',
        '{{eq .a .n}}',
        '{{dict "x" . | toJson}}',
        '{{/* c */}}',
        '{{else with .l}}',
        '{{1 | add 2}}',
      ],
    );
    const data = toGo({ a: 1, l: [1, 'a', null], m: { a: 1, b: { c: 2 } }, n: null });
    const functions = testFunctions();
    fc.assert(
      fc.property(
        fc.array(fragment, { maxLength: 14 }),
        fc.constantFrom('default' as const, 'zero' as const, 'error' as const),
        (parts, missingKey) => {
          const set = new TemplateSet({ functions, missingKey });
          const result = caught(() => {
            set.parse('t', parts.join(''));
            return set.execute('t', data, { limits: { depth: 20, iterations: 10_000 } });
          });
          if (typeof result !== 'string') expect(result, parts.join('')).toBeInstanceOf(TemplateError);
        },
      ),
      { numRuns: 5000 },
    );
  });
});
