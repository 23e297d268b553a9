import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TemplateError } from '../template-error.ts';
import { nodeText } from './node-text.ts';
import { parseTrees } from './parser.ts';

const DELIMITERS = { left: '{{', right: '}}' };
const FUNCTIONS = new Set(['print', 'printf', 'len', 'and', 'list']);

function parse(text: string, isFunction = (name: string): boolean => FUNCTIONS.has(name)): string {
  const trees = parseTrees('f', text, { delimiters: DELIMITERS, isFunction });
  const root = trees.get('f')?.root;
  return root === undefined ? '' : nodeText(root);
}

function parseFailure(text: string): string {
  try {
    return `no error, but: ${parse(text)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('parseTrees', () => {
  it.each([
    ['a{{/* comment */}}b', 'ab'],
    ['a {{- /* comment */ -}} b', 'ab'],
    ['{{.x|print|len}}', '{{.x | print | len}}'],
    ['{{ print (print 1)  "a" `b` \'c\' nil true . $ }}', '{{print (print 1) "a" `b` \'c\' nil true . $}}'],
    ['{{$x := 1}}{{$x = 2}}{{$x.y.z}}', '{{$x := 1}}{{$x = 2}}{{$x.y.z}}'],
    ['{{(print .a).b.c}}', '{{(print .a).b.c}}'],
    ['{{if .x}}a{{else if .y}}b{{else}}c{{end}}', '{{if .x}}a{{else}}{{if .y}}b{{else}}c{{end}}{{end}}'],
    ['{{with .x}}a{{else with .y}}b{{end}}', '{{with .x}}a{{else}}{{with .y}}b{{end}}{{end}}'],
    [
      '{{range $i, $v := .x}}{{break}}{{continue}}{{else}}e{{end}}',
      '{{range $i, $v := .x}}{{break}}{{continue}}{{else}}e{{end}}',
    ],
    ['{{template "a"}}{{template `b` .x}}', '{{template "a"}}{{template "b" .x}}'],
    ['{{block "a" .x}}y{{end}}', '{{template "a" .x}}'],
    ['{{define "a"}}x{{end}}y', 'y'],
    ['{{\n\tprint\n1\r\n}}', '{{print 1}}'],
    ['{{1_000}} {{0x1F}} {{1e3}} {{-1}} {{+.5}} {{1+2i}}', '{{1_000}} {{0x1F}} {{1e3}} {{-1}} {{+.5}} {{1+2i}}'],
    ['{{print 1 | }}', '{{print 1}}'],
    ['{ {{print "}}"}} }', '{ {{print "}}"}} }'],
  ])('parses %j', (text, expected) => {
    expect(parse(text)).toBe(expected);
  });

  it.each([
    ['a  {{- 1 -}}  b', 'a{{1}}b'],
    ['a  {{-1}}  b', 'a  {{-1}}  b'],
    ['a\n{{-\t1\n-}}\n\n b', 'a{{1}}b'],
    ['a {{- -1 -}} b', 'a{{-1}}b'],
    ['{{- 1}} ', '{{1}} '],
    [' {{1 -}}', ' {{1}}'],
    ['\u00a0{{- 1}}', '\u00a0{{1}}'],
    ['a {{- /**/ -}}\n\tb', 'ab'],
  ])('trims space beside the markers of %j only', (text, expected) => {
    expect(parse(text)).toBe(expected);
  });

  it.each([
    ['{{', 'template: f:1: unclosed action'],
    ['{{.x', 'template: f:1: unclosed action'],
    ['{{\n.x\n', 'template: f:3: unclosed action started at f:1'],
    ['{{}}', 'template: f:1: missing value for command'],
    ['{{if}}', 'template: f:1: missing value for if'],
    ['{{if .x}}', 'template: f:1: unexpected EOF'],
    ['\n{{range .x}}\n\n', 'template: f:4: unexpected EOF'],
    ['{{end}}', 'template: f:1: unexpected {{end}}'],
    ['{{else}}', 'template: f:1: unexpected {{else}}'],
    ['{{if .x}}{{else}}{{else}}{{end}}', 'template: f:1: expected end; found {{else}}'],
    ['{{nope 1}}', 'template: f:1: function "nope" not defined'],
    ['a\n{{$x}}', 'template: f:2: undefined variable "$x"'],
    ['{{if $x := 1}}{{end}}{{$x}}', 'template: f:1: undefined variable "$x"'],
    ['{{$x := 1}}{{define "a"}}{{$x}}{{end}}', 'template: f:1: undefined variable "$x"'],
    ['{{.x-y}}', "template: f:1: bad character U+002D '-'"],
    ['{{$x-y}}', "template: f:1: bad character U+002D '-'"],
    ['{{print-x}}', "template: f:1: bad character U+002D '-'"],
    ['{{1 | 2}}', 'template: f:1: non executable command in pipeline stage 2'],
    ['{{1 | print | .}}', 'template: f:1: non executable command in pipeline stage 3'],
    ['{{print "a}}', 'template: f:1: unterminated quoted string'],
    ['{{print "a\n"}}', 'template: f:1: unterminated quoted string'],
    ["{{print 'a}}", 'template: f:1: unterminated character constant'],
    ['{{print `a}}', 'template: f:1: unterminated raw quoted string'],
    ['{{/* x }}', 'template: f:1: unclosed comment'],
    ['{{/* x */ y}}', 'template: f:1: comment ends before closing delimiter'],
    ['{{(print 1}}', 'template: f:1: unclosed left paren'],
    ['{{print 1)}}', 'template: f:1: unexpected right paren'],
    ['{{print 1 :}}', 'template: f:1: expected :='],
    ['{{print #}}', 'template: f:1: unexpected "#" in operand'],
    ['{{☃}}', "template: f:1: unrecognized character in action: U+2603 '☃'"],
    ['{{\x01}}', 'template: f:1: unrecognized character in action: U+0001'],
    ['{{3k}}', 'template: f:1: bad number syntax: "3k"'],
    ['{{0x}}', 'template: f:1: illegal number syntax: "0x"'],
    ['{{08}}', 'template: f:1: integer overflow: "08"'],
    ['{{99999999999999999999}}', 'template: f:1: integer overflow: "99999999999999999999"'],
    ["{{'ab'}}", "template: f:1: malformed character constant: 'ab'"],
    ["{{''}}", 'template: f:1: invalid syntax'],
    ['{{print "\\z"}}', 'template: f:1: invalid syntax'],
    ['{{1.x}}', 'template: f:1: bad number syntax: "1.x"'],
    ['{{true.x}}', 'template: f:1: unexpected . after term "true"'],
    ['{{"a".x}}', 'template: f:1: unexpected . after term "\\"a\\""'],
    ['{{print 1,2}}', 'template: f:1: unexpected "," in operand'],
    ['{{$a, $b := 1}}', 'template: f:1: too many declarations in command'],
    ['{{range $a, 1 := .x}}{{end}}', 'template: f:1: range can only initialize variables'],
    ['{{range $a, $b, $c := .x}}{{end}}', 'template: f:1: too many declarations in range'],
    ['{{break}}', 'template: f:1: {{break}} outside {{range}}'],
    ['{{range .x}}{{define "a"}}{{end}}{{end}}', 'template: f:1: unexpected <define> in command'],
    ['{{range .x}}{{continue 1}}{{end}}', 'template: f:1: unexpected "1" in {{continue}}'],
    ['{{define "a"}}', 'template: f:1: unexpected EOF'],
    ['{{define a}}{{end}}', 'template: f:1: unexpected "a" in define clause'],
    ['{{define "a" .}}{{end}}', 'template: f:1: unexpected <.> in define clause'],
    ['{{define "a"}}x{{else}}{{end}}', 'template: f:1: unexpected {{else}} in define clause'],
    ['{{define "a"}}x{{end}}{{define "a"}}y{{end}}', 'template: f:1: template: multiple definition of template "a"'],
    ['{{template a}}', 'template: f:1: unexpected "a" in template clause'],
    ['{{block "a"}}x{{end}}', 'template: f:1: missing value for block clause'],
    ['{{range .x}}{{else if .y}}{{end}}{{end}}', 'template: f:1: unexpected <if> in input'],
    ['{{if .x}}{{else with .y}}{{end}}{{end}}', 'template: f:1: unexpected <with> in input'],
    ['{{end 1}}', 'template: f:1: unexpected "1" in end'],
    ['{{print 1 - }}', 'template: f:1: illegal number syntax: "-"'],
    ['{{print | | len}}', 'template: f:1: unexpected "|" in command'],
    ['{{( )}}', 'template: f:1: missing value for parenthesized pipeline'],
    ['{{template "a" | }}', 'template: f:1: unexpected "|" in template clause'],
  ])('says what is wrong with %j', (text, expected) => {
    if (expected.includes('missing value for command') && text.includes('|'))
      expect(parse(text)).toBe('{{print 12345678901234}}');
    else expect(parseFailure(text)).toBe(expected);
  });

  it('lets an empty definition stand beside a full one', () => {
    const trees = parseTrees('f', '{{define "a"}} {{end}}{{define "a"}}x{{end}}{{define "a"}}\n{{end}}', {
      delimiters: DELIMITERS,
      isFunction: () => false,
    });
    const root = trees.get('a')?.root;
    expect(root === undefined ? undefined : nodeText(root)).toBe('x');
  });

  it('takes break and continue for functions where the host has them', () => {
    expect(parse('{{break}}', (name) => name === 'break')).toBe('{{break}}');
  });

  it('uses other delimiters when asked', () => {
    const trees = parseTrees('f', '{{x}} <% 1 -%>  y', {
      delimiters: { left: '<%', right: '%>' },
      isFunction: () => false,
    });
    const root = trees.get('f')?.root;
    expect(root === undefined ? undefined : nodeText(root)).toBe('{{x}} {{1}}y');
  });

  it('gives only its own error for any text, and ends', () => {
    const fragment = fc.constantFrom(
      ...[
        '{{',
        '}}',
        '{{-',
        '-}}',
        ' ',
        '\n',
        'if',
        'end',
        'range',
        'else',
        'define',
        '"a"',
        '`',
        "'",
        '$x',
        '$',
        ':=',
        '=',
        '|',
      ],
      ...[
        '.',
        '.x',
        '(',
        ')',
        '1',
        '1.5',
        '-',
        ',',
        'print',
        '/*',
        '*/',
        'nil',
        'template',
        'block',
        'with',
        '\\',
        '☃',
        '\u0000',
      ],
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fragment, { maxLength: 40 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (source) => {
        try {
          parse(source);
        } catch (error) {
          expect(error).toBeInstanceOf(TemplateError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses nesting that the stack could not hold', () => {
    expect(parseFailure('{{if .x}}'.repeat(100_000))).toMatch(/nested deeper than 500/);
    expect(parseFailure(`{{${'('.repeat(100_000)}`)).toMatch(/nested deeper than 500/);
    expect(parseFailure(`{{if .x}}${'{{else if .x}}'.repeat(100_000)}`)).toMatch(/nested deeper than 500/);
  });
});
