/** `import-values`: tables of a subchart's values that become values of its parent. */

import { formatGo, type GoMap, type GoValue } from '@kubecrate/gotemplate';
import { type ChartNode, chartOf, type Requirement } from './chart-node.ts';
import { coalesceValues } from './coalesce.ts';
import { coalesceTables, copyTable, missingTable, tableAt, type Warn } from './tables.ts';

/** Puts the values that a chart imports among its own, from the innermost charts outwards. Throws `INVALID_CHART`. */
export function importValues(node: ChartNode, warn: Warn): void {
  for (const inner of node.dependencies) importValues(inner, warn);
  if (node.requirements.length === 0) return;
  const values = coalesceValues(chartOf(node), new Map(), 'merge', warn);
  let imported: GoMap = new Map();
  for (const requirement of node.requirements) {
    const imports = importsOf(requirement);
    for (const { child, parent, source } of imports) {
      const table = tableAt(values, `${requirement.name}.${child}`);
      if (table !== undefined) {
        imported = coalesceTables(imported, placedAt(parent, ownIfEmpty(table)), 'merge', '', warn);
        continue;
      }
      const from = source === 'table' ? ` from chart ${requirement.name}` : '';
      const missing = missingTable(values, `${requirement.name}.${child}`);
      warn(`ImportValues missing table${from}: ${JSON.stringify(missing)} is not a table`);
    }
    const entries = imports.map(({ child, parent }) => new Map<string, GoValue>(Object.entries({ child, parent })));
    requirement.imports = { state: 'done', entries };
  }
  node.values = coalesceTables(copyTable(values), imported, 'merge', '', warn);
}

interface Import {
  /** The path in the subchart's values. */
  readonly child: string;
  /** The path in the parent's values; `.` for their top. */
  readonly parent: string;
  /** Whether Chart.yaml names what the subchart exports, or any table of its values. */
  readonly source: 'export' | 'table';
}

function importsOf({ imports }: Requirement): Import[] {
  if (imports.state === 'done') return [];
  return imports.entries.flatMap((entry): Import[] => {
    if (typeof entry === 'string') return [{ child: `exports.${entry}`, parent: '.', source: 'export' }];
    if (!(entry instanceof Map)) return [];
    return [{ child: pathOf(entry, 'child'), parent: pathOf(entry, 'parent'), source: 'table' }];
  });
}

function pathOf(entry: ReadonlyMap<string, GoValue>, side: 'child' | 'parent'): string {
  return formatGo('%v', [entry.get(side) ?? null]);
}

/** Later imports are merged into the table of an earlier one, and so into the values that it is part of; unless it is empty. */
function ownIfEmpty(table: GoMap): GoMap {
  return table.size === 0 ? new Map() : table;
}

function placedAt(path: string, table: GoMap): GoMap {
  if (path === '.') return table;
  return path.split('.').reduceRight((inner, key) => new Map<string, GoValue>([[key, inner]]), table);
}
