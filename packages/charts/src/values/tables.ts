/** Maps of values: copies, and the two ways in which Helm lays one over another. */

import { formatGo, type GoMap, type GoValue } from '@kubecrate/gotemplate';

/**
 * How a null of the stronger side is treated: `coalesce` takes the key away, which is how users delete a default;
 * `merge` keeps it, for a later coalescing to act on.
 */
export type NullRule = 'coalesce' | 'merge';

/** What Helm writes to its log where values do not fit together. */
export type Warn = (message: string) => void;

/** A copy that shares no map and no list with the original. */
export function copyValue(value: GoValue): GoValue {
  if (value instanceof Map) return copyTable(value);
  return Array.isArray(value) ? value.map(copyValue) : value;
}

export function copyTable(table: ReadonlyMap<string, GoValue>): GoMap {
  return new Map([...table].map(([key, value]) => [key, copyValue(value)]));
}

/** Lays `strong` over `weak`, in place: what `strong` has stays, maps are joined, lists are not. */
export function coalesceTables(strong: GoMap, weak: GoMap, nulls: NullRule, prefix: string, warn: Warn): GoMap {
  for (const [key, value] of weak) {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    const own = strong.get(key);
    if (own === undefined) strong.set(key, value);
    else if (own === null && nulls === 'coalesce') strong.delete(key);
    else if (value instanceof Map) {
      if (own instanceof Map) coalesceTables(own, value, nulls, path, warn);
      else warn(`cannot overwrite table with non table for ${path} (${textOf(value)})`);
    } else if (own instanceof Map && value !== null) {
      warn(`destination for ${path} is a table. Ignoring non-table value (${textOf(value)})`);
    }
  }
  return strong;
}

function textOf(value: GoValue): string {
  return formatGo('%v', [value]);
}

/** Lays the later of two sets of user values over the earlier, as a copy: here a null is a value like any other. */
export function mergeMaps(earlier: GoMap, later: ReadonlyMap<string, GoValue>): GoMap {
  const merged: GoMap = new Map(earlier);
  for (const [key, value] of later) {
    const before = merged.get(key);
    merged.set(key, value instanceof Map && before instanceof Map ? mergeMaps(before, value) : value);
  }
  return merged;
}

/** The table at a path of keys joined by dots, or undefined where one of them is no table. */
export function tableAt(values: GoMap, path: string): GoMap | undefined {
  let table = values;
  for (const key of path.split('.')) {
    const next = table.get(key);
    if (!(next instanceof Map)) return undefined;
    table = next;
  }
  return table;
}

/** The first key of a path at which there is no table. */
export function missingTable(values: GoMap, path: string): string | undefined {
  const keys = path.split('.');
  return keys.find((_, at) => tableAt(values, keys.slice(0, at + 1).join('.')) === undefined);
}

/** The value at a path of keys joined by dots, unless it is a table or absent. */
export function scalarAt(values: GoMap, path: string): GoValue | undefined {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const table = keys.length === 0 ? values : tableAt(values, keys.join('.'));
  const value = table?.get(last);
  return value instanceof Map ? undefined : value;
}
