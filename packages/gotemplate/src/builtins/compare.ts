/** Go's builtins eq, ne, lt, le, gt and ge. */

import { asComplex } from '../format/complex.ts';
import { noFlags } from '../format/flags.ts';
import { formatValue } from '../format/format-value.ts';
import { compareStrings } from '../go-string.ts';
import { GoError, type GoValue, kindOf, NO_VALUE, Typed, typeName, type Underlying, underlying } from '../value.ts';

type BasicKind = 'bool' | 'complex' | 'int' | 'uint' | 'float' | 'string' | 'other';

/** True where `first` equals one of the others. Kinds must match; nil equals nil only. */
export function equal(first: GoValue, others: readonly GoValue[]): boolean {
  if (others.length === 0) throw new GoError('missing argument for comparison');
  return others.some((other) => equalPair(present(first), present(other)));
}

/** True where `a` is less than `b`: numbers of one kind, or strings by their bytes. */
export function less(first: GoValue, second: GoValue): boolean {
  const [a, b] = [present(first), present(second)];
  const [left, right] = [basicKind(a), basicKind(b)];
  if (left === 'other' || right === 'other') throw new GoError(BAD_TYPE);
  if (left !== right) {
    if (!isIntegral(left) || !isIntegral(right)) throw new GoError(BAD_PAIR);
    return integer(a) < integer(b);
  }
  const [x, y] = [underlying(a), underlying(b)];
  if (typeof x === 'string' && typeof y === 'string') return compareStrings(x, y) < 0;
  if (left === 'bool' || left === 'complex') throw new GoError(BAD_TYPE);
  return Number.isNaN(x) || Number.isNaN(y) ? false : orderable(x) < orderable(y);
}

const BAD_TYPE = 'invalid type for comparison';
const BAD_PAIR = 'incompatible types for comparison';

function equalPair(a: GoValue, b: GoValue): boolean {
  const [left, right] = [basicKind(a), basicKind(b)];
  if (left !== right) {
    if (isIntegral(left) && isIntegral(right)) return integer(a) === integer(b);
    if (a !== null && b !== null) throw new GoError(BAD_PAIR);
    return false;
  }
  if (left === 'complex') return sameComplex(a, b);
  if (left !== 'other') return underlying(a) === underlying(b);
  return equalOthers(a, b);
}

function equalOthers(a: GoValue, b: GoValue): boolean {
  if (a !== null && b !== null && kindOf(a) !== kindOf(b)) {
    throw new GoError(`non-comparable types ${shown(a)}: ${typeName(a)}, ${typeName(b)}: ${shownPlain(b)}`);
  }
  if (isNil(a) || isNil(b)) return isNil(a) === isNil(b);
  const kind = kindOf(b);
  if (kind === 'map' || kind === 'slice' || kind === 'func') {
    throw new GoError(`non-comparable type ${shown(b)}: ${typeName(b)}`);
  }
  return a === b;
}

function basicKind(value: GoValue): BasicKind {
  const kind = kindOf(value);
  switch (kind) {
    case 'bool':
    case 'string':
      return kind;
    case 'float64':
      return 'float';
    case 'complex128':
      return 'complex';
    default:
  }
  if (kind.startsWith('int')) return 'int';
  return kind.startsWith('uint') ? 'uint' : 'other';
}

function isIntegral(kind: BasicKind): boolean {
  return kind === 'int' || kind === 'uint';
}

function integer(value: GoValue): bigint {
  const plain = underlying(value);
  return typeof plain === 'bigint' ? plain : 0n;
}

function orderable(value: Underlying): bigint | number {
  return typeof value === 'bigint' || typeof value === 'number' ? value : 0;
}

function sameComplex(a: GoValue, b: GoValue): boolean {
  const [x, y] = [asComplex(a), asComplex(b)];
  return x?.real === y?.real && x?.imaginary === y?.imaginary;
}

function isNil(value: GoValue): boolean {
  return value === null || (value instanceof Typed && value.value === null && value.type.kind !== 'func');
}

function present(value: GoValue): GoValue {
  return value === NO_VALUE ? null : value;
}

/** Go prints these values with %s, which shows what is not a string with its type. */
function shown(value: GoValue): string {
  return formatValue(value, 's', noFlags());
}

function shownPlain(value: GoValue): string {
  return formatValue(value, 'v', noFlags());
}
