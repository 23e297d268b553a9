// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of a Kubefile, not of JavaScript

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expandWord } from './shell-word.ts';

const values = new Map([
  ['a', '1'],
  ['empty', ''],
  ['名', 'wide'],
]);

const expandHere = (word: string, quotes: 'remove' | 'keep' = 'remove', escapeToken: '\\' | '`' = '\\') =>
  expandWord(word, { escapeToken, quotes, lookup: (name) => values.get(name) });

describe('a word', () => {
  test.each([
    ['plain', 'plain'],
    ['$a', '1'],
    ['${a}b$a', '1b1'],
    ['$ab', ''],
    ['$名', 'wide'],
    ['$', '$'],
    ['a$', 'a$'],
    ['$/', '$/'],
    ['$1$12$@$#', ''],
    ['$1a', 'a'],
    ['\\$a', '$a'],
    ['\\\\$a', '\\1'],
    ['\\a', 'a'],
    ['a\\', 'a'],
    ["'$a \\x'", '$a \\x'],
    ['"$a \\x \\" \\$a \\\\"', '1 \\x " $a \\'],
    ['"\'$a\'"', "'1'"],
    [`'"'"'"`, `"'`],
    ['${a:-x}${empty:-x}${nope:-x}', '1xx'],
    ['${a-x}${empty-x}${nope-x}', '1x'],
    ['${a:+x}${empty:+x}${nope:+x}', 'x'],
    ['${a+x}${empty+x}${nope+x}', 'xx'],
    ['${a:?m}${empty?m}', '1'],
    ['${nope:-${a}\\}"}"}', '1}}'],
    ['${nope:-${nope:-${nope:-deep}}}', 'deep'],
  ])('%s becomes %s', (word, expected) => {
    const { text, problem } = expandHere(word);
    expect(problem).toBeUndefined();
    expect(text).toBe(expected);
  });

  test.each([
    ["'a", 'syntax', "a single quote (') is not closed"],
    ['"a', 'syntax', 'a double quote (") is not closed'],
    ['"a\\"', 'syntax', 'a double quote (") is not closed'],
    ['${', 'syntax', 'bad substitution: a name must follow "${"'],
    ['${}', 'syntax', 'bad substitution: a name must follow "${"'],
    ['${{a}}', 'syntax', 'bad substitution: a name must follow "${"'],
    ['${a', 'syntax', '"}" is missing'],
    ['${a:-b', 'syntax', '"}" is missing'],
    ['${a/b/c}', 'syntax', '"/" is not supported in ${a}'],
    ['${a:}', 'syntax', '":}" is not supported in ${a}'],
    ['${nope:?}', 'value', 'the variable nope must have a value'],
    ['${empty:?say $a}', 'value', 'empty: say 1'],
  ] as const)('%s is a problem of %s', (word, type, message) => {
    expect(expandHere(word).problem).toMatchObject({ type, message });
  });

  test('takes the escape character it is told', () => {
    expect(expandHere('`$a\\b', 'remove', '`').text).toBe('$a\\b');
  });

  test('keeps quotes in a here-document, and expands between them', () => {
    expect(expandHere(`'$a' "$a" \\$a`, 'keep').text).toBe(`'1' "1" $a`);
  });

  test('names the variables without a value, once, and only where the word gives none', () => {
    expect(expandHere('$x$y$x${z:-${q}}${w+$v}${a:-$u}').unset).toEqual(['x', 'y', 'q']);
  });

  test('refuses variables that are nested too deep, whatever the stack', () => {
    expect(expandHere('${a:-'.repeat(100_000)).problem).toMatchObject({ type: 'syntax' });
  });

  test('refuses to grow without end', () => {
    const lookup = () => 'x'.repeat(1000);
    const { problem } = expandWord('$a'.repeat(2000), { escapeToken: '\\', quotes: 'remove', lookup });
    expect(problem?.type).toBe('value');
  });

  test('in single quotes is itself, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!text.includes("'"));
        expect(expandHere(`'${text}'`)).toEqual({ text, hasVariables: false, unset: [] });
      }),
    );
  });

  test('of any characters gives a text or a problem, and never throws', () => {
    const part = fc.constantFrom('$', '{', '}', ':', '-', '+', '?', '"', "'", '\\', 'a', ' ', '1', '\n', '名');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        const word = parts.join('');
        const { text, problem } = expandHere(word);
        if (problem !== undefined) expect(text).toBe(word);
      }),
      { numRuns: 2000 },
    );
  });
});
