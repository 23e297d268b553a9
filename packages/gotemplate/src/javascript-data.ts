/** Data of JavaScript as values of Go, and back. */

import { GoError, type GoValue, Typed, underlying } from './value.ts';

/**
 * Data of JSON or of a JavaScript program as Go values: numbers are float64 (as Go reads JSON and YAML), objects are maps of
 * their own enumerable keys, `undefined` is nil. Maps, bytes, bigints and `Typed` values stay what they are.
 */
export function toGo(data: unknown): GoValue {
  if (data === null || data === undefined) return null;
  switch (typeof data) {
    case 'string':
    case 'boolean':
    case 'number':
    case 'bigint':
      return data;
    case 'object':
      break;
    default:
      throw new GoError(`cannot give a template a value of type ${typeof data}`);
  }
  if (data instanceof Typed || data instanceof Uint8Array) return data;
  if (Array.isArray(data)) return data.map(toGo);
  if (data instanceof Map) return new Map([...data].map(([key, value]) => [String(key), toGo(value)]));
  return new Map(Object.entries(data).map(([key, value]) => [key, toGo(value)]));
}

/** A value as plain JavaScript data: integers as numbers where they fit exactly, else as bigint; maps as null-prototype objects. */
export function fromGo(value: GoValue): unknown {
  const plain = underlying(value);
  if (typeof plain === 'bigint') return Number.isSafeInteger(Number(plain)) ? Number(plain) : plain;
  if (Array.isArray(plain)) return plain.map(fromGo);
  if (!(plain instanceof Map)) return plain;
  const object: Record<string, unknown> = Object.create(null);
  for (const [key, item] of plain) object[key] = fromGo(item);
  return object;
}
