/**
 * JSON Schema as the library of Helm 3.17 checks it: drafts 4, 6 and 7, with the words of that library and in its order,
 * where it has one. Keywords that it does not know are passed over.
 */

import { type GoMap, type GoValue, writeJson } from '@kubecrate/gotemplate';
import { checkSchema } from './check-schema.ts';
import { type Draft, draftOf, isUnknownTo } from './draft.ts';
import { findSchema } from './find-schema.ts';
import { fitsFormat } from './formats.ts';
import type { GoTests } from './go-tests.ts';
import { type Finding, Findings, fieldName, SchemaError } from './schema-errors.ts';
import { checkNumber, checkText, jsonType, sameJson } from './values.ts';

export interface SchemaContext {
  readonly root: GoValue;
  readonly go: GoTests;
  readonly warn: (message: string) => void;
}

/** How many values are held against how many schemas at most, and how deep. */
const MAX_STEPS = 2_000_000;
const MAX_DEPTH = 500;

type Path = readonly string[];

/** What is wrong with the value; nothing where it fits. Throws `SchemaError`. */
export function validate(context: SchemaContext, value: GoValue): readonly Finding[] {
  const draft = draftOf(context.root);
  checkSchema(context.root, draft, context.go);
  const findings = new Findings();
  new Validator(context, draft).check(context.root, value, [], findings);
  return findings.list;
}

class Validator {
  readonly #context: SchemaContext;
  readonly #draft: Draft;
  readonly #foreign: Set<string> = new Set();
  readonly #found: Map<string, GoValue | undefined> = new Map();
  #steps = 0;
  #depth = 0;

  constructor(context: SchemaContext, draft: Draft) {
    this.#context = context;
    this.#draft = draft;
  }

  check(schema: GoValue, value: GoValue, path: Path, into: Findings): void {
    this.#steps++;
    if (this.#steps > MAX_STEPS || this.#depth > MAX_DEPTH) {
      throw new SchemaError('endless', 'the schema refers to itself without end, or is too large');
    }
    if (schema === false) into.add(path, 'False always fails validation');
    if (!(schema instanceof Map)) return;
    this.#depth++;
    const reference = schema.get('$ref');
    if (typeof reference === 'string') {
      const target = this.#follow(reference);
      if (target !== undefined) this.check(target, value, path, into);
    } else this.#checkSchema(schema, value, path, into);
    this.#depth--;
  }

