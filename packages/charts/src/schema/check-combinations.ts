/** Keywords that hold a value against several schemas: anyOf, oneOf, allOf, not, dependencies, if. */

import type { GoMap, GoValue } from '@kubecrate/gotemplate';
import { type Checks, fits, mergeNearest, type Path } from './checks.ts';
import type { Findings } from './schema-errors.ts';

/** Adds what is wrong with a value of any type. */
export function checkCombinations(checks: Checks, schema: GoMap, value: GoValue, path: Path, into: Findings): void {
  const any = each(checks, schema, 'anyOf', value, path);
  if (any.length > 0 && !any.some(fits)) {
    into.add(path, 'Must validate at least one schema (anyOf)');
    mergeNearest(any, into);
  }
  const one = each(checks, schema, 'oneOf', value, path);
  if (one.length > 0 && one.filter(fits).length !== 1) {
    into.add(path, 'Must validate one and only one schema (oneOf)');
    if (!one.some(fits)) mergeNearest(one, into);
  }
  const all = each(checks, schema, 'allOf', value, path);
  for (const findings of all) into.merge(findings);
  if (!all.every(fits)) into.add(path, 'Must validate all the schemas (allOf)');
  const not = schema.get('not');
  if (not !== undefined && fits(checks.apart(not, value, path))) into.add(path, 'Must not validate the schema (not)');
  if (value instanceof Map) checkDependencies(checks, schema, value, path, into);
  checkCondition(checks, schema, value, path, into);
  into.score++;
}

function each(checks: Checks, schema: GoMap, keyword: string, value: GoValue, path: Path): Findings[] {
  const list = schema.get(keyword);
  return Array.isArray(list) ? list.map((inner) => checks.apart(inner, value, path)) : [];
}

function checkDependencies(checks: Checks, schema: GoMap, value: GoMap, path: Path, into: Findings): void {
  const dependencies = schema.get('dependencies');
  if (!(dependencies instanceof Map)) return;
  for (const [key, dependency] of dependencies) {
    if (!value.has(key)) continue;
    if (!Array.isArray(dependency)) checks.check(dependency, value, path, into);
    else {
      for (const name of dependency) {
        if (typeof name === 'string' && !value.has(name)) into.add(path, `Has a dependency on ${name}`);
      }
    }
  }
}

function checkCondition(checks: Checks, schema: GoMap, value: GoValue, path: Path, into: Findings): void {
  const condition = checks.keyword(schema, 'if');
  if (condition === undefined) return;
  const branch = fits(checks.apart(condition, value, path)) ? 'then' : 'else';
  const then = schema.get(branch);
  if (then === undefined) return;
  const findings = checks.apart(then, value, path);
  if (fits(findings)) return;
  const reason = branch === 'then' ? '"if" was valid' : '"if" was not valid';
  into.add(path, `Must validate "${branch}" as ${reason}`);
  into.merge(findings);
}
