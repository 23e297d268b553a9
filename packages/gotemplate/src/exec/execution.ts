/** Executes one template: walks its tree, evaluates pipelines, writes the output. Follows Go's text/template step by step. */

import { hasCode, KubecrateError } from '@kubecrate/errors';
import { callFunction } from '../builtins/call.ts';
import { complexValue } from '../format/complex.ts';
import { noFlags } from '../format/flags.ts';
import { formatValue } from '../format/format-value.ts';
import { quote } from '../format/quote.ts';
import { sortedKeys } from '../go-string.ts';
import type {
  BranchNode,
  ChainNode,
  CommandNode,
  ListNode,
  Node,
  NumberNode,
  Operand,
  PipeNode,
  Statement,
  TemplateNode,
  Tree,
  VariableNode,
} from '../parse/node.ts';
import { nodeText } from '../parse/node-text.ts';
import { TemplateError } from '../template-error.ts';
import {
  type CallContext,
  elementsOf,
  entriesOf,
  type FunctionMap,
  GoError,
  type GoFunction,
  type GoMap,
  type GoValue,
  integerOf,
  kindOf,
  NO_VALUE,
  Typed,
  typeName,
} from '../value.ts';
import { assign, canBeNil, integerAs, parameterClass, zeroOf } from './parameter.ts';
import { isTrue } from './truth.ts';

/** What all templates of one run share. */
export interface Run {
  readonly template: (name: string) => Tree | undefined;
  readonly functions: FunctionMap;
  readonly builtins: FunctionMap;
  readonly missingKey: MissingKey;
  readonly call: CallContext;
  output: string;
}

/** What a missing key of a map gives: no value, the zero value of the elements' type, or an error. */
export type MissingKey = 'default' | 'zero' | 'error';

/** `undefined` is no value at all (Go's invalid reflect.Value); `null` is a nil interface. */
type Value = GoValue | undefined;

/** Executes `tree` with `data` as dot and `$`; the output is added to `run.output`. */
export function executeTree(tree: Tree, data: Value, run: Run): void {
  new Execution(tree, data, run).execute();
}

interface Variable {
  readonly name: string;
  value: Value;
  /** The value has the static type interface {}: an element of a list or map. */
  boxed: boolean;
}

type Jump = 'break' | 'continue' | undefined;

class Execution {
  private readonly tree: Tree;
  private readonly run: Run;
  private readonly data: Value;
  private readonly vars: Variable[];
  /** The node at work, for errors. */
  private node: Node;
  /** Dot has the static type interface {}: an element in a range. */
  private boxedDot = false;

  constructor(tree: Tree, data: Value, run: Run) {
    this.tree = tree;
    this.run = run;
    this.data = data;
    this.vars = [{ name: '$', value: data, boxed: false }];
    this.node = tree.root;
  }

  execute(): void {
    try {
      this.walkList(this.data, this.tree.root);
    } catch (error) {
      // A bound that was passed has no place yet: it is where this template stands.
      if (hasCode(error, 'LIMIT_EXCEEDED') && !(error instanceof TemplateError)) {
        throw this.failure('LIMIT_EXCEEDED', error.message, error);
      }
      if (error instanceof RangeError && /call stack/i.test(error.message)) {
        throw this.failure('LIMIT_EXCEEDED', 'templates or values are nested too deep', error);
      }
      throw error;
    }
  }

  private walkList(dot: Value, list: ListNode): Jump {
    for (const node of list.nodes) {
      const jump = this.walk(dot, node);
      if (jump !== undefined) return jump;
    }
    return undefined;
  }

  private walk(dot: Value, node: Statement): Jump {
    this.node = node;
    switch (node.type) {
      case 'text':
        this.write(node.text);
        return undefined;
      case 'action': {
        const value = this.evalPipeline(dot, node.pipe);
        if (node.pipe.declarations.length === 0) {
          this.node = node;
          this.print(node, value);
        }
        return undefined;
      }
      case 'if':
      case 'with':
        return this.walkIfOrWith(dot, node);
      case 'range':
        return this.walkRange(dot, node);
      case 'template':
        this.walkTemplate(dot, node);
        return undefined;
      default:
        return node.type;
    }
  }

  private walkIfOrWith(dot: Value, node: BranchNode): Jump {
    const mark = this.vars.length;
    const value = this.evalPipeline(dot, node.pipe);
    let jump: Jump;
    if (!isTrue(value)) {
      if (node.elseList !== undefined) jump = this.walkList(dot, node.elseList);
    } else if (node.type === 'if') {
      jump = this.walkList(dot, node.list);
    } else {
      const outer = this.boxedDot;
      this.boxedDot = false;
      jump = this.walkList(value, node.list);
      this.boxedDot = outer;
    }
    this.vars.length = mark;
    return jump;
  }

