/** Calls of functions and methods: counts and checks arguments, bounds results, says which call failed. */

import { hasCode, KubecrateError } from '@kubecrate/errors';
import { callFunction } from '../builtins/call.ts';
import { quote } from '../format/quote.ts';
import type { Node, Operand } from '../parse/node.ts';
import { nodeText } from '../parse/node-text.ts';
import { TemplateError } from '../template-error.ts';
import { GoError, type GoFunction, type GoValue, NO_VALUE, Typed, typeName } from '../value.ts';
import { constantFor } from './constant.ts';
import type { Cursor } from './cursor.ts';
import { assign, canBeNil } from './parameter.ts';
import { type Final, type Held, NOTHING, type Run, type Value } from './run.ts';
import { isTrue } from './truth.ts';

/** How a call is written: `args[0]` is the function itself; `final` comes from the pipeline. */
export interface CallSite {
  /** What errors of the call point at. */
  readonly node: Node;
  readonly args: readonly Operand[];
  readonly final: Final;
}

export class Calls {
  private readonly run: Run;
  private readonly cursor: Cursor;
  private readonly operand: (dot: Held, node: Operand) => Value;

  /** `operand` evaluates an argument that is not a constant. */
  constructor(run: Run, cursor: Cursor, operand: (dot: Held, node: Operand) => Value) {
    this.run = run;
    this.cursor = cursor;
    this.operand = operand;
  }

  /** Calls the function of a name: the host's before Go's own. */
  named(dot: Held, name: string, site: CallSite): Value {
    const own = this.run.functions.get(name);
    if (own !== undefined) return this.call(dot, own, name, site);
    const builtin = this.run.builtins.get(name);
    if (builtin === undefined) return this.cursor.fail(`${quote(name)} is not a defined function`);
    if (name === 'and' || name === 'or') return this.logic(dot, builtin, name, site);
    return this.call(dot, name === 'call' ? callFunction(textOf(site.args[1])) : builtin, name, site);
  }

  call(dot: Held, fn: GoFunction, name: string, site: CallSite): Value {
    const { args, final } = site;
    const { params, variadic = 'interface {}' } = fn;
    this.checkCount(fn, name, site);
    const argv: GoValue[] = [];
    for (let index = 1; index < args.length; index += 1) {
      const arg = args[index];
      if (arg !== undefined) argv.push(this.argument(dot, params[index - 1] ?? variadic, arg));
    }
    if (final !== NOTHING) argv.push(this.validate(final.value, params[argv.length] ?? variadic));
    try {
      const result = fn.run(argv, this.run.call);
      this.run.call.budget.hold(sizeOf(result));
      return result;
    } catch (error) {
      throw this.explain(error, name, site.node);
    }
  }

  /** The value as a parameter of `type` takes it. */
  validate(value: Value, type: string): GoValue {
    if (value === undefined) {
      if (type === 'reflect.Value') return NO_VALUE;
      return canBeNil(type) ? null : this.cursor.fail(`invalid value; expected ${type}`);
    }
    const assigned = assign(value, type);
    if (assigned !== undefined) return assigned;
    const got = value === null ? 'interface {}' : typeName(value);
    return this.cursor.fail(`wrong type for value; expected ${type}; got ${got}`);
  }

  /** An argument for a parameter of `type`. */
  argument(dot: Held, type: string, node: Operand): GoValue {
    this.cursor.at(node);
    switch (node.type) {
      case 'nil':
        if (type === 'reflect.Value') return NO_VALUE;
        return canBeNil(type) ? null : this.cursor.fail(`cannot assign nil to ${type}`);
      case 'dot':
        return this.validate(dot.value, type);
      case 'bool':
      case 'string':
      case 'number':
        return constantFor(type, node, this.cursor);
      default:
        return this.validate(this.operand(dot, node), type);
    }
  }

  /** `and` and `or` evaluate their arguments only until the result is known. */
  private logic(dot: Held, fn: GoFunction, name: 'and' | 'or', site: CallSite): Value {
    this.checkCount(fn, name, site);
    let value: Value;
    for (const arg of site.args.slice(1)) {
      value = this.argument(dot, 'interface {}', arg);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return site.final === NOTHING ? value : site.final.value;
  }

  private checkCount(fn: GoFunction, name: string, { args, final }: CallSite): void {
    const written = Math.max(args.length - 1, 0);
    const given = written + (final === NOTHING ? 0 : 1);
    const wanted = fn.params.length;
    if (fn.variadic !== undefined) {
      if (given < wanted) this.cursor.fail(`wrong number of args for ${name}: want at least ${wanted} got ${written}`);
    } else if (given !== wanted) {
      this.cursor.fail(`wrong number of args for ${name}: want ${wanted} got ${given}`);
    }
  }

  /** An error of a function in Go's words; a bound that was passed, or a mistake of the host, stays what it is. */
  private explain(error: unknown, name: string, node: Node): unknown {
    if (error instanceof TemplateError && error.code === 'LIMIT_EXCEEDED') return error;
    this.cursor.at(node);
    if (hasCode(error, 'LIMIT_EXCEEDED')) return error;
    if (error instanceof RangeError && error.message.startsWith('Invalid ')) {
      return new KubecrateError('LIMIT_EXCEEDED', 'a value is larger than memory can hold', { cause: error });
    }
    if (!(error instanceof GoError || error instanceof KubecrateError)) return error;
    return this.cursor.failure('INVALID_TEMPLATE', `error calling ${name}: ${error.message}`, error);
  }
}

/** What a value takes in memory, roughly, without what is inside its elements. */
function sizeOf(value: GoValue): number {
  const plain = value instanceof Typed ? value.value : value;
  if (typeof plain === 'string' || plain instanceof Uint8Array) return plain.length;
  return Array.isArray(plain) ? plain.length * 8 : 0;
}

function textOf(node: Operand | undefined): string {
  return node === undefined ? '' : nodeText(node);
}
