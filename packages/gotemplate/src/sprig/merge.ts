/** Merging of maps, by the rules of the library mergo. */

import { isTrue } from '../exec/truth.ts';
import { type CallContext, entriesOf, type GoMap, type GoValue, Typed } from '../value.ts';

/** `fill`: only what is missing or empty is taken. `overwrite`: all is taken that is not nil, and nil too. */
export type MergeMode = 'fill' | 'overwrite';

/** Merges `source` into `target`, maps within maps too. What is taken is shared with the source, not copied. */
export function mergeInto(target: GoMap, source: GoMap, mode: MergeMode, call: CallContext): void {
  for (const [key, value] of source) {
    call.budget.step();
    const old = target.get(key) ?? null;
    if (value === null) {
      if (mode === 'overwrite') target.set(key, null);
      continue;
    }
    const map = entriesOf(value);
    const oldMap = old === null ? undefined : entriesOf(old);
    if (map !== undefined && oldMap !== undefined) {
      call.budget.descend(1);
      if (map !== oldMap) mergeInto(oldMap, map, mode, call);
      call.budget.ascend(1);
      if (oldMap.size > 0) continue;
    }
    if (mode === 'overwrite' || isEmpty(old)) target.set(key, value);
  }
}

function isEmpty(value: GoValue): boolean {
  return value === null || (!(value instanceof Typed && value.type.kind === 'struct') && !isTrue(value));
}
