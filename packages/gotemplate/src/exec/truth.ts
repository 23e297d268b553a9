/** Which values are true to `if`, `with`, `and`, `or` and `not`. */

import { asComplex } from '../format/complex.ts';
import { type GoValue, Typed } from '../value.ts';

/** False for nil, no value, false, zero and what is empty; a struct is always true. */
export function isTrue(value: GoValue | undefined): boolean {
  if (value === null || value === undefined) return false;
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return value !== '';
    case 'number':
      return value !== 0;
    case 'bigint':
      return value !== 0n;
    default:
  }
  if (value instanceof Map) return value.size > 0;
  if (!(value instanceof Typed)) return value.length > 0;
  switch (value.type.kind) {
    case 'struct':
    case 'func':
      return true;
    case 'ptr':
      return value.value !== null;
    case 'complex128': {
      const complex = asComplex(value);
      return complex !== undefined && (complex.real !== 0 || complex.imaginary !== 0);
    }
    default:
      return isTrue(value.value);
  }
}