  private walkRange(dot: Value, node: BranchNode): Jump {
    const outer = this.vars.length;
    const outerDot = this.boxedDot;
    const value = this.evalPipeline(dot, node.pipe);
    const loop = new Loop(node, this.vars.length);
    const ran = this.rangeOver(value, loop);
    this.boxedDot = outerDot;
    let jump: Jump;
    if (!ran && node.elseList !== undefined) jump = this.walkList(dot, node.elseList);
    this.vars.length = outer;
    return jump;
  }

  /** True where there was at least one element. */
  private rangeOver(value: Value, loop: Loop): boolean {
    if (value === undefined || value === null) return false;
    const entries = entriesOf(value);
    if (entries !== undefined) {
      const boxed = elementType(value) === 'interface {}';
      // The body may change the map; the loop goes over what was there.
      const pairs = sortedKeys(entries).map((key) => [key, entries.get(key) ?? null] as const);
      for (const [key, element] of pairs) {
        if (this.iterate(loop, key, element, boxed) === 'break') break;
      }
      return pairs.length > 0;
    }
    const elements = elementsOf(value);
    if (elements !== undefined) {
      const boxed = elementType(value) === 'interface {}';
      for (const [index, element] of elements.entries()) {
        if (this.iterate(loop, BigInt(index), element, boxed) === 'break') break;
      }
      return elements.length > 0;
    }
    const count = integerOf(value);
    if (count === undefined) {
      if (kindOf(value) === 'ptr' && value instanceof Typed && value.value === null) return false;
      return this.fail(`range can't iterate over ${formatValue(value, 'v', noFlags())}`);
    }
    if (loop.node.pipe.declarations.length > 1) {
      this.fail(`can't use ${formatValue(value, 'v', noFlags())} to iterate over more than one variable`);
    }
    const type = typeName(value);
    for (let index = 0n; index < count; index += 1n) {
      if (this.iterate(loop, undefined, integerAs(index, type), false) === 'break') break;
    }
    return count > 0n;
  }

  private iterate(loop: Loop, index: Value, element: GoValue, boxed: boolean): Jump {
    this.run.call.budget.step();
    const { pipe, list } = loop.node;
    const [first, second] = pipe.declarations;
    if (first !== undefined) {
      const indexed = second !== undefined;
      this.setLoopVariable(loop, 0, first, indexed ? index : element, boxed && !indexed);
      if (second !== undefined) this.setLoopVariable(loop, 1, second, element, boxed);
    }
    this.boxedDot = boxed;
    const jump = this.walkList(element, list);
    this.vars.length = loop.mark;
    return jump;
  }

  private setLoopVariable(loop: Loop, position: number, node: VariableNode, value: Value, boxed: boolean): void {
    const { assigns, declarations } = loop.node.pipe;
    const variable = assigns ? this.findVariable(node.name) : this.vars[loop.mark - declarations.length + position];
    if (variable === undefined) return;
    variable.value = value;
    variable.boxed = boxed;
  }

  private walkTemplate(dot: Value, node: TemplateNode): void {
    const tree = this.run.template(node.name);
    if (tree === undefined)
      throw this.failure('INVALID_TEMPLATE', `template ${quote(node.name)} not defined`, undefined);
    const data = node.pipe === undefined ? undefined : this.evalPipeline(dot, node.pipe);
    this.run.call.budget.enter();
    executeTree(tree, data, this.run);
    this.run.call.budget.leave();
  }

  private evalPipeline(dot: Value, pipe: PipeNode): Value {
    this.node = pipe;
    let value: Value;
    let final: Final = NOTHING;
    for (const command of pipe.commands) {
      // A nil interface at the end of a command is no value: Go looks through the interface.
      value = this.evalCommand(dot, command, final) ?? undefined;
      final = { value };
    }
    for (const declaration of pipe.declarations) {
      if (!pipe.assigns) {
        this.vars.push({ name: declaration.name, value, boxed: false });
        continue;
      }
      const variable = this.findVariable(declaration.name);
      variable.value = value;
      variable.boxed = false;
    }
    return value;
  }

