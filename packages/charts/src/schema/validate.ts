/**
 * JSON Schema as the library of Helm 3.17 checks it: drafts 4, 6 and 7 together, whatever `$schema` says,
 * with the words of that library. Keywords that it does not know are passed over.
 */

import { GoError, type GoMap, type GoValue, writeJson } from '@kubecrate/gotemplate';
import { findSchema } from './find-schema.ts';
import { fitsFormat } from './formats.ts';
import type { RegexTest } from './regex.ts';
import { type Finding, fieldName, SchemaError } from './schema-errors.ts';
import { checkNumber, checkText, jsonType, sameJson, TYPES } from './values.ts';

export interface SchemaContext {
  readonly root: GoValue;
  readonly matches: RegexTest;
  readonly warn: (message: string) => void;
}

/** How many values are held against how many schemas at most, and how deep. */
const MAX_STEPS = 2_000_000;
const MAX_DEPTH = 500;

/** What is wrong with the value; nothing where it fits. Throws `SchemaError`. */
export function validate(context: SchemaContext, value: GoValue): Finding[] {
  return new Validator(context).check(context.root, value, []);
}

class Validator {
  readonly #context: SchemaContext;
  readonly #foreign: Set<string> = new Set();
  readonly #found: Map<string, GoValue | undefined> = new Map();
  #steps = 0;
  #depth = 0;

  constructor(context: SchemaContext) {
    this.#context = context;
  }

  check(schema: GoValue, value: GoValue, path: readonly string[]): Finding[] {
    this.#steps++;
    if (this.#steps > MAX_STEPS || this.#depth > MAX_DEPTH) {
      throw new SchemaError('endless', 'the schema refers to itself without end, or is too large');
    }
    if (schema === true) return [];
    if (schema === false) return [finding(path, 'False always fails validation')];
    if (!(schema instanceof Map)) throw new SchemaError('invalid', 'schema must be of an object or a boolean');
    this.#depth++;
    const reference = schema.get('$ref');
    const findings =
      typeof reference === 'string'
        ? this.#checkReference(reference, value, path)
        : this.#checkSchema(schema, value, path);
    this.#depth--;
    return findings;
  }

