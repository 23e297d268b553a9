/** Values as Go's `encoding/json` sees them: what every writer of JSON, YAML and TOML starts from. */

import { type Budget, GoError, type GoValue, type Typed } from '@kubecrate/gotemplate';
import type { YamlValue } from '../yaml/emit.ts';
import { toValidText } from './valid-text.ts';

/** A value of JSON; integers are bigint, so that they are written as they are. */
export type JsonValue = YamlValue;

/** Values nested deeper than this contain themselves, or are made to end the stack; Go's own check begins at 1,000. */
const MAX_DEPTH = 300;

/** The JSON value of a template value. Throws `GoError` with the words of `encoding/json` where there is none. */
export function jsonValue(value: GoValue, budget: Budget): JsonValue {
  return convert(value, budget, 0);
}

function convert(value: GoValue, budget: Budget, depth: number): JsonValue {
  budget.step();
  if (depth > MAX_DEPTH) throw new GoError('json: unsupported value: encountered a cycle via map[string]interface {}');
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return value;
  if (typeof value === 'number') return finite(value);
  if (typeof value === 'string') return toValidText(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map((item) => convert(item, budget, depth + 1));
  if (value instanceof Map) return convertMap(value, budget, depth);
  return convertTyped(value, budget, depth);
}

function convertTyped(value: Typed, budget: Budget, depth: number): JsonValue {
  const { type, value: plain } = value;
  if (type.encoded !== undefined) return convert(type.encoded(value), budget, depth + 1);
  if (type.kind === 'func') throw new GoError(`json: unsupported type: ${type.name}`);
  return convert(plain, budget, depth);
}

function convertMap(map: ReadonlyMap<string, GoValue>, budget: Budget, depth: number): JsonValue {
  const object = new Map<string, JsonValue>();
  for (const [key, item] of map) object.set(toValidText(key), convert(item, budget, depth + 1));
  return object;
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  const text = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  throw new GoError(`json: unsupported value: ${text}`);
}
