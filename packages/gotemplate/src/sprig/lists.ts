/** sprig's functions of lists. */

import { isTrue } from '../exec/truth.ts';
import { compareStrings } from '../go-string.ts';
import {
  type CallContext,
  elementsOf,
  GoError,
  type GoFunction,
  type GoValue,
  kindOf,
  NIL_LIST,
  stringSlice,
  Typed,
  typeName,
  underlying,
} from '../value.ts';
import { nilDereference, numberOf, ofAll, ofAny } from './arguments.ts';
import { int64From, stringsFrom, textFrom } from './convert.ts';
import { deepEqual } from './equality.ts';

export const LIST_FUNCTIONS: ReadonlyMap<string, GoFunction> = new Map<string, GoFunction>([
  ['list', ofAll((values) => [...values])],
  ['tuple', ofAll((values) => [...values])],
  ...withMust(
    'first',
    ofList('find first on', (items) => items[0] ?? null),
  ),
  ...withMust(
    'last',
    ofList('find last on', (items) => items.at(-1) ?? null),
  ),
  ...withMust(
    'rest',
    ofList('find rest on', (items) => (items.length === 0 ? NIL_LIST : items.slice(1))),
  ),
  ...withMust(
    'initial',
    ofList('find initial on', (items) => (items.length === 0 ? NIL_LIST : items.slice(0, -1))),
  ),
  ...withMust(
    'reverse',
    ofList('find reverse on', (items) => items.toReversed()),
  ),
  ...withMust(
    'compact',
    ofList('compact on', (items) => items.filter(isFull)),
  ),
  ...withMust('uniq', ofList('find uniq on', unique)),
  ...withMust(
    'append',
    ofListAnd('push on', (items, value) => [...items, value]),
  ),
  ...withMust(
    'push',
    ofListAnd('push on', (items, value) => [...items, value]),
  ),
  ...withMust(
    'prepend',
    ofListAnd('prepend on', (items, value) => [value, ...items]),
  ),
  ...withMust('without', {
    params: ['interface {}'],
    variadic: 'interface {}',
    run: ([list = null, ...omitted], call) =>
      itemsOf(list, 'find without on').filter((item) => !omitted.some((other) => deepEqual(item, other, call))),
  }),
  ...withMust('has', {
    params: ['interface {}', 'interface {}'],
    run: ([needle = null, list = null], call) => has(needle, list, call),
  }),
  ...withMust('slice', {
    params: ['interface {}'],
    variadic: 'interface {}',
    run: ([list = null, ...indexes]) => slice(list, indexes),
  }),
  ...withMust('chunk', { params: ['int', 'interface {}'], run: ([size, list = null]) => chunk(numberOf(size), list) }),
  ['concat', ofAll(concat)],
  ['sortAlpha', ofAny((list) => stringSlice(sortedStrings(list)))],
]);

/** A function and its `must` twin: in a template both fail with the same text. */
function withMust(name: string, fn: GoFunction): [string, GoFunction][] {
  return [
    [name, fn],
    [`must${name[0]?.toUpperCase()}${name.slice(1)}`, fn],
  ];
}

function ofList(what: string, run: (items: GoValue[], call: CallContext) => GoValue): GoFunction {
  return ofAny((list, call) => run(itemsOf(list, what), call));
}

function ofListAnd(what: string, run: (items: GoValue[], value: GoValue) => GoValue): GoFunction {
  return {
    params: ['interface {}', 'interface {}'],
    run: ([list = null, value = null]) => run(itemsOf(list, what), value),
  };
}

function itemsOf(list: GoValue, what: string): GoValue[] {
  if (list === null) throw nilDereference();
  const items = elementsOf(list);
  if (items === undefined) throw new GoError(`Cannot ${what} type ${kindOf(list)}`);
  return items;
}

/** sprig's `empty`, negated: differs from `if` in nothing that a template can hold. */
function isFull(value: GoValue): boolean {
  return isTrue(value);
}

function unique(items: readonly GoValue[], call: CallContext): GoValue[] {
  const seen = new Set<GoValue>();
  const kept: GoValue[] = [];
  for (const item of items) {
    if (seen.has(item) || (typeof item === 'object' && kept.some((other) => deepEqual(item, other, call)))) continue;
    seen.add(item);
    kept.push(item);
  }
  return kept;
}

function has(needle: GoValue, list: GoValue, call: CallContext): boolean {
  if (list === null) return false;
  return itemsOf(list, 'find has on').some((item) => deepEqual(needle, item, call));
}

function slice(list: GoValue, indexes: readonly GoValue[]): GoValue {
  if (list === null) throw nilDereference();
  const items = elementsOf(list);
  if (items === undefined) throw new GoError(`list should be type of slice or array but ${kindOf(list)}`);
  if (items.length === 0) return null;
  const [start = 0, end = items.length] = indexes.map((index) => Number(int64From(index)));
  if (start < 0 || end < start || end > items.length) {
    throw new GoError('reflect.Value.Slice: slice index out of bounds');
  }
  const plain = underlying(list);
  if (plain instanceof Uint8Array) return plain.subarray(start, end);
  return list instanceof Typed ? new Typed(list.type, items.slice(start, end)) : items.slice(start, end);
}

function chunk(size: number, list: GoValue): Typed {
  if (list === null) throw nilDereference();
  const items = elementsOf(list);
  if (items === undefined) throw new GoError(`Cannot chunk type ${kindOf(list)}`);
  if (size <= 0 && items.length > 0) throw new GoError('runtime error: makeslice: len out of range');
  const chunks: GoValue[] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
  return new Typed({ name: '[][]interface {}', kind: 'slice', elem: '[]interface {}' }, chunks);
}

function concat(lists: readonly GoValue[], call: CallContext): GoValue {
  const all: GoValue[] = [];
  for (const list of lists) {
    if (list === null) throw nilDereference();
    const items = elementsOf(list);
    if (items === undefined) throw new GoError(`Cannot concat type ${kindOf(list)} as list`);
    call.budget.hold((all.length + items.length) * 8);
    for (const item of items) all.push(item);
  }
  return all.length === 0 ? NIL_LIST : all;
}

function sortedStrings(list: GoValue): string[] {
  const isList = list !== null && (elementsOf(list) !== undefined || typeName(list).startsWith('[]'));
  return isList ? stringsFrom(list).sort(compareStrings) : [textFrom(list)];
}