  #checkReference(reference: string, value: GoValue, path: readonly string[]): Finding[] {
    if (!this.#found.has(reference)) this.#found.set(reference, findSchema(this.#context.root, reference));
    const schema = this.#found.get(reference);
    if (schema !== undefined) return this.check(schema, value, path);
    if (!this.#foreign.has(reference)) {
      this.#foreign.add(reference);
      this.#context.warn(
        `values.schema.json refers to ${reference}, which is not fetched: values there are not checked`,
      );
    }
    return [];
  }

  #checkSchema(schema: GoMap, value: GoValue, path: readonly string[]): Finding[] {
    const types = typesOf(schema);
    const type = jsonType(value);
    if (types.length > 0 && !types.includes(type) && !(type === 'integer' && types.includes('number'))) {
      return [finding(path, `Invalid type. Expected: ${types.join('/')}, given: ${type}`)];
    }
    const findings = [...this.#checkCombinations(schema, value, path), ...checkConstants(schema, value, path)];
    if (value instanceof Map) findings.push(...this.#checkObject(schema, value, path));
    else if (Array.isArray(value)) findings.push(...this.#checkList(schema, value, path));
    else if (typeof value === 'string') findings.push(...this.#checkText(schema, value, path));
    else if (typeof value === 'number' || typeof value === 'bigint') {
      for (const text of checkNumber(schema, Number(value))) findings.push(finding(path, text));
    }
    return findings;
  }

  #checkCombinations(schema: GoMap, value: GoValue, path: readonly string[]): Finding[] {
    const findings: Finding[] = [];
    const results = (keyword: string): Finding[][] | undefined =>
      schemasOf(schema, keyword)?.map((inner) => this.check(inner, value, path));
    const any = results('anyOf');
    if (any !== undefined && !any.some(fits)) {
      findings.push(finding(path, 'Must validate at least one schema (anyOf)'), ...shortest(any));
    }
    const one = results('oneOf');
    if (one !== undefined && one.filter(fits).length !== 1) {
      findings.push(finding(path, 'Must validate one and only one schema (oneOf)'));
      if (!one.some(fits)) findings.push(...shortest(one));
    }
    const all = results('allOf');
    if (all !== undefined && !all.every(fits)) {
      findings.push(...all.flat(), finding(path, 'Must validate all the schemas (allOf)'));
    }
    const not = schema.get('not');
    if (not !== undefined && fits(this.check(not, value, path))) {
      findings.push(finding(path, 'Must not validate the schema (not)'));
    }
    if (value instanceof Map) findings.push(...this.#checkDependencies(schema, value, path));
    return [...findings, ...this.#checkCondition(schema, value, path)];
  }

  #checkDependencies(schema: GoMap, value: GoMap, path: readonly string[]): Finding[] {
    const dependencies = schema.get('dependencies');
    if (!(dependencies instanceof Map)) return [];
    return [...dependencies].flatMap(([key, dependency]) => {
      if (!value.has(key)) return [];
      if (!Array.isArray(dependency)) return this.check(dependency, value, path);
      const missing = dependency.filter((name) => typeof name === 'string' && !value.has(name));
      return missing.map((name) => finding(path, `Has a dependency on ${name}`));
    });
  }

  #checkCondition(schema: GoMap, value: GoValue, path: readonly string[]): Finding[] {
    const condition = schema.get('if');
    if (condition === undefined) return [];
    const branch = fits(this.check(condition, value, path)) ? 'then' : 'else';
    const then = schema.get(branch);
    if (then === undefined) return [];
    const findings = this.check(then, value, path);
    if (fits(findings)) return [];
    const reason =
      branch === 'then' ? 'Must validate "then" as "if" was valid' : 'Must validate "else" as "if" was not valid';
    return [finding(path, reason), ...findings];
  }

  #checkObject(schema: GoMap, value: GoMap, path: readonly string[]): Finding[] {
    const findings: Finding[] = [];
    const min = numberOf(schema, 'minProperties');
    const max = numberOf(schema, 'maxProperties');
    if (min !== undefined && value.size < min) findings.push(finding(path, `Must have at least ${min} properties`));
    if (max !== undefined && value.size > max) findings.push(finding(path, `Must have at most ${max} properties`));
    const required = schema.get('required');
    if (Array.isArray(required)) {
      for (const name of required) {
        if (typeof name === 'string' && !value.has(name)) findings.push(finding(path, `${name} is required`));
      }
    }
    const names = schema.get('propertyNames');
    for (const [key, item] of [...value].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (names !== undefined && !fits(this.check(names, key, path))) {
        findings.push(finding(path, `Property name of "${key}" does not match`));
      }
      findings.push(...this.#checkProperty(schema, key, item, path));
    }
    return findings;
  }

  #checkProperty(schema: GoMap, key: string, value: GoValue, path: readonly string[]): Finding[] {
    const inner = [...path, key];
    const findings: Finding[] = [];
    const properties = schema.get('properties');
    const own = properties instanceof Map ? properties.get(key) : undefined;
    if (own !== undefined) findings.push(...this.check(own, value, inner));
    const patterns = schema.get('patternProperties');
    let matched = false;
    for (const [pattern, patternSchema] of patterns instanceof Map ? patterns : []) {
      if (!this.#matches(pattern, key, 'patternProperties')) continue;
      matched = true;
      findings.push(...this.check(patternSchema, value, inner));
    }
    const additional = schema.get('additionalProperties');
    if (own !== undefined || matched || additional === undefined || additional === true) return findings;
    if (additional === false) return [finding(path, `Additional property ${key} is not allowed`)];
    return [...findings, ...this.check(additional, value, inner)];
  }

  #checkList(schema: GoMap, value: readonly GoValue[], path: readonly string[]): Finding[] {
    const findings: Finding[] = [];
    const items = schema.get('items');
    const additional = schema.get('additionalItems');
    for (const [at, item] of value.entries()) {
      const place = [...path, String(at)];
      const itemSchema = Array.isArray(items) ? (items[at] ?? additional) : items;
      if (Array.isArray(items) && at >= items.length && additional === false) continue;
      if (itemSchema !== undefined) findings.push(...this.check(itemSchema, item, place));
    }
    if (Array.isArray(items) && additional === false && value.length > items.length) {
      findings.push(finding(path, 'No additional items allowed on array'));
    }
    const min = numberOf(schema, 'minItems');
    const max = numberOf(schema, 'maxItems');
    if (min !== undefined && value.length < min) findings.push(finding(path, `Array must have at least ${min} items`));
    if (max !== undefined && value.length > max) findings.push(finding(path, `Array must have at most ${max} items`));
    if (schema.get('uniqueItems') === true) findings.push(...this.#checkUnique(value, path));
    const contains = schema.get('contains');
    if (contains !== undefined && !value.some((item) => fits(this.check(contains, item, path)))) {
      findings.push(finding(path, 'At least one of the items must match'));
    }
    return findings;
  }

  #checkUnique(value: readonly GoValue[], path: readonly string[]): Finding[] {
    const seen = new Map<string, number>();
    return value.flatMap((item, at) => {
      const text = writeJson(item, { escape: 'none' });
      const first = seen.get(text);
      if (first === undefined) seen.set(text, at);
      return first === undefined ? [] : [finding(path, `array items[${first},${at}] must be unique`)];
    });
  }

  #checkText(schema: GoMap, value: string, path: readonly string[]): Finding[] {
    const findings = checkText(schema, value).map((text) => finding(path, text));
    const pattern = schema.get('pattern');
    if (typeof pattern === 'string' && !this.#matches(pattern, value, 'pattern')) {
      findings.push(finding(path, `Does not match pattern '${pattern}'`));
    }
    const format = schema.get('format');
    if (typeof format === 'string' && !fitsFormat(format, value)) {
      findings.push(finding(path, `Does not match format '${format}'`));
    }
    return findings;
  }

  #matches(pattern: string, text: string, keyword: string): boolean {
    try {
      return this.#context.matches(pattern, text);
    } catch (error) {
      if (!(error instanceof GoError)) throw error;
      throw new SchemaError('invalid', `${keyword} must be a valid regex`);
    }
  }
}

