/** From text to statements: comments dropped, lines joined, here-documents read, the instruction word split off. */

import { isBlank, leadingSpace, skipBlanks, skipToBlank } from './blank.ts';
import type { Finding, Report } from './diagnostic.ts';
import { type EscapeToken, readDirectives } from './directives.ts';
import { endOfFlags } from './flags.ts';
import { type Heredoc, readHeredocs } from './heredoc.ts';
import { parseJsonStrings } from './json-strings.ts';
import { type LogicalLine, type Piece, rangeOf } from './logical-line.ts';
import type { Range } from './position.ts';

/** One instruction before its arguments are understood. */
export interface Statement {
  /** The instruction word in upper case. */
  readonly keyword: string;
  readonly keywordRange: Range;
  /** From the instruction word to the end of the last here-document. */
  readonly range: Range;
  /** The instruction and its arguments, trimmed. */
  readonly line: LogicalLine;
  /** Where the arguments begin in `line.text`; its length where there are none. */
  readonly argumentsAt: number;
  readonly heredocs: readonly Heredoc[];
}

export interface Statements {
  readonly escapeToken: EscapeToken;
  readonly statements: readonly Statement[];
}

/** Reads all statements; what is wrong goes to `report`, and reading goes on. */
export function readStatements(text: string, report: Report): Statements {
  const lines = splitLines(text);
  const escapeToken = readDirectives(lines, report);
  const statements: Statement[] = [];
  let next = 0;
  while (next < lines.length) {
    if (isIgnored(lines[next] ?? '')) {
      next++;
      continue;
    }
    const joined = joinLines(lines, next, { escapeToken, report });
    next = joined.next;
    if (joined.line.text === '') continue;
    const statement = splitKeyword(joined.line);
    const from = firstHeredocWord(statement, escapeToken);
    if (from === undefined) {
      statements.push(statement);
      continue;
    }
    const { heredocs, next: after } = readHeredocs(joined.line, from, { lines, next, escapeToken, report });
    if (after > next) statements.push({ ...statement, heredocs, range: extend(statement.range, lines, after) });
    else statements.push({ ...statement, heredocs });
    next = after;
  }
  return { escapeToken, statements };
}

/** The lines of a file without their ends (LF or CRLF) and without the byte order mark. */
export function splitLines(text: string): readonly string[] {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}

function isIgnored(line: string): boolean {
  const start = leadingSpace(line);
  return start === line.length || line[start] === '#';
}

function joinLines(
  lines: readonly string[],
  first: number,
  { escapeToken, report }: { readonly escapeToken: EscapeToken; readonly report: Report },
): { readonly line: LogicalLine; readonly next: number } {
  const texts: string[] = [];
  const pieces: Piece[] = [];
  let offset = 0;
  let token: Range | undefined;
  let beforeEmpty: Range | undefined;
  let at = first;
  let more = true;
  while (more && at < lines.length) {
    const line = lines[at] ?? '';
    at++;
    // Until there is text, white space before it belongs to no word; after that it stays, as in Dockerfile.
    const skipped = offset === 0 ? leadingSpace(line) : 0;
    if (isIgnored(line)) {
      if (leadingSpace(line) === line.length) beforeEmpty ??= token;
      continue;
    }
    const end = continuationOf(line, escapeToken);
    more = end !== undefined;
    if (end !== undefined) token = { start: { line: at, column: end + 1 }, end: { line: at, column: end + 2 } };
    const text = line.slice(skipped, end);
    if (text === '') continue;
    pieces.push({ offset, line: at, column: skipped + 1 });
    texts.push(text);
    offset += text.length;
  }
  if (beforeEmpty !== undefined) report(emptyContinuation(beforeEmpty));
  return { line: { text: trimEnd(texts.join('')), pieces }, next: at };
}

/** The offset of the escape character that joins this line to the next, or undefined. */
function continuationOf(line: string, escapeToken: EscapeToken): number | undefined {
  let last = line.length - 1;
  while (last >= 0 && (line[last] === ' ' || line[last] === '\t')) last--;
  return line[last] === escapeToken ? last : undefined;
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (isBlank(text[end - 1]) || leadingSpace(text[end - 1] ?? '') === 1)) end--;
  return text.slice(0, end);
}

function splitKeyword(line: LogicalLine): Statement {
  const end = skipToBlank(line.text, 0);
  return {
    keyword: line.text.slice(0, end).toUpperCase(),
    keywordRange: rangeOf(line, 0, end),
    range: rangeOf(line, 0, line.text.length),
    line,
    argumentsAt: skipBlanks(line.text, end),
    heredocs: [],
  };
}

/** Where to look for here-documents; undefined in instructions that have none and in JSON form. */
function firstHeredocWord({ keyword, line, argumentsAt }: Statement, escapeToken: EscapeToken): number | undefined {
  if (keyword !== 'COPY' && keyword !== 'ADD' && keyword !== 'RUN') return undefined;
  if (!line.text.includes('<<', argumentsAt)) return undefined;
  const from = endOfFlags(line.text, argumentsAt, escapeToken);
  return parseJsonStrings(line.text.slice(from)).type === 'strings' ? undefined : from;
}

function extend(range: Range, lines: readonly string[], after: number): Range {
  return { start: range.start, end: { line: after, column: (lines[after - 1] ?? '').length + 1 } };
}

function emptyContinuation(range: Range): Finding {
  return {
    code: 'empty-continuation',
    message: 'an empty line follows and is skipped: the instruction goes on after it',
    range,
    hint: 'remove the empty line, or this character',
  };
}
