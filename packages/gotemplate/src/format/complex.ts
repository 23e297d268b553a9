/** complex128 as a value: only constants such as `1+2i` make one. */

import type { Complex } from '../parse/node.ts';
import { type GoType, type GoValue, Typed } from '../value.ts';

const COMPLEX128: GoType = { name: 'complex128', kind: 'complex128' };

export function complexValue(complex: Complex): Typed {
  return new Typed(COMPLEX128, null, complex);
}

/** The number in a value of type complex128, or undefined for anything else. */
export function asComplex(value: GoValue): Complex | undefined {
  if (!(value instanceof Typed) || value.type.kind !== 'complex128') return undefined;
  const { detail } = value;
  if (typeof detail !== 'object' || detail === null || !('real' in detail) || !('imaginary' in detail))
    return undefined;
  return { real: Number(detail.real), imaginary: Number(detail.imaginary) };
}
