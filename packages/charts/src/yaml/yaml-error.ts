/** An error in YAML text, with the words and the line that go-yaml v2 gives. */

/** A place in YAML text; line and column count from 0. */
export interface Mark {
  readonly index: number;
  readonly line: number;
  readonly column: number;
}

/** Its message is that of go-yaml: `yaml: line 3: did not find expected key`. */
export class YamlError extends Error {
  constructor(message: string) {
    super(`yaml: ${message}`);
    this.name = 'YamlError';
  }
}

/** An error at the place where the scanner stands. go-yaml names no line where that is the first. */
export function scannerError(problem: string, at: Mark, context: Mark = at): YamlError {
  return new YamlError(where(at.line === 0 ? context.line : at.line + 1) + problem);
}

/** An error at the token that the parser could not use. go-yaml counts its line from 0 here. */
export function parserError(problem: string, at: Mark, context: Mark = at): YamlError {
  return new YamlError(where(at.line === 0 ? context.line : at.line) + problem);
}

function where(line: number): string {
  return line === 0 ? '' : `line ${line}: `;
}
