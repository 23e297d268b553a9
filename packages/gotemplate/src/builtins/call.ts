/** Go's builtin `call`: a function held by a value is called. */

import { assign, canBeNil } from '../exec/parameter.ts';
import { type CallContext, GoError, type GoFunction, type GoValue, NO_VALUE, Typed, typeName } from '../value.ts';

/** `call`, where `callee` is how its first argument is written. */
export function callFunction(callee: string): GoFunction {
  return {
    params: ['reflect.Value'],
    variadic: 'reflect.Value',
    run: ([fn = null, ...args], context) => call(callee, fn, args, context),
  };
}

/** The function in a value of kind func. */
export function functionOf(value: GoValue): GoFunction | undefined {
  if (!(value instanceof Typed) || value.type.kind !== 'func') return undefined;
  const { detail } = value;
  if (typeof detail !== 'object' || detail === null || !('run' in detail) || !('params' in detail)) return undefined;
  return detail as GoFunction;
}

function call(callee: string, value: GoValue, args: readonly GoValue[], context: CallContext): GoValue {
  if (value === null || value === NO_VALUE) throw new GoError('call of nil');
  const fn = functionOf(value);
  if (fn === undefined) throw new GoError(`non-function ${callee} of type ${typeName(value)}`);
  const wanted = fn.params.length;
  if (fn.variadic !== undefined && args.length < wanted) {
    throw new GoError(`wrong number of args for ${callee}: got ${args.length} want at least ${wanted}`);
  }
  if (fn.variadic === undefined && args.length !== wanted) {
    throw new GoError(`wrong number of args for ${callee}: got ${args.length} want ${wanted}`);
  }
  const prepared = args.map((arg, index) => prepare(arg, fn.params[index] ?? fn.variadic ?? 'interface {}', index));
  return fn.run(prepared, context);
}

function prepare(arg: GoValue, type: string, index: number): GoValue {
  if (arg === null || arg === NO_VALUE) {
    if (canBeNil(type)) return null;
    throw new GoError(`arg ${index}: value is nil; should be of type ${type}`);
  }
  const assigned = assign(arg, type);
  if (assigned === undefined) throw new GoError(`arg ${index}: value has type ${typeName(arg)}; should be ${type}`);
  return assigned;
}
