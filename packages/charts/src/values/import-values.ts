/** `import-values`: tables of a subchart's values that become values of its parent. */

import type { GoMap, GoValue } from '@kubecrate/gotemplate';
import { invalidChart } from '../chart/build-chart.ts';
import type { Chart, ChartDependency } from '../chart/chart.ts';
import { coalesceValues } from './coalesce.ts';
import { coalesceTables, copyTable, tableAt, type Warn } from './tables.ts';

/** The chart with the values that it imports among its own, from the innermost charts outwards. Throws `INVALID_CHART`. */
export function importValues(chart: Chart, warn: Warn): Chart {
  const inner: Chart = { ...chart, dependencies: chart.dependencies.map((subchart) => importValues(subchart, warn)) };
  if (chart.metadata.dependencies.length === 0) return inner;
  const values = coalesceValues(inner, new Map(), 'merge', warn);
  let imported: GoMap = new Map();
  for (const dependency of chart.metadata.dependencies) {
    for (const { child, parent } of importsOf(dependency)) {
      const table = tableAt(values, `${dependency.name}.${child}`);
      if (table === undefined) warn(`ImportValues missing table from chart ${dependency.name}: ${child}`);
      else imported = coalesceTables(imported, placedAt(parent, ownIfEmpty(table)), 'merge', '', warn);
    }
  }
  const dependencies = chart.metadata.dependencies.map((dependency) => ({
    ...dependency,
    importValues: importsOf(dependency).map(
      ({ child, parent }) => new Map<string, GoValue>(Object.entries({ child, parent })),
    ),
  }));
  const metadata = { ...chart.metadata, dependencies };
  return { ...inner, metadata, values: coalesceTables(copyTable(values), imported, 'merge', '', warn) };
}

interface Import {
  /** The path in the subchart's values. */
  readonly child: string;
  /** The path in the parent's values; `.` for their top. */
  readonly parent: string;
}

function importsOf(dependency: ChartDependency): Import[] {
  return dependency.importValues.flatMap((entry): Import[] => {
    if (typeof entry === 'string') return [{ child: `exports.${entry}`, parent: '.' }];
    if (!(entry instanceof Map)) return [];
    return [{ child: pathOf(entry, 'child', dependency), parent: pathOf(entry, 'parent', dependency) }];
  });
}

function pathOf(entry: ReadonlyMap<string, GoValue>, side: 'child' | 'parent', dependency: ChartDependency): string {
  const path = entry.get(side);
  if (typeof path === 'string') return path;
  throw invalidChart(`import-values of dependency ${JSON.stringify(dependency.name)} must name a ${side}`);
}

/** Later imports are merged into the table of an earlier one, and so into the values that it is part of; unless it is empty. */
function ownIfEmpty(table: GoMap): GoMap {
  return table.size === 0 ? new Map() : table;
}

function placedAt(path: string, table: GoMap): GoMap {
  if (path === '.') return table;
  return path.split('.').reduceRight((inner, key) => new Map<string, GoValue>([[key, inner]]), table);
}