  private evalCommand(dot: Value, command: CommandNode, final: Final): Value {
    const { args } = command;
    const first = args[0];
    if (first === undefined) return this.fail('empty command');
    switch (first.type) {
      case 'field':
        this.node = first;
        return this.evalFields(dot, { value: dot, boxed: this.boxedDot }, first, first.fields, args, final);
      case 'chain':
        return this.evalChain(dot, first, args, final);
      case 'identifier':
        this.node = first;
        return this.evalFunction(dot, first.name, command, args, final);
      case 'pipe':
        this.refuseArguments(args, final);
        return this.evalPipeline(dot, first);
      case 'variable':
        return this.evalVariable(dot, first, args, final);
      default:
    }
    this.node = first;
    this.refuseArguments(args, final);
    switch (first.type) {
      case 'bool':
      case 'string':
        return first.value;
      case 'dot':
        return dot;
      case 'number':
        return this.idealConstant(first);
      case 'nil':
        return this.fail('nil is not a command');
    }
  }

  private refuseArguments(args: readonly Operand[], final: Final): void {
    const first = args[0];
    if (first !== undefined && (args.length > 1 || final !== NOTHING)) {
      this.fail(`can't give argument to non-function ${nodeText(first)}`);
    }
  }

  /** A constant where no type is asked for: how it is written decides. */
  private idealConstant(node: NumberNode): GoValue {
    this.node = node;
    if (node.complex !== undefined) return complexValue(node.complex);
    const hex = /^0[xX]/.test(node.text) && !/[pP]/.test(node.text);
    if (node.float !== undefined && !hex && !node.text.startsWith("'") && /[.eEpP]/.test(node.text)) return node.float;
    return node.int ?? this.fail(`${node.text} overflows int`);
  }

  private evalChain(dot: Value, node: ChainNode, args: readonly Operand[], final: Final): Value {
    this.node = node;
    if (node.node.type === 'nil') return this.fail(`indirection through explicit nil in ${nodeText(node)}`);
    const value = this.evalOperand(dot, node.node);
    return this.evalFields(dot, { value, boxed: false }, node, node.fields, args, final);
  }

  private evalVariable(dot: Value, node: VariableNode, args: readonly Operand[], final: Final): Value {
    this.node = node;
    const { value, boxed } = this.findVariable(node.name);
    if (node.fields.length === 0) {
      this.refuseArguments(args, final);
      return value;
    }
    return this.evalFields(dot, { value, boxed }, node, node.fields, args, final);
  }

  /** `.X.Y.Z` from a receiver on; only the last of them takes arguments. */
  private evalFields(
    dot: Value,
    start: Receiver,
    node: Operand,
    fields: readonly string[],
    args: readonly Operand[],
    final: Final,
  ): Value {
    let { value, boxed } = start;
    const last = fields.length - 1;
    for (let index = 0; index < last; index += 1) {
      const next = this.evalField(dot, fields[index] ?? '', node, NO_ARGUMENTS, NOTHING, { value, boxed });
      boxed = value !== undefined && value !== null && elementType(value) === 'interface {}';
      value = next;
    }
    return this.evalField(dot, fields[last] ?? '', node, args, final, { value, boxed });
  }

  private evalField(
    dot: Value,
    name: string,
    node: Operand,
    args: readonly Operand[],
    final: Final,
    receiver: Receiver,
  ): Value {
    const { value } = receiver;
    if (value === undefined) {
      if (this.run.missingKey === 'error') this.fail(`nil data; no entry for key ${quote(name)}`);
      return undefined;
    }
    if (value === null) return this.fail(`nil pointer evaluating interface {}.${name}`);
    const hasArguments = args.length > 1 || final !== NOTHING;
    if (value instanceof Map) return this.mapField(value, 'interface {}', name, hasArguments);
    if (value instanceof Typed) {
      const method = value.type.methods?.get(name);
      if (method !== undefined) {
        const bound: GoFunction = { ...method, run: (argv, call) => method.run(value, argv, call) };
        return this.evalCall(dot, bound, name, node, args, final);
      }
      const { kind, elem = 'interface {}' } = value.type;
      if (kind === 'map') return this.mapField(entriesOf(value) ?? new Map(), elem, name, hasArguments);
      if (value.value instanceof Map && value.value.has(name) && (kind === 'struct' || kind === 'ptr')) {
        if (hasArguments) this.fail(`${name} has arguments but cannot be invoked as function`);
        return value.value.get(name);
      }
      if (kind === 'ptr' && value.value === null) this.fail(`nil pointer evaluating ${value.type.name}.${name}`);
    }
    const type = receiver.boxed ? 'interface {}' : typeName(value);
    return this.fail(`can't evaluate field ${name} in type ${type}`);
  }

