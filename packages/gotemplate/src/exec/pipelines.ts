/** Evaluates pipelines: commands, fields, methods, variables. Follows Go's text/template step by step. */

import { quote } from '../format/quote.ts';
import type { ChainNode, CommandNode, Operand, PipeNode, VariableNode } from '../parse/node.ts';
import { nodeText } from '../parse/node-text.ts';
import { entriesOf, type GoMap, type GoValue, Typed, typeName } from '../value.ts';
import { type CallSite, Calls } from './calls.ts';
import { idealNumber } from './constant.ts';
import type { Cursor } from './cursor.ts';
import { zeroOf } from './parameter.ts';
import { type Final, type Held, NOTHING, type Run, type Value } from './run.ts';
import type { Variable, Variables } from './variables.ts';

/** What a pipeline takes of the stack, with the function that it calls. */
const STACK_PARTS = 4;

export class Pipelines {
  private readonly run: Run;
  private readonly cursor: Cursor;
  private readonly variables: Variables;
  private readonly calls: Calls;

  constructor(run: Run, cursor: Cursor, variables: Variables) {
    this.run = run;
    this.cursor = cursor;
    this.variables = variables;
    this.calls = new Calls(run, cursor, (dot, node) => this.operand(dot, node));
  }

  /** The value of a pipeline; its declarations and assignments are made. */
  evaluate(dot: Held, pipe: PipeNode): Value {
    const { budget } = this.run.call;
    budget.descend(STACK_PARTS);
    this.cursor.at(pipe);
    let value: Value;
    let final: Final = NOTHING;
    for (const command of pipe.commands) {
      // A nil interface at the end of a command is no value: Go looks through the interface.
      value = this.command(dot, command, final) ?? undefined;
      final = { value };
    }
    budget.ascend(STACK_PARTS);
    for (const { name } of pipe.declarations) {
      if (!pipe.assigns) {
        this.variables.declare(name, value);
        continue;
      }
      const variable = this.variable(name);
      variable.value = value;
      variable.boxed = false;
    }
    return value;
  }

  /** The variable of a name; an assignment to one that is not declared fails here, not when it is parsed. */
  variable(name: string): Variable {
    return this.variables.find(name) ?? this.cursor.fail(`undefined variable: ${name}`);
  }

  private command(dot: Held, command: CommandNode, final: Final): Value {
    const { args } = command;
    const first = args[0];
    if (first === undefined) return this.cursor.fail('empty command');
    switch (first.type) {
      case 'field':
        this.cursor.at(first);
        return this.fields(dot, dot, first.fields, { node: first, args, final });
      case 'chain':
        return this.chain(dot, first, args, final);
      case 'identifier':
        this.cursor.at(first);
        return this.calls.named(dot, first.name, { node: command, args, final });
      case 'pipe':
        this.refuseArguments(args, final);
        return this.evaluate(dot, first);
      case 'variable':
        return this.variableFields(dot, first, args, final);
      default:
    }
    this.cursor.at(first);
    this.refuseArguments(args, final);
    switch (first.type) {
      case 'bool':
      case 'string':
        return first.value;
      case 'dot':
        return dot.value;
      case 'number':
        return idealNumber(first, this.cursor);
      case 'nil':
        return this.cursor.fail('nil is not a command');
    }
  }

  /** An operand whose type nobody asks for, without arguments. */
  private operand(dot: Held, node: Operand): Value {
    switch (node.type) {
      case 'field':
        this.cursor.at(node);
        return this.fields(dot, dot, node.fields, { node, args: NO_ARGUMENTS, final: NOTHING });
      case 'variable':
        return this.variableFields(dot, node, NO_ARGUMENTS, NOTHING);
      case 'pipe':
        return this.evaluate(dot, node);
      case 'identifier':
        this.cursor.at(node);
        return this.calls.named(dot, node.name, { node, args: NO_ARGUMENTS, final: NOTHING });
      case 'chain':
        return this.chain(dot, node, NO_ARGUMENTS, NOTHING);
      default:
        return this.calls.argument(dot, 'interface {}', node);
    }
  }

  private refuseArguments(args: readonly Operand[], final: Final): void {
    const first = args[0];
    if (first !== undefined && (args.length > 1 || final !== NOTHING)) {
      this.cursor.fail(`can't give argument to non-function ${nodeText(first)}`);
    }
  }

