/** What a schema finds wrong with values. */

/** One finding: `field: text`, the field with dots between its parts. */
export interface Finding {
  readonly field: string;
  readonly text: string;
}

/** What is wrong with one value, and a score by which the nearest of several schemas that all fail is chosen. */
export class Findings {
  readonly list: Finding[] = [];
  score = 0;

  get fit(): boolean {
    return this.list.length === 0;
  }

  /** What failed counts less than nothing: a point is given for the check that it belongs to. */
  add(path: readonly string[], text: string): void {
    this.list.push({ field: fieldName(path), text });
    this.score -= 2;
  }

  merge(other: Findings): void {
    this.list.push(...other.list);
    this.score += other.score;
  }
}

/** A schema that cannot be used, or that does not come to an end. */
export class SchemaError extends Error {
  readonly kind: 'invalid' | 'endless';

  constructor(kind: 'invalid' | 'endless', message: string) {
    super(message);
    this.name = 'SchemaError';
    this.kind = kind;
  }
}

/** The name of a value at a path. */
export function fieldName(path: readonly string[]): string {
  return path.length === 0 ? '(root)' : path.join('.');
}

/** A schema that the library of Helm refuses. */
export function invalid(message: string): SchemaError {
  return new SchemaError('invalid', message);
}

/** The same for a keyword whose value is of another type. */
export function invalidType(expected: string, keyword: string): SchemaError {
  return invalid(`Invalid type. Expected: ${expected}, given: ${keyword}`);
}
