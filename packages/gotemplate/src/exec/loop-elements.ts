/** What a `range` goes over: lists, maps in the order of their keys, and integers. */

import { noFlags } from '../format/flags.ts';
import { formatValue } from '../format/format-value.ts';
import { sortedKeys } from '../go-string.ts';
import { elementsOf, entriesOf, type GoMap, type GoValue, integerOf, Typed, typeName } from '../value.ts';
import type { Cursor } from './cursor.ts';
import { integerAs } from './parameter.ts';
import { elementType } from './pipelines.ts';
import type { Held, IntegerLoops, Value } from './run.ts';

/** The elements with their indexes or keys; none for nil. Fails, at the cursor, for what has no elements. */
export function loopElements(
  value: Value,
  { variables, integers }: { readonly variables: number; readonly integers: IntegerLoops },
  cursor: Cursor,
): Iterable<readonly [Value, Held]> {
  if (value === undefined || value === null || isNilPointer(value)) return [];
  const boxed = elementType(value) === 'interface {}';
  const entries = entriesOf(value);
  if (entries !== undefined) return mapElements(entries, boxed);
  const elements = elementsOf(value);
  if (elements !== undefined) return listElements(elements, boxed);
  const shown = (): string => formatValue(value, 'v', noFlags()).replace(/^&/, '');
  const count = integers === 'refused' ? undefined : integerOf(value);
  if (count === undefined) return cursor.fail(`range can't iterate over ${shown()}`);
  if (variables > 1) cursor.fail(`can't use ${shown()} to iterate over more than one variable`);
  return upTo(count, typeName(value));
}

/** The body may change the map; the loop goes over what was there. */
function mapElements(entries: GoMap, boxed: boolean): (readonly [Value, Held])[] {
  return sortedKeys(entries).map((key) => [key, { value: entries.get(key) ?? null, boxed }]);
}

function* listElements(elements: readonly GoValue[], boxed: boolean): Generator<readonly [Value, Held]> {
  let index = 0n;
  for (const value of elements) {
    yield [index, { value, boxed }];
    index += 1n;
  }
}

function* upTo(count: bigint, type: string): Generator<readonly [Value, Held]> {
  for (let index = 0n; index < count; index += 1n) yield [undefined, { value: integerAs(index, type), boxed: false }];
}

function isNilPointer(value: GoValue): boolean {
  return value instanceof Typed && value.type.kind === 'ptr' && value.value === null;
}
