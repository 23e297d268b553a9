/** The values of a chart and of all charts in it, with those of the user on top. */

import { formatGo, type GoMap, type GoValue } from '@kubecrate/gotemplate';
import { invalidChart } from '../chart/build-chart.ts';
import type { Chart } from '../chart/chart.ts';
import { coalesceTables, copyTable, type NullRule, type Warn } from './tables.ts';

/** The key whose values every chart below sees too. */
const GLOBAL = 'global';

/**
 * The values that the templates of a chart see; those of each subchart are below its name.
 * `coalesce` is what rendering takes, `merge` keeps the nulls. Throws `INVALID_CHART` where a subchart's values are no table.
 */
export function coalesceValues(chart: Chart, user: ReadonlyMap<string, GoValue>, nulls: NullRule, warn: Warn): GoMap {
  return coalesceChart(chart, copyTable(user), nulls, '', warn);
}

function coalesceChart(chart: Chart, values: GoMap, nulls: NullRule, prefix: string, warn: Warn): GoMap {
  const path = prefix === '' ? chart.metadata.name : `${prefix}.${chart.metadata.name}`;
  coalesceDefaults(chart, values, nulls, path, warn);
  for (const subchart of chart.dependencies) {
    const name = subchart.metadata.name;
    const own = values.get(name) ?? new Map<string, GoValue>();
    if (!(own instanceof Map) || values.get(name) === null) {
      throw invalidChart(formatGo('type mismatch on %s: %t', [name, values.get(name) ?? null]));
    }
    values.set(name, own);
    coalesceGlobals(own, values, path, warn);
    coalesceChart(subchart, own, nulls, path, warn);
  }
  return values;
}

function coalesceDefaults(chart: Chart, values: GoMap, nulls: NullRule, path: string, warn: Warn): void {
  for (const [key, fallback] of copyTable(chart.values)) {
    const value = values.get(key);
    if (value === undefined) values.set(key, fallback);
    else if (value === null && nulls === 'coalesce') values.delete(key);
    else if (value instanceof Map) {
      if (fallback instanceof Map) {
        // A null for a subchart has to reach that chart, whose own default it deletes.
        const isSubchart = chart.dependencies.some(({ metadata }) => metadata.name === key);
        coalesceTables(value, fallback, isSubchart ? 'merge' : nulls, `${path}.${key}`, warn);
      } else if (fallback !== null) warn(`skipped value for ${path}.${key}: Not a table.`);
    }
  }
}

function coalesceGlobals(values: GoMap, parent: GoMap, path: string, warn: Warn): void {
  const own = values.get(GLOBAL) ?? new Map<string, GoValue>();
  const above = parent.get(GLOBAL) ?? new Map<string, GoValue>();
  if (!(own instanceof Map) || values.get(GLOBAL) === null) {
    warn(`skipping globals because destination ${GLOBAL} is not a table.`);
    return;
  }
  if (!(above instanceof Map) || parent.get(GLOBAL) === null) {
    warn(`skipping globals because source ${GLOBAL} is not a table.`);
    return;
  }
  for (const [key, value] of above) {
    const mine = own.get(key);
    if (value instanceof Map) {
      const table: GoMap = new Map(value);
      if (mine === undefined) own.set(key, table);
      else if (!(mine instanceof Map))
        warn(`Conflict: cannot merge map onto non-map for ${JSON.stringify(key)}. Skipping.`);
      else own.set(key, coalesceTables(table, mine, 'merge', `${path}.${key}`, warn));
    } else if (mine instanceof Map) warn(`key ${key} is table. Skipping`);
    else own.set(key, value);
  }
  values.set(GLOBAL, own);
}
