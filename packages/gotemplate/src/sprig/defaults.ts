/** sprig's defaults, JSON, reflection and flow control. */

import { isTrue } from '../exec/truth.ts';
import { readJson } from '../json/read-json.ts';
import { type JsonOptions, writeJson } from '../json/write-json.ts';
import { GoError, type GoFunction, type GoValue, kindOf, typeName } from '../value.ts';
import { ofAll, ofAny, ofStrings, textOf } from './arguments.ts';
import { decodeBase32, decodeBase64, encodeBase32, encodeBase64 } from './base-encoding.ts';
import { deepEqual } from './equality.ts';

export const DEFAULT_FUNCTIONS: ReadonlyMap<string, GoFunction> = new Map<string, GoFunction>([
  [
    'default',
    {
      params: ['interface {}'],
      variadic: 'interface {}',
      run: ([fallback = null, given = null]) => (isTrue(given) ? given : fallback),
    },
  ],
  ['empty', ofAny((value) => !isTrue(value))],
  ['coalesce', ofAll((values) => values.find(isTrue) ?? null)],
  ['all', ofAll((values) => values.every(isTrue))],
  ['any', ofAll((values) => values.some(isTrue))],
  [
    'ternary',
    {
      params: ['interface {}', 'interface {}', 'bool'],
      run: ([whenTrue = null, whenFalse = null, condition]) => (condition === true ? whenTrue : whenFalse),
    },
  ],
  ['fail', ofStrings(1, (message) => failWith(message))],
  ['fromJson', ofStrings(1, (text) => orElse(() => readJson(text), null))],
  ['mustFromJson', ofStrings(1, readJson)],
  ...jsonWriters('toJson', 'mustToJson', { escape: 'html' }),
  ...jsonWriters('toPrettyJson', 'mustToPrettyJson', { escape: 'html', indent: '  ' }),
  ...jsonWriters('toRawJson', 'mustToRawJson', { escape: 'none' }),
  ['typeOf', ofAny(typeName)],
  ['typeIs', { params: ['string', 'interface {}'], run: ([name, value = null]) => textOf(name) === typeName(value) }],
  [
    'typeIsLike',
    {
      params: ['string', 'interface {}'],
      run: ([name, value = null]) => [textOf(name), `*${textOf(name)}`].includes(typeName(value)),
    },
  ],
  ['kindOf', ofAny(kindOf)],
  ['kindIs', { params: ['string', 'interface {}'], run: ([name, value = null]) => textOf(name) === kindOf(value) }],
  [
    'deepEqual',
    { params: ['interface {}', 'interface {}'], run: ([a = null, b = null], call) => deepEqual(a, b, call) },
  ],
  ['b64enc', ofStrings(1, encodeBase64)],
  ['b64dec', ofStrings(1, decodeBase64)],
  ['b32enc', ofStrings(1, encodeBase32)],
  ['b32dec', ofStrings(1, decodeBase32)],
  // A template does not reach the network: no name has an address.
  ['getHostByName', ofStrings(1, () => '')],
]);

function failWith(message: string): never {
  throw new GoError(message);
}

/** The lenient function gives an empty text where the strict one fails. */
function jsonWriters(lenient: string, strict: string, options: JsonOptions): [string, GoFunction][] {
  return [
    [lenient, ofAny((value) => orElse(() => writeJson(value, options), ''))],
    [strict, ofAny((value) => writeJson(value, options))],
  ];
}

function orElse(read: () => GoValue, fallback: GoValue): GoValue {
  try {
    return read();
  } catch (error) {
    if (error instanceof GoError) return fallback;
    throw error;
  }
}
