/** The drafts of JSON Schema that differ for Helm 3.17: which keywords a schema has depends on its `$schema`. */

import type { GoValue } from '@kubecrate/gotemplate';
import { SchemaError } from './schema-errors.ts';

/** `any` is where `$schema` is absent, or names another draft: everything is understood then. */
export type Draft = 4 | 6 | 7 | 'any';

/** The draft that a whole schema is read by. Throws `SchemaError`. */
export function draftOf(root: GoValue): Draft {
  const name = root instanceof Map ? root.get('$schema') : undefined;
  if (name === undefined) return 'any';
  if (typeof name !== 'string') throw new SchemaError('invalid', '$schema must be of type string');
  return DRAFTS.get(name.replace(/#$/, '')) ?? 'any';
}

/** True where the draft has no such keyword. */
export function isUnknownTo(draft: Draft, keyword: string): boolean {
  return draft !== 'any' && draft < (SINCE.get(keyword) ?? 4);
}

const DRAFTS: ReadonlyMap<string, Draft> = new Map([
  ['http://json-schema.org/draft-04/schema', 4],
  ['http://json-schema.org/draft-06/schema', 6],
  ['http://json-schema.org/draft-07/schema', 7],
]);

const SINCE: ReadonlyMap<string, number> = new Map([
  ['const', 6],
  ['contains', 6],
  ['propertyNames', 6],
  ['if', 7],
  ['then', 7],
  ['else', 7],
]);
