import { describe, expect, test } from 'vitest';
import type { Diagnostic } from './diagnostic.ts';
import { formatDiagnostic } from './format-diagnostic.ts';

function at(line: number, from: number, to: number, more: Partial<Diagnostic> = {}): Diagnostic {
  const range = { start: { line, column: from }, end: { line, column: to } };
  return { severity: 'error', code: 'source', message: 'wrong', range, ...more };
}

const lines = (diagnostic: Diagnostic, text: string) => formatDiagnostic(diagnostic, text, 'f').split('\n');

describe('the text of a diagnostic', () => {
  test('is place, message, line, caret and hint', () => {
    expect(lines(at(2, 3, 5, { hint: 'do this' }), 'x\nabcdef\n')).toEqual([
      'f:2:3: error: wrong',
      '  abcdef',
      '    ^^',
      '  hint: do this',
    ]);
  });

  test('has neither place nor line where it is about the whole file', () => {
    const { range: _, ...whole } = at(1, 1, 1, { severity: 'warning' });
    expect(lines(whole, 'abc')).toEqual(['f: warning: wrong']);
  });

  test('has at least one caret, at the end of a line too', () => {
    expect(lines(at(1, 4, 4), 'abc')).toEqual(['f:1:4: error: wrong', '  abc', '     ^']);
  });

  test('marks the first of several lines to its end', () => {
    const range = { start: { line: 1, column: 5 }, end: { line: 3, column: 2 } };
    expect(lines(at(1, 1, 1, { range }), 'RUN abc\nd\ne')[2]).toBe('      ^^^');
  });

  test('keeps tabs before the caret, and counts wide characters twice and combining ones not at all', () => {
    expect(lines(at(1, 4, 5), '\ta\tb')[2]).toBe('  \t \t^');
    expect(lines(at(1, 4, 6), '镜像 名x')[2]).toBe('       ^^^');
    expect(lines(at(1, 4, 5), 'e\u0301 x')[2]).toBe('    ^');
  });

  test('shows the part of a long line around the caret', () => {
    const text = `${'a'.repeat(300)}X${'b'.repeat(300)}`;
    const [, line = '', caret = ''] = lines(at(1, 301, 302), text);
    expect(line.length).toBeLessThan(110);
    expect(line.startsWith('  ...a') && line.endsWith('b...')).toBe(true);
    expect(line[caret.indexOf('^')]).toBe('X');
  });

  test('does not cut the start or the end of a long line when the caret is there', () => {
    const text = `X${'a'.repeat(300)}Y`;
    expect(lines(at(1, 1, 2), text)[1]?.startsWith('  Xa')).toBe(true);
    expect(lines(at(1, 302, 303), text)[1]?.endsWith('aY')).toBe(true);
  });

  test('shows no control characters, neither from the line nor from the message or the name of the file', () => {
    const shown = formatDiagnostic(at(1, 1, 2, { message: '\u001b[31m' }), 'a\u001b]0;x\u0007\u202e\u009b', 'f\u0008');
    expect(shown).toBe('f\ufffd:1:1: error: \ufffd[31m\n  a\ufffd]0;x\ufffd\ufffd\ufffd\n  ^');
  });

  test('shows no secrets, and still marks the place behind them', () => {
    const text = 'ADD https://user:hunter2@example.com/a b';
    const [, line = '', caret = ''] = lines(at(1, 40, 41, { message: `bad ${text}` }), text);
    expect(lines(at(1, 40, 41, { message: `bad ${text}` }), text).join('\n')).not.toContain('hunter2');
    expect(line[caret.indexOf('^')]).toBe('b');
    expect(line.slice(caret.indexOf('^') - 2)).toBe('a b');
  });

  test('cuts a message that holds a value of any length', () => {
    expect(formatDiagnostic(at(1, 1, 2, { message: 'm'.repeat(1_000_000) }), 'x', 'f').length).toBeLessThan(700);
  });
});
