/** Places in a Kubefile, as people and editors count them. */

/** A place: the first line is 1, the first column is 1; columns count UTF-16 units, and a byte order mark is not counted. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A stretch of text; `end` is the place just after it. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** Text as it is written in the Kubefile, and where. */
export interface Word {
  readonly text: string;
  readonly range: Range;
}