  private chain(dot: Held, node: ChainNode, args: readonly Operand[], final: Final): Value {
    this.cursor.at(node);
    if (node.node.type === 'nil') return this.cursor.fail(`indirection through explicit nil in ${nodeText(node)}`);
    const value = this.operand(dot, node.node);
    return this.fields(dot, { value, boxed: false }, node.fields, { node, args, final });
  }

  private variableFields(dot: Held, node: VariableNode, args: readonly Operand[], final: Final): Value {
    this.cursor.at(node);
    const variable = this.variable(node.name);
    if (node.fields.length > 0) return this.fields(dot, variable, node.fields, { node, args, final });
    this.refuseArguments(args, final);
    return variable.value;
  }

  /** `.X.Y.Z` from a receiver on; only the last of them takes arguments. */
  private fields(dot: Held, receiver: Held, names: readonly string[], site: CallSite): Value {
    let { value, boxed } = receiver;
    const last = names.length - 1;
    const inner: CallSite = last === 0 ? site : { node: site.node, args: NO_ARGUMENTS, final: NOTHING };
    for (let index = 0; index < last; index += 1) {
      const next = this.field(dot, { value, boxed }, names[index] ?? '', inner);
      boxed = elementType(value) === 'interface {}';
      value = next;
    }
    return this.field(dot, { value, boxed }, names[last] ?? '', site);
  }

  private field(dot: Held, receiver: Held, name: string, site: CallSite): Value {
    const { value } = receiver;
    if (value === undefined) {
      if (this.run.missingKey === 'error') this.cursor.fail(`nil data; no entry for key ${quote(name)}`);
      return undefined;
    }
    if (value === null) return this.cursor.fail(`nil pointer evaluating interface {}.${name}`);
    if (value instanceof Map) return this.mapField(value, 'interface {}', name, site);
    if (value instanceof Typed) {
      const method = value.type.methods?.get(name);
      if (method !== undefined) {
        const bound = { ...method, run: (argv: readonly GoValue[]) => method.run(value, argv, this.run.call) };
        return this.calls.call(dot, bound, name, site);
      }
      const { kind, elem = 'interface {}' } = value.type;
      if (kind === 'map') return this.mapField(entriesOf(value) ?? new Map(), elem, name, site);
      const own = kind === 'struct' || kind === 'ptr' ? fieldOf(value, name) : undefined;
      if (own !== undefined) {
        if (hasArguments(site)) this.cursor.fail(`${name} has arguments but cannot be invoked as function`);
        return own;
      }
      if (kind === 'ptr' && value.value === null) this.cursor.fail(`nil pointer evaluating ${value.type.name}.${name}`);
    }
    const type = receiver.boxed ? 'interface {}' : typeName(value);
    return this.cursor.fail(`can't evaluate field ${name} in type ${type}`);
  }

  private mapField(entries: GoMap, elem: string, name: string, site: CallSite): Value {
    if (hasArguments(site)) this.cursor.fail(`${name} is not a method but has arguments`);
    const value = entries.get(name);
    if (value !== undefined) return value;
    const { missingKey } = this.run;
    if (typeof missingKey === 'function') return missingKey(name);
    switch (missingKey) {
      case 'default':
        return undefined;
      case 'zero':
        return zeroOf(elem);
      case 'error':
        return this.cursor.fail(`map has no entry for key ${quote(name)}`);
    }
  }
}

/** The static type of the elements of a map or list; undefined for anything else. */
export function elementType(value: Value): string | undefined {
  if (value instanceof Map || Array.isArray(value)) return 'interface {}';
  if (!(value instanceof Typed)) return undefined;
  const { kind, elem = 'interface {}' } = value.type;
  return kind === 'map' || kind === 'slice' ? elem : undefined;
}

/** The field of a struct, its own or one of the struct that it embeds. */
function fieldOf(struct: Typed, name: string): GoValue | undefined {
  if (!(struct.value instanceof Map)) return undefined;
  const own = struct.value.get(name);
  if (own !== undefined || struct.type.embedded === undefined) return own;
  const inner = struct.value.get(struct.type.embedded);
  return inner instanceof Typed ? fieldOf(inner, name) : undefined;
}

const NO_ARGUMENTS: readonly Operand[] = [];

function hasArguments({ args, final }: CallSite): boolean {
  return args.length > 1 || final !== NOTHING;
}
