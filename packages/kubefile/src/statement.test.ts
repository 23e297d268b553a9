import { DockerfileParser } from 'dockerfile-ast';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from './diagnostic.ts';
import { readStatements } from './statement.ts';

function read(text: string) {
  const findings: Finding[] = [];
  const { statements, escapeToken } = readStatements(text, (finding) => findings.push(finding));
  return { statements, escapeToken, codes: findings.map(({ code }) => code) };
}

const texts = (text: string) => read(text).statements.map(({ line }) => line.text);

describe('statements', () => {
  test('are the lines that hold something else than a comment', () => {
    expect(texts('# c\n\nFROM a\n  # c\n\t RUN x # no comment\n')).toEqual(['FROM a', 'RUN x # no comment']);
  });

  test('go on after the escape character, blanks behind it or not, and keep the white space of the next line', () => {
    expect(texts('RUN a \\\n  b\\ \t\n\\\n\tc\n')).toEqual(['RUN a   b\tc']);
  });

  test('lose the comment lines inside them, and go on after a comment that ends in the escape character', () => {
    expect(texts('RUN a \\\n# c \\\n   # d\n b\nRUN c')).toEqual(['RUN a  b', 'RUN c']);
  });

  test('drop only the last of several escape characters, as sealer does', () => {
    expect(texts('RUN a\\\\\n b\n')).toEqual(['RUN a\\ b']);
  });

  test('end with the file, even inside a continuation', () => {
    expect(texts('RUN a \\')).toEqual(['RUN a']);
    expect(texts('\\')).toEqual([]);
    expect(texts('RUN a \\\n\\\n')).toEqual(['RUN a']);
  });

  test('warn once of empty lines inside them, at the character that joins', () => {
    expect(read('RUN a \\\n\n \t\n b\nRUN c').codes).toEqual(['empty-continuation']);
  });

  test('may be of any length', () => {
    const words = 'x '.repeat(200_000).trimEnd();
    expect(texts(`RUN ${words}`)).toEqual([`RUN ${words}`]);
  });

  test('know the places of their words over continuations', () => {
    const [statement] = read('\ufeff  CO\\\nPY a\n').statements;
    expect(statement?.keyword).toBe('COPY');
    expect(statement?.keywordRange).toEqual({ start: { line: 1, column: 3 }, end: { line: 2, column: 3 } });
    expect(statement?.range.end).toEqual({ line: 2, column: 5 });
  });

  test('have the same text and places with CRLF as with LF', () => {
    const text = 'FROM a\nRUN x \\\n # c\n y\nCOPY <<E b\n l\nE\n';
    expect(read(text.replaceAll('\n', '\r\n')).statements).toEqual(read(text).statements);
  });
});

describe('directives', () => {
  test('set the escape character only at the top of the file', () => {
    expect(read('#escape = `\nFROM a').escapeToken).toBe('`');
    expect(read('# Check=skip=all\n# ESCAPE=`\nFROM a').escapeToken).toBe('`');
    expect(read('\n# escape=`\nFROM a').escapeToken).toBe('\\');
    expect(read('# comment\n# escape=`\nFROM a').escapeToken).toBe('\\');
    expect(read('# unknown=1\n# escape=`\nFROM a').escapeToken).toBe('\\');
    expect(read('FROM a\n# escape=`').escapeToken).toBe('\\');
  });

  test('are reported where they are wrong or do nothing', () => {
    expect(read('# escape=x').codes).toEqual(['directive']);
    expect(read('# escape=`\n# escape=`').codes).toEqual(['directive']);
    expect(read('# syntax=a').codes).toEqual(['ignored-directive']);
  });
});

describe('here-documents', () => {
  const bodies = (text: string) => read(text).statements.map(({ heredocs }) => heredocs.map(({ content }) => content));

  test('take the lines up to their delimiter, one after the other', () => {
    expect(bodies('COPY <<A <<B /d/\n1\nB\nA\n2\nB\nRUN x\n')).toEqual([['1\nB\n', '2\n'], []]);
  });

  test('begin after the last of joined lines', () => {
    expect(bodies('COPY <<A \\\n  b\n1\nA\n')).toEqual([['1\n']]);
  });

  test('are part of COPY, ADD and RUN, and of nothing else', () => {
    expect(bodies('CMD a <<E\nRUN 3<<E\nx\nE\n')).toEqual([[], ['x\n']]);
  });

  test('are not looked for in quotes, in JSON form, or inside a word', () => {
    expect(bodies('RUN "a <<E"\nRUN ["<<E"]\nRUN a<<E\nRUN echo "$((1<<2))"')).toEqual([[], [], [], []]);
  });

  test('expand variables unless the delimiter is quoted', () => {
    const { statements } = read('COPY <<A <<"B" <<\'C\' <<-\\D d/\nA\nB\nC\n\tD\n');
    expect(statements[0]?.heredocs).toMatchObject([
      { name: 'A', expansion: 'variables' },
      { name: 'B', expansion: 'none' },
      { name: 'C', expansion: 'none' },
      { name: 'D', expansion: 'none' },
    ]);
  });

  test('that are not closed are reported, and take the rest of the file', () => {
    const { statements, codes } = read('COPY <<E <<F a/\nx\nRUN y\n');
    expect(codes).toEqual(['heredoc', 'heredoc']);
    expect(statements.map(({ keyword }) => keyword)).toEqual(['COPY']);
  });

  test('end the range of their statement', () => {
    expect(read('COPY <<E a\nx\nE\n').statements[0]?.range.end).toEqual({ line: 3, column: 2 });
  });
});

describe('beside dockerfile-ast', () => {
  // A parser of other people for the same lines: what it is known to read otherwise is left out of the text.
  const argument = fc.constantFrom('a', '"b c"', '$X', '--f=1', '# d', '[1]');
  const separator = fc.constantFrom(' ', '\t', ' \\\n', ' \\\n  ', ' \\ \n', ' \\\n# comment\n', ' \\\n\n');
  const instruction = fc
    .tuple(fc.constantFrom('FROM', 'copy', 'Run', 'CMDS', 'unknown'), fc.array(fc.tuple(separator, argument)))
    .map(([keyword, rest]) => keyword + rest.flat().join(''));
  const heredoc = fc
    .tuple(fc.constantFrom('COPY', 'RUN'), fc.constantFrom('E', '"E"'), fc.array(fc.constantFrom('x', 'RUN y', '')))
    .map(([keyword, name, body]) => [`${keyword} <<${name} a`, ...body, 'E'].join('\n'));
  const file = fc.array(fc.oneof(instruction, heredoc, fc.constantFrom('', '# comment', '   ')));

  test('the same instructions begin in the same lines', () => {
    fc.assert(
      fc.property(file, (parts) => {
        const text = `\n${parts.join('\n')}\n`;
        const theirs = DockerfileParser.parse(text).getInstructions();
        const ours = read(text).statements;
        expect(ours.map(({ keyword, range }) => [keyword, range.start.line])).toEqual(
          theirs.map((each) => [each.getKeyword(), each.getRange().start.line + 1]),
        );
      }),
      { numRuns: 500 },
    );
  });
});
