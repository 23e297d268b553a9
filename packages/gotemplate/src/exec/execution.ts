/** Executes one template: walks its statements and writes the output. */

import { hasCode } from '@kubecrate/errors';
import { noFlags } from '../format/flags.ts';
import { formatValue } from '../format/format-value.ts';
import { quote } from '../format/quote.ts';
import type { ActionNode, BranchNode, ListNode, Statement, TemplateNode, Tree } from '../parse/node.ts';
import { nodeText } from '../parse/node-text.ts';
import { TemplateError } from '../template-error.ts';
import { GoError, type GoValue, kindOf, Typed, typeName } from '../value.ts';
import { Cursor } from './cursor.ts';
import { loopElements } from './loop-elements.ts';
import { Pipelines } from './pipelines.ts';
import type { Held, Run, Value } from './run.ts';
import { StackLimitError } from './stack-limit.ts';
import { isTrue } from './truth.ts';
import { Variables } from './variables.ts';

/** Executes `tree` with `data` as dot and `$`; the output is added to `run.output`. */
export function executeTree(tree: Tree, data: Value, run: Run): void {
  new Execution(tree, data, run).execute();
}

type Jump = 'break' | 'continue' | undefined;

class Execution {
  private readonly tree: Tree;
  private readonly data: Value;
  private readonly run: Run;
  private readonly cursor: Cursor;
  private readonly variables: Variables;
  private readonly pipelines: Pipelines;

  constructor(tree: Tree, data: Value, run: Run) {
    this.tree = tree;
    this.data = data;
    this.run = run;
    this.cursor = new Cursor(tree);
    this.variables = new Variables(data);
    this.pipelines = new Pipelines(run, this.cursor, this.variables);
  }

  execute(): void {
    try {
      this.walkList({ value: this.data, boxed: false }, this.tree.root);
    } catch (error) {
      // A bound that was passed has no place yet: it is where this template stands.
      if (hasCode(error, 'LIMIT_EXCEEDED') && !(error instanceof TemplateError)) {
        throw this.cursor.failure('LIMIT_EXCEEDED', error.message, error);
      }
      // A value of the host that does not give its text.
      if (error instanceof GoError) throw this.cursor.failure('INVALID_TEMPLATE', error.message, error);
      // Values that hold themselves, or functions of the host that recurse, may still reach the end of the stack.
      if (error instanceof RangeError && error.message.includes('call stack')) {
        const limit = new StackLimitError('templates or values are nested too deep', { cause: error });
        throw this.cursor.failure('LIMIT_EXCEEDED', limit.message, limit);
      }
      throw error;
    }
  }

  private walkList(dot: Held, list: ListNode): Jump {
    const { budget } = this.run.call;
    budget.descend(1);
    let jump: Jump;
    for (const node of list.nodes) {
      jump = this.walk(dot, node);
      if (jump !== undefined) break;
    }
    budget.ascend(1);
    return jump;
  }

  private walk(dot: Held, node: Statement): Jump {
    this.cursor.at(node);
    switch (node.type) {
      case 'text':
        this.write(node.text);
        return undefined;
      case 'action': {
        const value = this.pipelines.evaluate(dot, node.pipe);
        if (node.pipe.declarations.length === 0) this.print(node, value);
        return undefined;
      }
      case 'if':
      case 'with':
        return this.walkBranch(dot, node);
      case 'range':
        return this.walkRange(dot, node);
      case 'template':
        this.walkTemplate(dot, node);
        return undefined;
      default:
        return node.type;
    }
  }

  private walkBranch(dot: Held, node: BranchNode): Jump {
    const { height } = this.variables;
    const value = this.pipelines.evaluate(dot, node.pipe);
    const list = isTrue(value) ? node.list : node.elseList;
    const inner = node.type === 'with' && list === node.list ? { value, boxed: false } : dot;
    const jump = list === undefined ? undefined : this.walkList(inner, list);
    this.variables.cut(height);
    return jump;
  }

  private walkRange(dot: Held, node: BranchNode): Jump {
    const { height } = this.variables;
    const value = this.pipelines.evaluate(dot, node.pipe);
    const elements = loopElements(
      value,
      { variables: node.pipe.declarations.length, integers: this.run.integerLoops },
      this.cursor,
    );
    const inside = this.variables.height;
    let ran = false;
    for (const [index, element] of elements) {
      ran = true;
      this.run.call.budget.step();
      this.setLoopVariables(node, inside, index, element);
      const jump = this.walkList(element, node.list);
      this.variables.cut(inside);
      if (jump === 'break') break;
    }
    const jump = ran || node.elseList === undefined ? undefined : this.walkList(dot, node.elseList);
    this.variables.cut(height);
    return jump;
  }

  /** One variable gets the element, two get the index and the element. */
  private setLoopVariables({ pipe }: BranchNode, inside: number, index: Value, element: Held): void {
    const count = pipe.declarations.length;
    for (const [position, { name }] of pipe.declarations.entries()) {
      const variable = pipe.assigns ? this.pipelines.variable(name) : this.variables.below(inside, count - position);
      if (variable === undefined) continue;
      const isElement = position === count - 1;
      variable.value = isElement ? element.value : index;
      variable.boxed = isElement && element.boxed;
    }
  }

  private walkTemplate(dot: Held, node: TemplateNode): void {
    const tree = this.run.template(node.name);
    if (tree === undefined) {
      throw this.cursor.failure('INVALID_TEMPLATE', `template ${quote(node.name)} not defined`);
    }
    this.run.call.budget.enter();
    const data = node.pipe === undefined ? undefined : this.pipelines.evaluate(dot, node.pipe);
    executeTree(tree, data, this.run);
    this.run.call.budget.leave();
  }

  private print(node: ActionNode, value: Value): void {
    this.cursor.at(node);
    if (typeof value === 'string') this.write(value);
    else if (value === undefined || value === null) this.write('<no value>');
    else if (kindOf(value) === 'func') this.cursor.fail(`can't print ${nodeText(node)} of type ${typeName(value)}`);
    else if (value instanceof Typed && value.type.pointerText !== undefined) this.write(value.type.pointerText(value));
    else this.write(formatValue(pointee(value), 'v', noFlags()));
  }

  private write(text: string): void {
    this.run.call.budget.write(Buffer.byteLength(text, 'utf8'));
    this.run.output += text;
  }
}

/** What is printed of a pointer: the struct it points to, unless the pointer has a text of its own. */
function pointee(value: GoValue): GoValue {
  if (!(value instanceof Typed) || value.type.kind !== 'ptr' || value.value === null) return value;
  const { name, text } = value.type;
  return text === undefined ? new Typed({ name: name.slice(1), kind: 'struct' }, value.value, value.detail) : value;
}
