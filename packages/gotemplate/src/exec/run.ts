/** What the parts of an execution share. */

import type { Tree } from '../parse/node.ts';
import type { CallContext, FunctionMap, GoValue } from '../value.ts';

/** What all templates of one run share. */
export interface Run {
  readonly template: (name: string) => Tree | undefined;
  readonly functions: FunctionMap;
  readonly builtins: FunctionMap;
  readonly missingKey: MissingKey;
  readonly integerLoops: IntegerLoops;
  readonly call: CallContext;
  output: string;
}

/** Whether `range` goes over integers; it is `refused` by Go before 1.24. */
export type IntegerLoops = 'allowed' | 'refused';

/** What a missing key of a map gives: no value, the zero value of the elements' type, an error, or what the host makes of the key. */
export type MissingKey = 'default' | 'zero' | 'error' | ((key: string) => GoValue);

/** `undefined` is no value at all (Go's invalid reflect.Value); `null` is a nil interface. */
export type Value = GoValue | undefined;

/** A value where it is held: dot, a variable, or what stands before a field. */
export interface Held {
  readonly value: Value;
  /** Its static type is interface {}, as that of the elements of a list or map; Go's messages tell. */
  readonly boxed: boolean;
}

/** The value that a pipeline hands on as the last argument, or that there is none. */
export type Final = typeof NOTHING | { readonly value: Value };

export const NOTHING: unique symbol = Symbol('no final argument');