  /** As `check`, apart from everything else. */
  #try(schema: GoValue, value: GoValue, path: Path): Findings {
    const findings = new Findings();
    this.check(schema, value, path, findings);
    return findings;
  }

  #follow(reference: string): GoValue | undefined {
    if (!this.#found.has(reference)) this.#found.set(reference, findSchema(this.#context.root, reference));
    const schema = this.#found.get(reference);
    if (schema === undefined && !this.#foreign.has(reference)) {
      this.#foreign.add(reference);
      this.#context.warn(
        `values.schema.json refers to ${reference}, which is not fetched: values there are not checked`,
      );
    }
    return schema;
  }

  #keyword(schema: GoMap, keyword: string): GoValue | undefined {
    return isUnknownTo(this.#draft, keyword) ? undefined : schema.get(keyword);
  }

  #checkSchema(schema: GoMap, value: GoValue, path: Path, into: Findings): void {
    const types = typesOf(schema);
    const type = jsonType(value);
    if (types.length > 0 && !types.includes(type) && !(type === 'integer' && types.includes('number'))) {
      const expected = types.length > 1 ? `[${types.join(',')}]` : types[0];
      into.add(path, `Invalid type. Expected: ${expected}, given: ${type}`);
      return;
    }
    this.#checkCombinations(schema, value, path, into);
    if (value instanceof Map) this.#checkObject(schema, value, path, into);
    else if (Array.isArray(value)) this.#checkList(schema, value, path, into);
    else if (typeof value === 'number' || typeof value === 'bigint') {
      for (const text of checkNumber(schema, Number(value))) into.add(path, text);
      this.#checkFormat(schema, value, path, into);
      into.score++;
    }
    this.#checkConstants(schema, value, path, into);
    if (typeof value === 'string') this.#checkText(schema, value, path, into);
    if (value instanceof Map) this.#checkProperties(schema, value, path, into);
    into.score++;
  }

  #checkCombinations(schema: GoMap, value: GoValue, path: Path, into: Findings): void {
    const any = this.#each(schema, 'anyOf', value, path);
    if (any.length > 0 && !any.some(fits)) {
      into.add(path, 'Must validate at least one schema (anyOf)');
      mergeNearest(any, into);
    }
    const one = this.#each(schema, 'oneOf', value, path);
    if (one.length > 0 && one.filter(fits).length !== 1) {
      into.add(path, 'Must validate one and only one schema (oneOf)');
      if (!one.some(fits)) mergeNearest(one, into);
    }
    const all = this.#each(schema, 'allOf', value, path);
    for (const findings of all) into.merge(findings);
    if (!all.every(fits)) into.add(path, 'Must validate all the schemas (allOf)');
    const not = schema.get('not');
    if (not !== undefined && fits(this.#try(not, value, path))) into.add(path, 'Must not validate the schema (not)');
    if (value instanceof Map) this.#checkDependencies(schema, value, path, into);
    this.#checkCondition(schema, value, path, into);
    into.score++;
  }

  #each(schema: GoMap, keyword: string, value: GoValue, path: Path): Findings[] {
    const list = schema.get(keyword);
    return Array.isArray(list) ? list.map((inner) => this.#try(inner, value, path)) : [];
  }

  #checkDependencies(schema: GoMap, value: GoMap, path: Path, into: Findings): void {
    const dependencies = schema.get('dependencies');
    if (!(dependencies instanceof Map)) return;
    for (const [key, dependency] of dependencies) {
      if (!value.has(key)) continue;
      if (!Array.isArray(dependency)) this.check(dependency, value, path, into);
      else {
        for (const name of dependency) {
          if (typeof name === 'string' && !value.has(name)) into.add(path, `Has a dependency on ${name}`);
        }
      }
    }
  }

  #checkCondition(schema: GoMap, value: GoValue, path: Path, into: Findings): void {
    const condition = this.#keyword(schema, 'if');
    if (condition === undefined) return;
    const branch = fits(this.#try(condition, value, path)) ? 'then' : 'else';
    const then = schema.get(branch);
    if (then === undefined) return;
    const findings = this.#try(then, value, path);
    if (fits(findings)) return;
    const reason = branch === 'then' ? '"if" was valid' : '"if" was not valid';
    into.add(path, `Must validate "${branch}" as ${reason}`);
    into.merge(findings);
  }

  #checkObject(schema: GoMap, value: GoMap, path: Path, into: Findings): void {
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
    for (const key of keys) this.#checkAdditional(schema, key, value.get(key) ?? null, path, into);
    const names = this.#keyword(schema, 'propertyNames');
    for (const key of names === undefined ? [] : keys) {
      const findings = this.#try(names ?? null, key, path);
      if (fits(findings)) continue;
      into.add(path, `Property name of "${key}" does not match`);
      into.merge(findings);
    }
    into.score++;
  }

  /** What patterns say of a property, or, where neither they nor `properties` know it, what is said of all others. */
  #checkAdditional(schema: GoMap, key: string, value: GoValue, path: Path, into: Findings): void {
    const properties = schema.get('properties');
    const patterns = schema.get('patternProperties');
    let matched = false;
    for (const [pattern, inner] of patterns instanceof Map ? patterns : []) {
      if (!this.#context.go.matches(pattern, key)) continue;
      matched = true;
      into.merge(this.#try(inner, value, [...path, key]));
    }
    if (matched) into.score++;
    if (matched || (properties instanceof Map && properties.has(key))) return;
    const additional = schema.get('additionalProperties');
    if (additional === false) into.add(path, `Additional property ${key} is not allowed`);
    else if (additional instanceof Map) into.merge(this.#try(additional, value, [...path, key]));
  }

  #checkProperties(schema: GoMap, value: GoMap, path: Path, into: Findings): void {
    const properties = schema.get('properties');
    if (!(properties instanceof Map)) return;
    for (const key of [...value.keys()].sort()) {
      const inner = properties.get(key);
      if (inner !== undefined) this.check(inner, value.get(key) ?? null, [...path, key], into);
    }
  }

  #checkList(schema: GoMap, value: readonly GoValue[], path: Path, into: Findings): void {
    const items = schema.get('items');
    const additional = schema.get('additionalItems');
    const tuple = Array.isArray(items) && items.length > 0 ? items : undefined;
    for (const [at, item] of value.entries()) {
      const inner = tuple === undefined ? items : (tuple[at] ?? additional);
      if (
        inner === undefined ||
        Array.isArray(inner) ||
        (tuple !== undefined && at >= tuple.length && inner === false)
      ) {
        continue;
      }
      into.merge(this.#try(inner, item, [...path, String(at)]));
    }
    if (tuple !== undefined && additional === false && value.length > tuple.length) {
      into.add(path, 'No additional items allowed on array');
    }
    const min = numberOf(schema, 'minItems');
    const max = numberOf(schema, 'maxItems');
    if (min !== undefined && value.length < min) into.add(path, `Array must have at least ${min} items`);
    if (max !== undefined && value.length > max) into.add(path, `Array must have at most ${max} items`);
    if (schema.get('uniqueItems') === true) checkUnique(value, path, into);
    this.#checkContains(schema, value, path, into);
    into.score++;
  }

  #checkContains(schema: GoMap, value: readonly GoValue[], path: Path, into: Findings): void {
    const contains = this.#keyword(schema, 'contains');
    if (contains === undefined) return;
    const results: Findings[] = [];
    for (const [at, item] of value.entries()) {
      const findings = this.#try(contains, item, [...path, String(at)]);
      if (fits(findings)) return;
      results.push(findings);
    }
    into.add(path, 'At least one of the items must match');
    mergeNearest(results, into);
  }

  #checkConstants(schema: GoMap, value: GoValue, path: Path, into: Findings): void {
    const constant = this.#keyword(schema, 'const');
    if (constant !== undefined && !sameJson(constant, value)) {
      into.add(path, `${fieldName(path)} does not match: ${writeJson(constant, { escape: 'html' })}`);
    }
    const allowed = schema.get('enum');
    if (Array.isArray(allowed) && allowed.length > 0 && !allowed.some((item) => sameJson(item, value))) {
      const list = allowed.map((item) => writeJson(item, { escape: 'html' })).join(', ');
      into.add(path, `${fieldName(path)} must be one of the following: ${list}`);
    }
    into.score++;
  }

  #checkText(schema: GoMap, value: string, path: Path, into: Findings): void {
    for (const text of checkText(schema, value)) into.add(path, text);
    const pattern = schema.get('pattern');
    if (typeof pattern === 'string' && !this.#context.go.matches(pattern, value)) {
      into.add(path, `Does not match pattern '${pattern}'`);
    }
    this.#checkFormat(schema, value, path, into);
    into.score++;
  }

  #checkFormat(schema: GoMap, value: GoValue, path: Path, into: Findings): void {
    const format = schema.get('format');
    if (typeof format === 'string' && !fitsFormat(format, value, this.#context.go))
      into.add(path, `Does not match format '${format}'`);
  }
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

function typesOf(schema: GoMap): GoValue[] {
  const type = schema.get('type');
  return Array.isArray(type) ? type : type === undefined ? [] : [type];
}

function numberOf(schema: GoMap, keyword: string): number | undefined {
  const value = schema.get(keyword);
  return typeof value === 'number' ? value : undefined;
}

function fits(findings: Findings): boolean {
  return findings.fit;
}

/** Of several ways to fail, what the one says that came nearest. */
function mergeNearest(results: readonly Findings[], into: Findings): void {
  const [first, ...others] = results;
  if (first === undefined) return;
  into.merge(others.reduce((best, next) => (next.score > best.score ? next : best), first));
}