  private mapField(entries: GoMap, elem: string, name: string, hasArguments: boolean): Value {
    if (hasArguments) this.fail(`${name} is not a method but has arguments`);
    const value = entries.get(name);
    if (value !== undefined) return value;
    switch (this.run.missingKey) {
      case 'default':
        return undefined;
      case 'zero':
        return zeroOf(elem);
      case 'error':
        return this.fail(`map has no entry for key ${quote(name)}`);
    }
  }

  private evalFunction(dot: Value, name: string, node: Node, args: readonly Operand[], final: Final): Value {
    const own = this.run.functions.get(name);
    if (own !== undefined) return this.evalCall(dot, own, name, node, args, final);
    const builtin = this.run.builtins.get(name);
    if (builtin === undefined) return this.fail(`${quote(name)} is not a defined function`);
    if (name === 'and' || name === 'or') return this.evalLogic(dot, builtin, name, args, final);
    const fn = name === 'call' ? callFunction(textOf(args[1])) : builtin;
    return this.evalCall(dot, fn, name, node, args, final);
  }

  /** `and` and `or` evaluate their arguments only until the result is known. */
  private evalLogic(dot: Value, fn: GoFunction, name: 'and' | 'or', args: readonly Operand[], final: Final): Value {
    this.checkCount(fn, name, Math.max(args.length - 1, 0), final);
    let value: Value;
    for (let index = 1; index < args.length; index += 1) {
      const arg = args[index];
      if (arg === undefined) break;
      value = this.evalArgument(dot, 'interface {}', arg);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return final === NOTHING ? value : final.value;
  }

  private evalCall(
    dot: Value,
    fn: GoFunction,
    name: string,
    node: Node,
    args: readonly Operand[],
    final: Final,
  ): Value {
    const { params, variadic } = fn;
    const count = Math.max(args.length - 1, 0);
    this.checkCount(fn, name, count, final);
    const argv: GoValue[] = [];
    for (let index = 0; index < count; index += 1) {
      const arg = args[index + 1];
      if (arg !== undefined) argv.push(this.evalArgument(dot, params[index] ?? variadic ?? 'interface {}', arg));
    }
    if (final !== NOTHING) argv.push(this.validate(final.value, params[count] ?? variadic ?? 'interface {}'));
    try {
      const result = fn.run(argv, this.run.call);
      this.run.call.budget.hold(sizeOf(result));
      return result;
    } catch (error) {
      if (error instanceof TemplateError && error.code === 'LIMIT_EXCEEDED') throw error;
      this.node = node;
      if (hasCode(error, 'LIMIT_EXCEEDED')) throw error;
      if (error instanceof RangeError && /^Invalid (?:string|array) length$/.test(error.message)) {
        throw new KubecrateError('LIMIT_EXCEEDED', 'a value is larger than memory can hold', { cause: error });
      }
      if (!(error instanceof GoError || error instanceof KubecrateError)) throw error;
      throw this.failure('INVALID_TEMPLATE', `error calling ${name}: ${error.message}`, error);
    }
  }

  private checkCount(fn: GoFunction, name: string, count: number, final: Final): void {
    const given = count + (final === NOTHING ? 0 : 1);
    const wanted = fn.params.length;
    if (fn.variadic !== undefined) {
      if (given < wanted) this.fail(`wrong number of args for ${name}: want at least ${wanted} got ${count}`);
    } else if (given !== wanted) {
      this.fail(`wrong number of args for ${name}: want ${wanted} got ${given}`);
    }
  }

  /** An argument for a parameter of `type`. */
  private evalArgument(dot: Value, type: string, node: Operand): GoValue {
    this.node = node;
    switch (node.type) {
      case 'nil':
        return canBeNil(type) ? null : this.fail(`cannot assign nil to ${type}`);
      case 'dot':
        return this.validate(dot, type);
      case 'bool':
      case 'string':
      case 'number':
        return this.constant(type, node);
      default:
        return this.validate(this.evalOperand(dot, node), type);
    }
  }

  private constant(type: string, node: Extract<Operand, { type: 'bool' | 'string' | 'number' }>): GoValue {
    const number = node.type === 'number' ? node : undefined;
    switch (parameterClass(type)) {
      case 'any':
        return node.type === 'number' ? this.idealConstant(node) : node.value;
      case 'string':
        return node.type === 'string' ? node.value : this.fail(`expected string; found ${nodeText(node)}`);
      case 'bool':
        return node.type === 'bool' ? node.value : this.fail(`expected bool; found ${nodeText(node)}`);
      case 'integer':
        if (number?.int === undefined) return this.fail(`expected integer; found ${nodeText(node)}`);
        return integerAs(number.int, type);
      case 'unsigned':
        if (number?.uint === undefined) return this.fail(`expected unsigned integer; found ${nodeText(node)}`);
        return integerAs(number.uint, type);
      case 'float':
        return number?.float ?? this.fail(`expected float; found ${nodeText(node)}`);
      case 'complex':
        if (number?.complex === undefined) return this.fail(`expected complex; found ${nodeText(node)}`);
        return complexValue(number.complex);
      case 'other':
        return this.fail(`can't handle ${nodeText(node)} for arg of type ${type}`);
    }
  }

  /** An operand whose type nobody asks for, without arguments. */
  private evalOperand(dot: Value, node: Operand): Value {
    switch (node.type) {
      case 'field':
        this.node = node;
        return this.evalFields(dot, { value: dot, boxed: this.boxedDot }, node, node.fields, NO_ARGUMENTS, NOTHING);
      case 'variable':
        return this.evalVariable(dot, node, NO_ARGUMENTS, NOTHING);
      case 'pipe':
        return this.evalPipeline(dot, node);
      case 'identifier':
        this.node = node;
        return this.evalFunction(dot, node.name, node, NO_ARGUMENTS, NOTHING);
      case 'chain':
        return this.evalChain(dot, node, NO_ARGUMENTS, NOTHING);
      default:
        return this.evalArgument(dot, 'interface {}', node);
    }
  }

  private validate(value: Value, type: string): GoValue {
    if (value === undefined) {
      if (type === 'reflect.Value') return NO_VALUE;
      return canBeNil(type) ? null : this.fail(`invalid value; expected ${type}`);
    }
    const assigned = assign(value, type);
    if (assigned !== undefined) return assigned;
    const got = value === null ? 'interface {}' : typeName(value);
    return this.fail(`wrong type for value; expected ${type}; got ${got}`);
  }

  private findVariable(name: string): Variable {
    for (let index = this.vars.length - 1; index >= 0; index -= 1) {
      const variable = this.vars[index];
      if (variable?.name === name) return variable;
    }
    return this.fail(`undefined variable: ${name}`);
  }

  private print(node: Node, value: Value): void {
    if (typeof value === 'string') this.write(value);
    else if (value === undefined || value === null) this.write('<no value>');
    else if (kindOf(value) === 'func') this.fail(`can't print ${nodeText(node)} of type ${typeName(value)}`);
    else this.write(formatValue(pointee(value), 'v', noFlags()));
  }

  private write(text: string): void {
    this.run.call.budget.write(Buffer.byteLength(text, 'utf8'));
    this.run.output += text;
  }

  private fail(reason: string): never {
    throw this.failure('INVALID_TEMPLATE', reason, undefined);
  }

  private failure(code: 'INVALID_TEMPLATE' | 'LIMIT_EXCEEDED', reason: string, cause: unknown): TemplateError {
    const { pos, source } = this.node;
    const before = source.text.slice(0, pos);
    const line = before.split('\n').length;
    const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1), 'utf8');
    const failure = { file: source.parseName, line, column, template: this.tree.name, action: nodeText(this.node) };
    return new TemplateError(code, { stage: 'execute', ...failure, reason }, cause);
  }
}

/** The value that a pipeline hands on, or that there is none. */
type Final = typeof NOTHING | { readonly value: Value };

const NOTHING = Symbol('no final argument');

const NO_ARGUMENTS: readonly Operand[] = [];

interface Receiver {
  readonly value: Value;
  readonly boxed: boolean;
}

/** A running `range`: its node and the height of the variables at its start. */
class Loop {
  readonly node: BranchNode;
  readonly mark: number;

  constructor(node: BranchNode, mark: number) {
    this.node = node;
    this.mark = mark;
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

/** The static type of the elements of a map or list. */
function elementType(value: GoValue): string | undefined {
  if (value instanceof Map || Array.isArray(value)) return 'interface {}';
  if (!(value instanceof Typed)) return undefined;
  const { kind, elem = 'interface {}' } = value.type;
  return kind === 'map' || kind === 'slice' ? elem : undefined;
}

/** What is printed of a pointer: the struct it points to, unless the pointer has a text of its own. */
function pointee(value: GoValue): GoValue {
  if (!(value instanceof Typed) || value.type.kind !== 'ptr' || value.value === null) return value;
  const { name, text } = value.type;
  return text === undefined ? new Typed({ name: name.slice(1), kind: 'struct' }, value.value, value.detail) : value;
}
