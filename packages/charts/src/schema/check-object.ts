/** Keywords of objects. */

import type { GoMap, GoValue } from '@kubecrate/gotemplate';
import { type Checks, fits, numberOf, type Path } from './checks.ts';
import type { Findings } from './schema-errors.ts';

/** Adds what is wrong with an object, but for what `properties` say. */
export function checkObject(checks: Checks, schema: GoMap, value: GoMap, path: Path, into: Findings): void {
  const min = numberOf(schema, 'minProperties');
  const max = numberOf(schema, 'maxProperties');
  if (min !== undefined && value.size < min) into.add(path, `Must have at least ${min} properties`);
  if (max !== undefined && value.size > max) into.add(path, `Must have at most ${max} properties`);
  const required = schema.get('required');
  for (const name of Array.isArray(required) ? required : []) {
    if (value.has(String(name))) into.score++;
    else into.add(path, `${String(name)} is required`);
  }
  const keys = [...value.keys()].sort();
  for (const key of keys) checkAdditional(checks, schema, key, value.get(key) ?? null, path, into);
  const names = checks.keyword(schema, 'propertyNames');
  for (const key of names === undefined ? [] : keys) {
    const findings = checks.apart(names ?? null, key, path);
    if (fits(findings)) continue;
    into.add(path, `Property name of "${key}" does not match`);
    into.merge(findings);
  }
  into.score++;
}

/** What patterns say of a property, or, where neither they nor `properties` know it, what is said of all others. */
function checkAdditional(checks: Checks, schema: GoMap, key: string, value: GoValue, path: Path, into: Findings): void {
  const properties = schema.get('properties');
  const patterns = schema.get('patternProperties');
  let matched = false;
  for (const [pattern, inner] of patterns instanceof Map ? patterns : []) {
    if (!checks.go.matches(pattern, key)) continue;
    matched = true;
    into.merge(checks.apart(inner, value, [...path, key]));
  }
  if (matched) into.score++;
  if (matched || (properties instanceof Map && properties.has(key))) return;
  const additional = schema.get('additionalProperties');
  if (additional === false) into.add(path, `Additional property ${key} is not allowed`);
  else if (additional instanceof Map) into.merge(checks.apart(additional, value, [...path, key]));
}

/** Adds what is wrong with the properties that the schema names; Helm lists that last. */
export function checkProperties(checks: Checks, schema: GoMap, value: GoMap, path: Path, into: Findings): void {
  const properties = schema.get('properties');
  if (!(properties instanceof Map)) return;
  for (const key of [...value.keys()].sort()) {
    const inner = properties.get(key);
    if (inner !== undefined) checks.check(inner, value.get(key) ?? null, [...path, key], into);
  }
}
