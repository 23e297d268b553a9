/** sprig's functions of dictionaries. */

import { GoError, type GoFunction, type GoMap, type GoValue, stringSlice, typeName } from '../value.ts';
import { mapOf, ofAll, textOf } from './arguments.ts';
import { textFrom } from './convert.ts';
import { deepCopy } from './copy.ts';
import { mergeInto } from './merge.ts';

const MAP = 'map[string]interface {}';

export const DICT_FUNCTIONS: ReadonlyMap<string, GoFunction> = new Map<string, GoFunction>([
  ['dict', ofAll(dict)],
  [
    'get',
    { params: [MAP, 'string'], run: ([map, key]) => mapOf(map).get(textOf(key)) ?? absent(mapOf(map), textOf(key)) },
  ],
  [
    'set',
    { params: [MAP, 'string', 'interface {}'], run: ([map = null, key, value = null]) => set(map, textOf(key), value) },
  ],
  ['unset', { params: [MAP, 'string'], run: ([map = null, key]) => unset(map, textOf(key)) }],
  ['hasKey', { params: [MAP, 'string'], run: ([map, key]) => mapOf(map).has(textOf(key)) }],
  ['pluck', { params: ['string'], variadic: MAP, run: ([key, ...maps]) => pluck(textOf(key), maps.map(mapOf)) }],
  ['keys', { params: [], variadic: MAP, run: (maps) => stringSlice(maps.flatMap((map) => [...mapOf(map).keys()])) }],
  ['values', { params: [MAP], run: ([map]) => [...mapOf(map).values()] }],
  ['pick', { params: [MAP], variadic: 'string', run: ([map, ...keys]) => pick(mapOf(map), keys.map(textOf)) }],
  ['omit', { params: [MAP], variadic: 'string', run: ([map, ...keys]) => omit(mapOf(map), keys.map(textOf)) }],
  ['dig', ofAll(dig)],
  ...['merge', 'mustMerge'].map((name) => [name, merging('fill')] as const),
  ...['mergeOverwrite', 'mustMergeOverwrite'].map((name) => [name, merging('overwrite')] as const),
  ...['deepCopy', 'mustDeepCopy'].map(
    (name) =>
      [name, { params: ['interface {}'], run: ([value = null], call) => deepCopy(value, call) }] as [
        string,
        GoFunction,
      ],
  ),
]);

function dict(values: readonly GoValue[]): GoMap {
  const map: GoMap = new Map();
  for (let at = 0; at < values.length; at += 2) {
    const value = values[at + 1];
    map.set(textFrom(values[at] ?? null), value === undefined ? '' : value);
  }
  return map;
}

/** A key that is there with nil is nil; one that is not there is an empty string. */
function absent(map: GoMap, key: string): GoValue {
  return map.has(key) ? null : '';
}

function set(map: GoValue, key: string, value: GoValue): GoValue {
  if (!(map instanceof Map)) throw new GoError('assignment to entry in nil map');
  map.set(key, value);
  return map;
}

function unset(map: GoValue, key: string): GoValue {
  if (map instanceof Map) map.delete(key);
  return map;
}

function pluck(key: string, maps: readonly GoMap[]): GoValue[] {
  return maps.filter((map) => map.has(key)).map((map) => map.get(key) ?? null);
}

function pick(map: GoMap, keys: readonly string[]): GoMap {
  return new Map(keys.filter((key) => map.has(key)).map((key) => [key, map.get(key) ?? null]));
}

function omit(map: GoMap, keys: readonly string[]): GoMap {
  const left = new Map(map);
  for (const key of keys) left.delete(key);
  return left;
}

/** The value under a path of keys, or the default before the last argument. */
function dig(values: readonly GoValue[]): GoValue {
  if (values.length < 3) throw new GoError('dig needs at least three arguments');
  let value: GoValue = plainMap(values.at(-1) ?? null);
  const keys = values.slice(0, -2).map((key) => {
    if (typeof key === 'string') return key;
    throw new GoError(`interface conversion: interface {} is ${typeOrNil(key)}, not string`);
  });
  for (const key of keys) {
    const map = plainMap(value);
    const next = map.get(key);
    if (next === undefined) return values.at(-2) ?? null;
    value = next;
  }
  return value;
}

/** Only the unnamed map type passes Go's type assertion: `chartutil.Values` does not. */
function plainMap(value: GoValue): GoMap {
  if (value instanceof Map) return value;
  throw new GoError(`interface conversion: interface {} is ${typeOrNil(value)}, not map[string]interface {}`);
}

function typeOrNil(value: GoValue): string {
  return value === null ? 'nil' : typeName(value);
}

function merging(mode: 'fill' | 'overwrite'): GoFunction {
  return {
    params: [MAP],
    variadic: MAP,
    run: ([target = null, ...sources], call) => {
      const map: GoMap = target instanceof Map ? target : new Map();
      for (const source of sources) mergeInto(map, mapOf(source), mode, call);
      return map;
    },
  };
}
