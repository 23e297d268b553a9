// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of a Kubefile, not of JavaScript

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate, formatDiagnostics, parseKubefile, type Range } from './index.ts';

/** The part of a text that a range covers, for ranges in one line. */
function cut(text: string, range: Range | undefined): string | undefined {
  if (range === undefined) return undefined;
  expect(range.end.line).toBe(range.start.line);
  return text.split('\n')[range.start.line - 1]?.slice(range.start.column - 1, range.end.column - 1);
}

describe('a parsed Kubefile', () => {
  test('keeps the place of every word', () => {
    const text = 'ARG V=1\nFROM --platform=linux/arm64 base:$V AS one\nCOPY --from=x --chown="a" \\\n  b "c" d/\n';
    const { stages, metaArgs } = parseKubefile(text);
    const [stage] = stages;
    const [copy] = stage?.instructions ?? [];
    expect(cut(text, metaArgs[0]?.arguments[0]?.default?.range)).toBe('1');
    expect(cut(text, stage?.from.image.range)).toBe('base:$V');
    expect(cut(text, stage?.from.platform?.range)).toBe('linux/arm64');
    expect(cut(text, stage?.from.stageName?.range)).toBe('one');
    if (copy?.keyword !== 'COPY') throw new Error('no COPY');
    expect(cut(text, copy.keywordRange)).toBe('COPY');
    expect(cut(text, copy.from?.range)).toBe('x');
    expect(cut(text, copy.chown?.range)).toBe('"a"');
    expect(copy.sources.map((source) => source.type === 'path' && cut(text, source.path.range))).toEqual(['b', '"c"']);
    expect(cut(text, copy.destination.range)).toBe('d/');
    expect(copy.range).toEqual({ start: { line: 3, column: 1 }, end: { line: 4, column: 11 } });
  });

  test('keeps the place of every string of the JSON form', () => {
    const text = 'FROM scratch\nAPP [ "a\\u0062" ,"local://x, \\"y\\"" ]\n';
    const [app] = parseKubefile(text).stages[0]?.instructions ?? [];
    if (app?.keyword !== 'APP') throw new Error('no APP');
    expect(app.application.text).toBe('ab');
    expect(cut(text, app.application.range)).toBe('"a\\u0062"');
    expect(app.sources.map(({ text: source, range }) => [source, cut(text, range)])).toEqual([
      ['local://x, "y"', '"local://x, \\"y\\""'],
    ]);
  });

  test('is named Kubefile where no name is given', () => {
    expect(parseKubefile('').file).toBe('Kubefile');
    expect(parseKubefile('', { file: 'other' }).file).toBe('other');
  });

  test('has its diagnostics in the order of the file', () => {
    const { diagnostics } = parseKubefile('LAUNCH\nNOPE\nFROM scratch\nCOPY ../a b\nCMD\n');
    const lines = diagnostics.map(({ range }) => range?.start.line);
    expect(lines).toEqual([1, 1, 1, 2, 4, 5]);
  });

  test('does not report a variable or a value twice when it is evaluated', () => {
    const text = 'FROM scratch\nCOPY a b c\nCOPY ../$X b\nENV A="$Y\nKUBEVERSION nope\n';
    const kubefile = parseKubefile(text);
    const { diagnostics } = evaluate(kubefile, { buildArgs: {}, platform: { os: 'linux', architecture: 'amd64' } });
    const codes = (list: typeof diagnostics) => list.map(({ code, range }) => `${range?.start.line} ${code}`);
    expect(codes(kubefile.diagnostics)).toEqual(['2 destination', '4 malformed-word', '5 kube-version']);
    expect(codes(diagnostics)).toEqual(['3 undefined-variable', '3 source']);
  });
});

describe('hostile text', () => {
  const words = [
    'FROM scratch',
    'FROM a AS b',
    'COPY',
    'add',
    'RUN',
    'ARG',
    'ENV',
    'LABEL',
    'APP x local://y',
    'APPCMDS',
    'APPENV',
    'CMDS',
    'CMD',
    'LAUNCH',
    'KUBEVERSION',
    'MAINTAINER',
    '--from=b',
    '--chown=',
    '--',
    '<<E',
    '<<-"E"',
    'E',
    '["a", "b"]',
    '["a", ',
    '[',
    '$A',
    '${A:-',
    '}',
    'a=b',
    '"',
    "'",
    '\\',
    '\\\n',
    '\n',
    '\r\n',
    ' ',
    '\t',
    '#',
    '# escape=`',
    '`',
    '\ufeff',
    '\0',
    '\u00a0',
    '\ud800',
    '../..',
    '__proto__=1',
  ];
  const platform = { os: 'linux', architecture: 'amd64' };

  function survives(text: string): void {
    const kubefile = parseKubefile(text);
    const { diagnostics } = evaluate(kubefile, { buildArgs: { A: 'x y', constructor: 'c' }, platform });
    const shown = formatDiagnostics([...kubefile.diagnostics, ...diagnostics], text, 'Kubefile');
    expect(shown).not.toMatch(/(?![\n\t])\p{Cc}/u);
    if (kubefile.stages.length === 0)
      expect(kubefile.diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
  }

  test('of random characters gives diagnostics and never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), survives), { numRuns: 500 });
  });

  test('of random bytes gives diagnostics and never throws', () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => new TextDecoder().decode(array));
    fc.assert(fc.property(bytes, survives), { numRuns: 500 });
  });

  test('of pieces of Kubefiles gives diagnostics and never throws', () => {
    const pieces = fc.array(fc.constantFrom(...words), { maxLength: 60 }).map((parts) => parts.join(' '));
    fc.assert(fc.property(pieces, survives), { numRuns: 3000 });
  });

  test.each([
    ['one line of very many words', `FROM scratch\nCOPY ${'a '.repeat(200_000)}b/`],
    ['a million characters without a blank', `FROM scratch\nNOPE${'x'.repeat(1_000_000)} ${'y'.repeat(1_000_000)}`],
    ['very many lines', `FROM scratch\n${'COPY ../a b\n'.repeat(50_000)}`],
    ['very many joined lines', `FROM scratch\nRUN a${' \\\n b'.repeat(100_000)}`],
    ['very many here-documents', `FROM scratch\nCOPY ${'<<E '.repeat(20_000)} d/\n${'E\n'.repeat(20_000)}`],
    ['very many flags', `FROM scratch\nCOPY ${'--exclude=a '.repeat(100_000)} b c`],
    ['very many escape characters', `FROM scratch\nRUN ${'\\'.repeat(500_000)} \\ \\ x`],
    ['very many quotes', `FROM scratch\nENV ${'"a'.repeat(300_000)}`],
    ['very many variables', `FROM scratch\nENV a=${'$b${c:-d}'.repeat(100_000)}`],
    ['very deep JSON', `FROM scratch\nCMDS ${'['.repeat(100_000)}`],
    ['a very long version', `FROM scratch\nKUBEVERSION ${'1-'.repeat(200_000)} ${'1.1 '.repeat(1000)}!`],
  ])('of %s is read to its end', (_, text) => {
    const kubefile = parseKubefile(text);
    evaluate(kubefile, { buildArgs: {}, platform });
    expect(kubefile.stages).toHaveLength(1);
    expect(formatDiagnostics(kubefile.diagnostics.slice(0, 3), text, 'Kubefile').length).toBeLessThan(5000);
  });
});
