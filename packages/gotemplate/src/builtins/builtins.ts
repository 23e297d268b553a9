/** The functions that every template has. */

import { isTrue } from '../exec/truth.ts';
import { formatGo, sprint, sprintln } from '../format/printf.ts';
import type { FunctionMap, GoFunction, GoValue } from '../value.ts';
import { index, length, slice } from './access.ts';
import { callFunction } from './call.ts';
import { equal, less } from './compare.ts';
import { escapeHtml, escapeJavaScript, escapeQuery } from './escape.ts';

/** Go's builtins. `and` and `or` are listed for their parameters: the execution itself evaluates them. */
export const BUILTINS: FunctionMap = new Map<string, GoFunction>([
  ['and', logic((args) => args.find((arg) => !isTrue(arg)) ?? args.at(-1) ?? null)],
  ['or', logic((args) => args.find((arg) => isTrue(arg)) ?? args.at(-1) ?? null)],
  ['not', { params: ['reflect.Value'], run: ([arg = null]) => !isTrue(arg) }],
  ['call', callFunction('')],
  ['html', text((args) => escapeHtml(printable(args)))],
  ['js', text((args) => escapeJavaScript(printable(args)))],
  ['urlquery', text((args) => escapeQuery(printable(args)))],
  ['index', access(index)],
  ['slice', access(slice)],
  ['len', { params: ['reflect.Value'], run: ([item = null]) => length(item) }],
  ['print', text(sprint)],
  ['println', text(sprintln)],
  [
    'printf',
    {
      params: ['string'],
      variadic: 'interface {}',
      run: ([format, ...args]) => formatGo(typeof format === 'string' ? format : '', args),
    },
  ],
  ['eq', access(equal)],
  ['ne', comparison((a, b) => !equal(a, [b]))],
  ['lt', comparison(less)],
  ['le', comparison((a, b) => less(a, b) || equal(a, [b]))],
  ['gt', comparison((a, b) => !less(a, b) && !equal(a, [b]))],
  ['ge', comparison((a, b) => !less(a, b))],
]);

function logic(choose: (args: readonly GoValue[]) => GoValue): GoFunction {
  return { params: ['reflect.Value'], variadic: 'reflect.Value', run: choose };
}

/** The text that is escaped: what an action would print of each argument. */
function printable(args: readonly GoValue[]): string {
  return sprint(args.map((arg) => arg ?? '<no value>'));
}

function text(format: (args: readonly GoValue[]) => string): GoFunction {
  return { params: [], variadic: 'interface {}', run: format };
}

function access(read: (item: GoValue, rest: readonly GoValue[]) => GoValue): GoFunction {
  return {
    params: ['reflect.Value'],
    variadic: 'reflect.Value',
    run: ([item = null, ...rest]) => read(item, rest),
  };
}

function comparison(compare: (a: GoValue, b: GoValue) => boolean): GoFunction {
  return { params: ['reflect.Value', 'reflect.Value'], run: ([a = null, b = null]) => compare(a, b) };
}