function checkConstants(schema: GoMap, value: GoValue, path: readonly string[]): Finding[] {
  const findings: Finding[] = [];
  const constant = schema.get('const');
  if (constant !== undefined && !sameJson(constant, value)) {
    findings.push(finding(path, `${fieldName(path)} does not match: ${writeJson(constant, { escape: 'html' })}`));
  }
  const allowed = schema.get('enum');
  if (Array.isArray(allowed) && !allowed.some((item) => sameJson(item, value))) {
    const list = allowed.map((item) => writeJson(item, { escape: 'html' })).join(', ');
    findings.push(finding(path, `${fieldName(path)} must be one of the following: ${list}`));
  }
  return findings;
}

function typesOf(schema: GoMap): string[] {
  const type = schema.get('type');
  const types = Array.isArray(type) ? type : type === undefined ? [] : [type];
  return types.map((name) => {
    if (typeof name === 'string' && TYPES.includes(name)) return name;
    throw new SchemaError(
      'invalid',
      `has a primitive type that is NOT VALID -- given: /${String(name)}/ Expected valid values are:[${TYPES.join(' ')}]`,
    );
  });
}

function schemasOf(schema: GoMap, keyword: string): readonly GoValue[] | undefined {
  const list = schema.get(keyword);
  return Array.isArray(list) ? list : undefined;
}

function numberOf(schema: GoMap, keyword: string): number | undefined {
  const value = schema.get(keyword);
  return typeof value === 'number' ? value : undefined;
}

function finding(path: readonly string[], text: string): Finding {
  return { field: fieldName(path), text };
}

function fits(findings: readonly Finding[]): boolean {
  return findings.length === 0;
}

/** Of several ways to fail, the one that says most briefly what is missing. */
function shortest(results: readonly Finding[][]): Finding[] {
  return results.reduce((best, next) => (next.length < best.length ? next : best), results[0] ?? []);
}
