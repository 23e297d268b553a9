/** Go's builtins index, slice and len. */

import { assign, zeroOf } from '../exec/parameter.ts';
import { byteLength, encodeString, sliceBytes } from '../go-string.ts';
import {
  elementsOf,
  entriesOf,
  GoError,
  type GoValue,
  integerOf,
  kindOf,
  NO_VALUE,
  Typed,
  typeName,
  UINT8,
  underlying,
} from '../value.ts';

/** `index x 1 2`: x[1][2] of Go. */
export function index(item: GoValue, indexes: readonly GoValue[]): GoValue {
  if (item === null || item === NO_VALUE) throw new GoError('index of untyped nil');
  let value: GoValue = item;
  for (const at of indexes) value = indexOnce(value, at === NO_VALUE ? null : at);
  return value;
}

function indexOnce(item: GoValue, at: GoValue): GoValue {
  if (item === null) throw new GoError('index of nil pointer');
  const entries = entriesOf(item);
  if (entries !== undefined) {
    const elem = item instanceof Typed ? (item.type.elem ?? 'interface {}') : 'interface {}';
    return entries.get(mapKey(at)) ?? zeroOf(elem);
  }
  const plain = underlying(item);
  if (typeof plain === 'string') {
    const bytes = encodeString(plain);
    return new Typed(UINT8, BigInt(bytes[inside(at, bytes.length, 'string')] ?? 0));
  }
  const elements = elementsOf(item);
  if (elements === undefined) throw new GoError(`can't index item of type ${typeName(item)}`);
  return elements[inside(at, elements.length, 'slice')] ?? null;
}

function mapKey(at: GoValue): string {
  if (at === null) throw new GoError('value is nil; should be of type string');
  const key = assign(at, 'string');
  if (typeof key !== 'string') throw new GoError(`value has type ${typeName(at)}; should be string`);
  return key;
}

/** An index that Go's reflect accepts: the length itself passes the first check, and fails in the second. */
function inside(at: GoValue, length: number, what: 'string' | 'slice'): number {
  const position = bound(at, length);
  if (position === length) throw new GoError(`reflect: ${what} index out of range`);
  return position;
}

function bound(at: GoValue, capacity: number): number {
  if (at === null || at === NO_VALUE) throw new GoError('cannot index slice/array with nil');
  const position = integerOf(at);
  if (position === undefined) throw new GoError(`cannot index slice/array with type ${typeName(at)}`);
  if (position < 0n || position > BigInt(capacity)) throw new GoError(`index out of range: ${position}`);
  return Number(position);
}

/** `slice x 1 2`: x[1:2] of Go. */
export function slice(item: GoValue, indexes: readonly GoValue[]): GoValue {
  if (item === null || item === NO_VALUE) throw new GoError('slice of untyped nil');
  if (indexes.length > 3) throw new GoError(`too many slice indexes: ${indexes.length}`);
  const plain = underlying(item);
  if (typeof plain === 'string') {
    if (indexes.length === 3) throw new GoError('cannot 3-index slice a string');
    const [start, end] = range(indexes, byteLength(plain));
    return sliceBytes(plain, start, end);
  }
  if (plain instanceof Uint8Array) {
    const [start, end] = range(indexes, plain.length);
    return plain.subarray(start, end);
  }
  const elements = elementsOf(item);
  if (elements === undefined) throw new GoError(`can't slice item of type ${typeName(item)}`);
  const [start, end] = range(indexes, elements.length);
  const part = elements.slice(start, end);
  return item instanceof Typed ? new Typed(item.type, part) : part;
}

function range(indexes: readonly GoValue[], length: number): [number, number] {
  const [start = 0, end = length, capacity] = indexes.map((at) => bound(at, length));
  if (start > end) throw new GoError(`invalid slice index: ${start} > ${end}`);
  if (capacity !== undefined && end > capacity) throw new GoError(`invalid slice index: ${end} > ${capacity}`);
  return [start, end];
}

/** `len x`: bytes of a string, elements of a slice or map. */
export function length(item: GoValue): bigint {
  if (item === NO_VALUE) throw new GoError('reflect: call of reflect.Value.Type on zero Value');
  if (item === null || (kindOf(item) === 'ptr' && underlying(item) === null)) throw new GoError('len of nil pointer');
  const plain = underlying(item);
  if (typeof plain === 'string') return BigInt(byteLength(plain));
  if (plain instanceof Uint8Array) return BigInt(plain.length);
  const size = entriesOf(item)?.size ?? elementsOf(item)?.length;
  if (size === undefined) throw new GoError(`len of type ${typeName(item)}`);
  return BigInt(size);
}
