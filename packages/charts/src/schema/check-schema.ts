/** A schema as such: the library of Helm 3.17 refuses a wrong one before it looks at any value. */

import type { GoMap, GoValue } from '@kubecrate/gotemplate';
import { checkLimits, checkTypes } from './check-keywords.ts';
import { type Draft, isUnknownTo } from './draft.ts';
import { findSchema } from './find-schema.ts';
import type { GoTests } from './go-tests.ts';
import { invalid, invalidType, type SchemaError } from './schema-errors.ts';

/** Throws `SchemaError` for the first thing that is wrong with a schema, or with one that it refers to. */
export function checkSchema(root: GoValue, draft: Draft, go: GoTests): void {
  new SchemaCheck(root, draft, go).check(root);
}

class SchemaCheck {
  readonly #root: GoValue;
  readonly #draft: Draft;
  readonly #go: GoTests;
  readonly #seen: Set<GoValue> = new Set();

  constructor(root: GoValue, draft: Draft, go: GoTests) {
    this.#root = root;
    this.#draft = draft;
    this.#go = go;
  }

  check(schema: GoValue): void {
    if (schema instanceof Map || typeof schema === 'boolean') this.#check(schema);
    else throw invalid('schema is invalid');
  }

  #check(schema: GoValue): void {
    if (typeof schema === 'boolean' && this.#draft !== 4) return;
    if (!(schema instanceof Map)) throw notASchema();
    if (this.#seen.has(schema)) return;
    this.#seen.add(schema);
    this.#definitions(schema);
    for (const keyword of ['title', 'description', '$ref']) {
      const text = schema.get(keyword);
      if (text !== undefined && typeof text !== 'string') throw invalidType('string', keyword);
    }
    const reference = schema.get('$ref');
    if (typeof reference === 'string') {
      const target = findSchema(this.#root, reference);
      if (target !== undefined) this.#check(target);
      return;
    }
    checkTypes(schema);
    this.#schemas(schema);
    checkLimits(schema, this.#draft, this.#go);
    this.#combinations(schema);
  }

  #definitions(schema: GoMap): void {
    const definitions = schema.get('definitions');
    if (definitions === undefined) return;
    const wrong = invalidType('array of schemas', 'definitions');
    if (!(definitions instanceof Map)) throw wrong;
    for (const inner of definitions.values()) {
      if (!isSchema(inner)) throw wrong;
      this.#check(inner);
    }
  }

  #schemas(schema: GoMap): void {
    this.#all(schema, 'properties');
    this.#one(schema, 'additionalProperties', () => invalidType('boolean/valid schema', 'additionalProperties'));
    this.#patternProperties(schema);
    // The library names another keyword here.
    this.#one(schema, 'propertyNames', () => invalidType('valid schema', 'patternProperties'));
    this.#dependencies(schema);
    const items = schema.get('items');
    for (const item of Array.isArray(items) ? items : items === undefined ? [] : [items]) {
      if (!isSchema(item)) throw invalidType('valid schema/array of schemas', 'items');
      this.#check(item);
    }
    this.#one(schema, 'additionalItems', () => invalidType('boolean/valid schema', 'additionalItems'));
    this.#one(schema, 'contains', notASchema);
  }

  #patternProperties(schema: GoMap): void {
    const patterns = schema.get('patternProperties');
    if (patterns === undefined) return;
    if (!(patterns instanceof Map)) throw invalidType('valid schema', 'patternProperties');
    for (const pattern of patterns.keys()) {
      if (!this.#go.isRegex(pattern)) throw invalid(`Invalid regex pattern '${pattern}'`);
    }
    this.#all(schema, 'patternProperties');
  }

  #dependencies(schema: GoMap): void {
    const dependencies = schema.get('dependencies');
    if (dependencies === undefined) return;
    if (!(dependencies instanceof Map)) throw invalid('dependencies must be of type object');
    for (const dependency of dependencies.values()) if (!Array.isArray(dependency)) this.#check(dependency);
  }

  #combinations(schema: GoMap): void {
    for (const [keyword, named] of COMBINATIONS) {
      const list = schema.get(keyword);
      if (list !== undefined && !Array.isArray(list)) throw invalid(`${named} must be of an array`);
      for (const inner of list ?? []) this.#check(inner);
    }
    for (const keyword of ['not', 'if', 'then', 'else']) {
      this.#one(schema, keyword, () => invalid(`${keyword} must be of an object`));
    }
  }

  /** The schemas in a map. */
  #all(schema: GoMap, keyword: string): void {
    const map = schema.get(keyword);
    if (map === undefined) return;
    if (!(map instanceof Map)) throw invalid(`${keyword} must be of type object`);
    for (const inner of map.values()) this.#check(inner);
  }

  #one(schema: GoMap, keyword: string, wrong: () => SchemaError): void {
    const inner = isUnknownTo(this.#draft, keyword) ? undefined : schema.get(keyword);
    if (inner === undefined) return;
    if (typeof inner === 'boolean' && keyword.startsWith('additional')) return;
    if (!isSchema(inner)) throw wrong();
    this.#check(inner);
  }
}

/** The lists of schemas, and what the library calls them. */
const COMBINATIONS = [
  ['oneOf', 'oneOf'],
  ['anyOf', 'anyOf'],
  ['allOf', 'anyOf'],
] as const;

function isSchema(value: GoValue): boolean {
  return value instanceof Map || typeof value === 'boolean';
}

function notASchema(): SchemaError {
  return invalid('Expected: valid schema, given: Invalid JSON');
}
