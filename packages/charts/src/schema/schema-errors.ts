/** What a schema finds wrong with values. */

/** One finding: `field: text`, the field with dots between its parts. */
export interface Finding {
  readonly field: string;
  readonly text: string;
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
