/** Deep copies of values. */

import { type CallContext, GoError, type GoValue, Typed } from '../value.ts';

/** A copy that shares no map and no list with the original. Values of host types other than maps and lists are shared. */
export function deepCopy(value: GoValue, call: CallContext): GoValue {
  if (value === null) throw new GoError('reflect: call of reflect.Value.Type on zero Value');
  return copy(value, call);
}

function copy(value: GoValue, call: CallContext): GoValue {
  if (typeof value !== 'object' || value === null) return value;
  call.budget.step();
  call.budget.descend(1);
  const copied = copyObject(value, call);
  call.budget.ascend(1);
  return copied;
}

function copyObject(value: Extract<GoValue, object>, call: CallContext): GoValue {
  if (Array.isArray(value)) return value.map((item) => copy(item, call));
  if (value instanceof Map) return copyMap(value, call);
  if (value instanceof Uint8Array) return value.slice();
  const { type } = value;
  if (type.kind !== 'map' && type.kind !== 'slice') return value;
  const plain = value.value instanceof Map ? copyMap(value.value, call) : value.value;
  return new Typed(type, Array.isArray(plain) ? plain.map((item) => copy(item, call)) : plain, value.detail);
}

function copyMap(map: ReadonlyMap<string, GoValue>, call: CallContext): Map<string, GoValue> {
  return new Map([...map].map(([key, item]) => [key, copy(item, call)]));
}
