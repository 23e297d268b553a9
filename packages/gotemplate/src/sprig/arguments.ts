/** Reads the arguments of functions, whose types the execution has checked, and builds functions of common shapes. */

import { type CallContext, GoError, type GoFunction, type GoMap, type GoValue, underlying } from '../value.ts';

/** An argument for a parameter of type string. */
export function textOf(arg: GoValue | undefined): string {
  const plain = underlying(arg ?? null);
  return typeof plain === 'string' ? plain : '';
}

/** An argument for a parameter of an integer type, as a number; beyond 2^53 it is not exact. */
export function numberOf(arg: GoValue | undefined): number {
  const plain = underlying(arg ?? null);
  return typeof plain === 'bigint' ? Number(plain) : typeof plain === 'number' ? plain : 0;
}

/** An argument for a parameter of type map[string]interface {}; nil is a map without entries. */
export function mapOf(arg: GoValue | undefined): GoMap {
  const plain = underlying(arg ?? null);
  return plain instanceof Map ? plain : new Map();
}

/** Elements of a slice argument, or undefined for nil. */
export function listOf(arg: GoValue | undefined): GoValue[] | undefined {
  const plain = underlying(arg ?? null);
  return Array.isArray(plain) ? plain : undefined;
}

/** A function of strings. */
export function ofStrings(count: number, run: (...args: string[]) => GoValue): GoFunction {
  return { params: new Array<string>(count).fill('string'), run: (args) => run(...args.map(textOf)) };
}

/** A function of one value of any type. */
export function ofAny(run: (value: GoValue, call: CallContext) => GoValue): GoFunction {
  return { params: ['interface {}'], run: ([value = null], call) => run(value, call) };
}

/** A function of any number of values of any type. */
export function ofAll(run: (values: readonly GoValue[], call: CallContext) => GoValue): GoFunction {
  return { params: [], variadic: 'interface {}', run };
}

/** What Go says where a program uses nil as if it were something. */
export function nilDereference(): GoError {
  return new GoError('runtime error: invalid memory address or nil pointer dereference');
}
