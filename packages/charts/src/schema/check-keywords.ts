/** Keywords of a schema that hold no other schema: whether their values are what they should be. */

import { type GoMap, writeJson } from '@kubecrate/gotemplate';
import type { Draft } from './draft.ts';
import type { GoTests } from './go-tests.ts';
import { invalid, invalidType } from './schema-errors.ts';
import { TYPES } from './values.ts';

/** The names of types. Throws `SchemaError`. */
export function checkTypes(schema: GoMap): void {
  const type = schema.get('type');
  if (type === undefined) return;
  const names = Array.isArray(type) ? type : [type];
  if (names.some((name) => typeof name !== 'string')) throw invalidType('string/array of strings', 'type');
  const wrong = names.find((name) => typeof name !== 'string' || !TYPES.includes(name));
  if (wrong !== undefined) {
    const expected = `[${TYPES.join(' ')}]`;
    throw invalid(`has a primitive type that is NOT VALID -- given: /${wrong}/ Expected valid values are:${expected}`);
  }
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined) throw invalid(`${twice} type is duplicated`);
}

/** Everything but the types. Throws `SchemaError` for the first that is wrong. */
export function checkLimits(schema: GoMap, draft: Draft, go: GoTests): void {
  checkNumbers(schema, draft);
  checkPattern(schema, go);
  checkFormat(schema);
  checkLists(schema);
}

function checkNumbers(schema: GoMap, draft: Draft): void {
  const multiple = schema.get('multipleOf');
  if (multiple !== undefined && typeof multiple !== 'number') throw invalidType('number', 'multipleOf');
  if (typeof multiple === 'number' && multiple <= 0) throw invalid('multipleOf must be strictly greater than 0');
  checkBound(schema, draft, 'minimum', 'exclusiveMinimum');
  checkBound(schema, draft, 'maximum', 'exclusiveMaximum');
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
function checkBound(schema: GoMap, draft: Draft, keyword: string, exclusive: string): void {
  const bound = schema.get(keyword);
  if (bound !== undefined && typeof bound !== 'number') throw invalid(`${keyword} must be of a number`);
  const value = schema.get(exclusive);
  if (value === undefined) return;
  const expected = draft === 4 ? ['boolean'] : draft === 'any' ? ['boolean', 'number'] : ['number'];
  if (!expected.includes(typeof value)) throw invalidType(expected.join('/'), exclusive);
  if (typeof value === 'boolean' && bound === undefined)
    throw invalid(`${exclusive} cannot be used without ${keyword}`);
}

function checkPattern(schema: GoMap, go: GoTests): void {
  const pattern = schema.get('pattern');
  if (pattern === undefined) return;
  if (typeof pattern !== 'string') throw invalid('pattern must be of a string');
  if (!go.isRegex(pattern)) throw invalid('pattern must be a valid regex');
}

function checkFormat(schema: GoMap): void {
  const format = schema.get('format');
  if (format !== undefined && typeof format !== 'string') throw invalid('format must be of type string');
}

function checkLists(schema: GoMap): void {
  const required = schema.get('required');
  if (required !== undefined && !Array.isArray(required)) throw invalid('required must be of an array');
  for (const [at, name] of (required ?? []).entries()) {
    if (typeof name !== 'string') throw invalid('required items must be string');
    if (required?.indexOf(name) !== at) throw invalid('required items must be unique');
  }
  const allowed = schema.get('enum');
  if (allowed !== undefined && !Array.isArray(allowed)) throw invalid('enum must be of an array');
  const texts = (allowed ?? []).map((item) => writeJson(item, { escape: 'none' }));
  if (new Set(texts).size < texts.length) throw invalid('enum items must be unique');
}

const COUNTS = ['minLength', 'maxLength', 'minProperties', 'maxProperties', 'minItems', 'maxItems'];
const RANGES = [
  ['minLength', 'maxLength'],
  ['minProperties', 'maxProperties'],
] as const;
