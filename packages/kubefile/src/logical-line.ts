/** One instruction as a single line of text, with the way back to the lines of the file it was joined from. */

import type { Position, Range, Word } from './position.ts';

export interface LogicalLine {
  readonly text: string;
  /** In order; the first has offset 0. */
  readonly pieces: readonly Piece[];
}

/** Where the part of the text that begins at `offset` stands in the file. */
export interface Piece {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** The place of `text.slice(start, end)` in the file. */
export function rangeOf(line: LogicalLine, start: number, end: number): Range {
  const from = positionOf(line, start);
  if (end <= start) return { start: from, end: from };
  const last = positionOf(line, end - 1);
  return { start: from, end: { line: last.line, column: last.column + 1 } };
}

/** `text.slice(start, end)` with its place. */
export function wordAt(line: LogicalLine, start: number, end: number): Word {
  return { text: line.text.slice(start, end), range: rangeOf(line, start, end) };
}

function positionOf({ pieces }: LogicalLine, offset: number): Position {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((pieces[middle]?.offset ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const piece = pieces[low] ?? { offset: 0, line: 1, column: 1 };
  return { line: piece.line, column: piece.column + offset - piece.offset };
}
