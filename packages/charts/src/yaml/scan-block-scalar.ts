/** Literal and folded block scalars (YAML 1.1, section 9.3). */

import { type Cursor, isBlank, isBreak, isBreakOrEnd, isDigit, SPACE, TAB } from './cursor.ts';
import type { Token } from './token.ts';
import { type Mark, scannerError } from './yaml-error.ts';

/** Reads the scalar that starts at `|` or `>`; `parentIndent` is the column of the block around it, -1 at the top. */
export function scanBlockScalar(cursor: Cursor, parentIndent: number, style: 'literal' | 'folded'): Token {
  const start = cursor.mark();
  cursor.skip();
  const header = scanHeader(cursor, start);
  const increment = header.increment;
  let indent = increment === 0 ? 0 : parentIndent >= 0 ? parentIndent + increment : increment;

  let value = '';
  let leadingBreak = '';
  let leadingBlank = false;
  const first = scanBreaks(cursor, indent, parentIndent, start);
  indent = first.indent;
  let breaks = first.breaks;
  while (cursor.column === indent && cursor.code() !== 0) {
    const blank = isBlank(cursor.code());
    const folds = style === 'folded' && leadingBreak === '\n' && !leadingBlank && !blank;
    value += folds ? (breaks === '' ? ' ' : '') : leadingBreak;
    value += breaks;
    leadingBlank = blank;
    const from = cursor.index;
    cursor.skipLine();
    value += cursor.text.slice(from, cursor.index);
    leadingBreak = isBreak(cursor.code()) ? cursor.readBreak() : '';
    breaks = scanBreaks(cursor, indent, parentIndent, start).breaks;
  }
  if (header.chomping !== 'strip') value += leadingBreak;
  if (header.chomping === 'keep') value += breaks;
  return { type: 'scalar', start, value, style };
}

interface Header {
  readonly chomping: 'clip' | 'strip' | 'keep';
  /** The indentation indicator, 0 where there is none. */
  readonly increment: number;
}

function scanHeader(cursor: Cursor, start: Mark): Header {
  let chomping = scanChomping(cursor);
  const increment = scanIncrement(cursor, start);
  chomping ??= scanChomping(cursor);
  cursor.skipBlanks();
  cursor.skipComment();
  if (!isBreakOrEnd(cursor.code())) {
    throw scannerError('did not find expected comment or line break', cursor.mark(), start);
  }
  if (isBreak(cursor.code())) cursor.readBreak();
  return { chomping: chomping ?? 'clip', increment };
}

function scanChomping(cursor: Cursor): 'strip' | 'keep' | undefined {
  const code = cursor.code();
  if (code !== PLUS && code !== MINUS) return undefined;
  cursor.skip();
  return code === PLUS ? 'keep' : 'strip';
}

function scanIncrement(cursor: Cursor, start: Mark): number {
  const code = cursor.code();
  if (!isDigit(code)) return 0;
  if (code === ZERO) throw scannerError('found an indentation indicator equal to 0', cursor.mark(), start);
  cursor.skip();
  return code - ZERO;
}

/** Moves over indentation and empty lines. With an `indent` of 0 the deepest of them, or the first text, decides it. */
function scanBreaks(
  cursor: Cursor,
  indent: number,
  parentIndent: number,
  start: Mark,
): { readonly breaks: string; readonly indent: number } {
  let breaks = '';
  let deepest = 0;
  for (;;) {
    while ((indent === 0 || cursor.column < indent) && cursor.code() === SPACE) cursor.skip();
    deepest = Math.max(deepest, cursor.column);
    if ((indent === 0 || cursor.column < indent) && cursor.code() === TAB) {
      throw scannerError('found a tab character where an indentation space is expected', cursor.mark(), start);
    }
    if (!isBreak(cursor.code())) break;
    breaks += cursor.readBreak();
  }
  return { breaks, indent: indent === 0 ? Math.max(deepest, parentIndent + 1, 1) : indent };
}

const PLUS = 0x2b;
const MINUS = 0x2d;
const ZERO = 0x30;
