/** A schema as such: the library of Helm 3.17 refuses a wrong one before it looks at any value. */

import type { GoMap, GoValue } from '@kubecrate/gotemplate';
import { type Draft, isUnknownTo } from './draft.ts';
import { findSchema } from './find-schema.ts';
import type { GoTests } from './go-tests.ts';
import { SchemaError } from './schema-errors.ts';
import { TYPES } from './values.ts';

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
    if (typeof schema === 'boolean' && this.#draft !== 4) return;
    if (!(schema instanceof Map)) throw invalid('Expected: valid schema, given: Invalid JSON');
    if (this.#seen.has(schema)) return;
    this.#seen.add(schema);
    this.#all(schema, 'definitions');
    const reference = schema.get('$ref');
    if (typeof reference === 'string') {
      const target = findSchema(this.#root, reference);
      if (target !== undefined) this.check(target);
      return;
    }
    this.#types(schema);
    this.#schemas(schema);
    this.#numbers(schema);
    this.#pattern(schema);
    this.#lists(schema);
  }

  #types(schema: GoMap): void {
    const type = schema.get('type');
    if (type === undefined) return;
    const names = Array.isArray(type) ? type : [type];
    if (names.some((name) => typeof name !== 'string')) throw invalidType('string/array of strings', 'type');
    const wrong = names.find((name) => typeof name !== 'string' || !TYPES.includes(name));
    if (wrong !== undefined) {
      const expected = `[${TYPES.join(' ')}]`;
      throw invalid(
        `has a primitive type that is NOT VALID -- given: /${wrong}/ Expected valid values are:${expected}`,
      );
    }
    const twice = names.find((name, at) => names.indexOf(name) < at);
    if (twice !== undefined) throw invalid(`${twice} type is duplicated`);
  }

  #schemas(schema: GoMap): void {
    this.#all(schema, 'properties');
    this.#one(schema, 'additionalProperties');
    const patterns = schema.get('patternProperties');
    for (const pattern of patterns instanceof Map ? patterns.keys() : []) {
      if (!this.#go.isRegex(pattern)) throw invalid(`Invalid regex pattern '${pattern}'`);
    }
    this.#all(schema, 'patternProperties');
    this.#one(schema, 'propertyNames');
    const dependencies = schema.get('dependencies');
    for (const dependency of dependencies instanceof Map ? dependencies.values() : []) {
      if (!Array.isArray(dependency)) this.check(dependency);
    }
    const items = schema.get('items');
    for (const item of Array.isArray(items) ? items : items === undefined ? [] : [items]) this.check(item);
    for (const keyword of ['additionalItems', 'contains', 'not', 'if', 'then', 'else']) this.#one(schema, keyword);
    for (const keyword of ['oneOf', 'anyOf', 'allOf']) {
      const list = schema.get(keyword);
      if (list !== undefined && !Array.isArray(list)) throw invalid(`${keyword} must be of an array`);
      for (const inner of list ?? []) this.check(inner);
    }
  }

  /** The schemas in a map. */
  #all(schema: GoMap, keyword: string): void {
    const map = schema.get(keyword);
    if (map === undefined) return;
    if (!(map instanceof Map)) throw invalid(`${keyword} must be of type object`);
    for (const inner of map.values()) this.check(inner);
  }

  #one(schema: GoMap, keyword: string): void {
    const inner = isUnknownTo(this.#draft, keyword) ? undefined : schema.get(keyword);
    if (inner === undefined) return;
    if (typeof inner === 'boolean' && keyword.startsWith('additional')) return;
    this.check(inner);
  }

  #numbers(schema: GoMap): void {
    const multiple = schema.get('multipleOf');
    if (multiple !== undefined && typeof multiple !== 'number') throw invalidType('number', 'multipleOf');
    if (typeof multiple === 'number' && multiple <= 0) throw invalid('multipleOf must be strictly greater than 0');
    this.#bound(schema, 'minimum', 'exclusiveMinimum');
    this.#bound(schema, 'maximum', 'exclusiveMaximum');
    for (const keyword of COUNTS) {
      const count = schema.get(keyword);
      if (count === undefined) continue;
      if (typeof count !== 'number' || !Number.isInteger(count)) throw invalid(`${keyword} must be of an integer`);
      if (count < 0) throw invalid(`${keyword} must be greater than or equal to 0`);
    }
    for (const [min, max] of RANGES) {
      if (Number(schema.get(min) ?? 0) > Number(schema.get(max) ?? Number.POSITIVE_INFINITY)) {
        throw invalid(`${min} cannot be greater than ${max}`);
      }
    }
  }

  /** In draft 4 an exclusive bound is a switch for the other one, in drafts 6 and 7 a number. */
  #bound(schema: GoMap, keyword: string, exclusive: string): void {
    const bound = schema.get(keyword);
    if (bound !== undefined && typeof bound !== 'number') throw invalid(`${keyword} must be of a number`);
    const value = schema.get(exclusive);
    if (value === undefined) return;
    const expected = this.#draft === 4 ? ['boolean'] : this.#draft === 'any' ? ['boolean', 'number'] : ['number'];
    if (!expected.includes(typeof value)) throw invalidType(expected.join('/'), exclusive);
    if (typeof value === 'boolean' && bound === undefined)
      throw invalid(`${exclusive} cannot be used without ${keyword}`);
  }

  #pattern(schema: GoMap): void {
    const pattern = schema.get('pattern');
    if (pattern === undefined) return;
    if (typeof pattern !== 'string') throw invalid('pattern must be of a string');
    if (!this.#go.isRegex(pattern)) throw invalid('pattern must be a valid regex');
  }

  #lists(schema: GoMap): void {
    const required = schema.get('required');
    if (required !== undefined && !Array.isArray(required)) throw invalid('required must be of an array');
    for (const [at, name] of (required ?? []).entries()) {
      if (typeof name !== 'string') throw invalid('required items must be string');
      if (required?.indexOf(name) !== at) throw invalid('required items must be unique');
    }
    const allowed = schema.get('enum');
    if (allowed !== undefined && !Array.isArray(allowed)) throw invalid('enum must be of an array');
  }
}

const COUNTS = ['minLength', 'maxLength', 'minProperties', 'maxProperties', 'minItems', 'maxItems'];
const RANGES = [
  ['minLength', 'maxLength'],
  ['minProperties', 'maxProperties'],
] as const;

function invalid(message: string): SchemaError {
  return new SchemaError('invalid', message);
}

function invalidType(expected: string, keyword: string): SchemaError {
  return invalid(`Invalid type. Expected: ${expected}, given: ${keyword}`);
}
