/** reflect.DeepEqual: same type, same content. */

import { type CallContext, type GoValue, Typed, underlying } from '../value.ts';

/** True where two values have the same type and content; a nil list does not equal an empty one. */
export function deepEqual(a: GoValue, b: GoValue, call: CallContext): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  call.budget.step();
  call.budget.descend(1);
  const same = sameContent(a, b, call);
  call.budget.ascend(1);
  return same;
}

function sameContent(a: GoValue, b: GoValue, call: CallContext): boolean {
  if (a instanceof Typed || b instanceof Typed) {
    if (!(a instanceof Typed && b instanceof Typed)) return false;
    return a.type.name === b.type.name && sameDetail(a, b) && deepEqual(underlying(a), underlying(b), call);
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => deepEqual(item, b[index] ?? null, call));
  }
  if (a instanceof Map && b instanceof Map) {
    if (a.size !== b.size) return false;
    for (const [key, value] of a) {
      const other = b.get(key);
      if (other === undefined || !deepEqual(value, other, call)) return false;
    }
    return true;
  }
  return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
}

/** What a host keeps beside the value is the same, or the value says everything. */
function sameDetail(a: Typed, b: Typed): boolean {
  if (a.detail === b.detail) return true;
  const { text } = a.type;
  return text !== undefined && text(a) === text(b);
}
