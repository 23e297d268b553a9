/**
 * JSON Schema as the library of Helm 3.17 checks it: drafts 4, 6 and 7, with the words of that library and in its order,
 * where it has one. Keywords that it does not know are passed over.
 */

import { type GoMap, type GoValue, writeJson } from '@kubecrate/gotemplate';
import { checkCombinations } from './check-combinations.ts';
import { checkList } from './check-list.ts';
import { checkObject, checkProperties } from './check-object.ts';
import { checkSchema } from './check-schema.ts';
import type { Checks, Path } from './checks.ts';
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

/** What is wrong with the value; nothing where it fits. Throws `SchemaError`. */
export function validate(context: SchemaContext, value: GoValue): readonly Finding[] {
  const draft = draftOf(context.root);
  checkSchema(context.root, draft, context.go);
  const findings = new Findings();
  new Validator(context, draft).check(context.root, value, [], findings);
  return findings.list;
}

class Validator implements Checks {
  readonly go: GoTests;
  readonly #context: SchemaContext;
  readonly #draft: Draft;
  readonly #foreign: Set<string> = new Set();
  readonly #found: Map<string, GoValue | undefined> = new Map();
  #steps = 0;
  #depth = 0;

  constructor(context: SchemaContext, draft: Draft) {
    this.go = context.go;
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
  apart(schema: GoValue, value: GoValue, path: Path): Findings {
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

  keyword(schema: GoMap, keyword: string): GoValue | undefined {
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
    checkCombinations(this, schema, value, path, into);
    if (value instanceof Map) checkObject(this, schema, value, path, into);
    else if (Array.isArray(value)) checkList(this, schema, value, path, into);
    else if (typeof value === 'number' || typeof value === 'bigint') {
      for (const text of checkNumber(schema, Number(value))) into.add(path, text);
      this.#checkFormat(schema, value, path, into);
      into.score++;
    }
    this.#checkConstants(schema, value, path, into);
    if (typeof value === 'string') this.#checkText(schema, value, path, into);
    if (value instanceof Map) checkProperties(this, schema, value, path, into);
    into.score++;
  }

  #checkConstants(schema: GoMap, value: GoValue, path: Path, into: Findings): void {
    const constant = this.keyword(schema, 'const');
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
    if (typeof pattern === 'string' && !this.go.matches(pattern, value)) {
      into.add(path, `Does not match pattern '${pattern}'`);
    }
    this.#checkFormat(schema, value, path, into);
    into.score++;
  }

  #checkFormat(schema: GoMap, value: GoValue, path: Path, into: Findings): void {
    const format = schema.get('format');
    if (typeof format === 'string' && !fitsFormat(format, value, this.go))
      into.add(path, `Does not match format '${format}'`);
  }
}

function typesOf(schema: GoMap): GoValue[] {
  const type = schema.get('type');
  return Array.isArray(type) ? type : type === undefined ? [] : [type];
}
