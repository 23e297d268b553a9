/** Keywords of lists. */

import { type GoMap, type GoValue, writeJson } from '@kubecrate/gotemplate';
import { type Checks, fits, mergeNearest, numberOf, type Path } from './checks.ts';
import type { Findings } from './schema-errors.ts';

/** Adds what is wrong with a list or its elements. */
export function checkList(checks: Checks, schema: GoMap, value: readonly GoValue[], path: Path, into: Findings): void {
  const items = schema.get('items');
  const additional = schema.get('additionalItems');
  const tuple = Array.isArray(items) && items.length > 0 ? items : undefined;
  for (const [at, item] of value.entries()) {
    const inner = tuple === undefined ? items : (tuple[at] ?? additional);
    if (inner === undefined || Array.isArray(inner) || (tuple !== undefined && at >= tuple.length && inner === false)) {
      continue;
    }
    into.merge(checks.apart(inner, item, [...path, String(at)]));
  }
  if (tuple !== undefined && additional === false && value.length > tuple.length) {
    into.add(path, 'No additional items allowed on array');
  }
  const min = numberOf(schema, 'minItems');
  const max = numberOf(schema, 'maxItems');
  if (min !== undefined && value.length < min) into.add(path, `Array must have at least ${min} items`);
  if (max !== undefined && value.length > max) into.add(path, `Array must have at most ${max} items`);
  if (schema.get('uniqueItems') === true) checkUnique(value, path, into);
  checkContains(checks, schema, value, path, into);
  into.score++;
}

function checkContains(checks: Checks, schema: GoMap, value: readonly GoValue[], path: Path, into: Findings): void {
  const contains = checks.keyword(schema, 'contains');
  if (contains === undefined) return;
  const results: Findings[] = [];
  for (const [at, item] of value.entries()) {
    const findings = checks.apart(contains, item, [...path, String(at)]);
    if (fits(findings)) return;
    results.push(findings);
  }
  into.add(path, 'At least one of the items must match');
  mergeNearest(results, into);
}

function checkUnique(value: readonly GoValue[], path: Path, into: Findings): void {
  const seen = new Map<string, number>();
  for (const [at, item] of value.entries()) {
    const text = writeJson(item, { escape: 'none' });
    const before = seen.get(text);
    if (before !== undefined) into.add(path, `array items[${before},${at}] must be unique`);
    seen.set(text, at);
  }
}
