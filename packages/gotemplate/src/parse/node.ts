/** The tree that a template is parsed into. */

/** One template: its name, its nodes, and the text it was parsed from (for positions). */
export interface Tree {
  readonly name: string;
  /** The name of the file, or whatever was given to `parse`, in which the template is written. */
  readonly parseName: string;
  readonly text: string;
  readonly root: ListNode;
}

/** Where a node stands: an index into the text that was parsed. */
export interface Source {
  readonly parseName: string;
  readonly text: string;
}

interface Positioned {
  readonly pos: number;
  readonly source: Source;
}

export interface ListNode extends Positioned {
  readonly type: 'list';
  readonly nodes: Statement[];
}
export interface TextNode extends Positioned {
  readonly type: 'text';
  readonly text: string;
}
export interface ActionNode extends Positioned {
  readonly type: 'action';
  readonly pipe: PipeNode;
}
export interface BranchNode extends Positioned {
  readonly type: 'if' | 'with' | 'range';
  readonly pipe: PipeNode;
  readonly list: ListNode;
  readonly elseList: ListNode | undefined;
}
export interface TemplateNode extends Positioned {
  readonly type: 'template';
  readonly name: string;
  readonly pipe: PipeNode | undefined;
}
export interface JumpNode extends Positioned {
  readonly type: 'break' | 'continue';
}
/** Not part of a finished tree: what ends a list. */
export interface EndNode extends Positioned {
  readonly type: 'end' | 'else';
}

export interface PipeNode extends Positioned {
  readonly type: 'pipe';
  /** `=` instead of `:=`. */
  assigns: boolean;
  readonly declarations: VariableNode[];
  readonly commands: CommandNode[];
}
export interface CommandNode extends Positioned {
  readonly type: 'command';
  readonly args: Operand[];
}
export interface IdentifierNode extends Positioned {
  readonly type: 'identifier';
  readonly name: string;
}
export interface VariableNode extends Positioned {
  readonly type: 'variable';
  /** The name with its dollar sign. */
  readonly name: string;
  readonly fields: readonly string[];
}
export interface FieldNode extends Positioned {
  readonly type: 'field';
  readonly fields: readonly string[];
}
export interface ChainNode extends Positioned {
  readonly type: 'chain';
  readonly node: Operand;
  readonly fields: readonly string[];
}
export interface DotNode extends Positioned {
  readonly type: 'dot';
}
export interface NilNode extends Positioned {
  readonly type: 'nil';
}
export interface BoolNode extends Positioned {
  readonly type: 'bool';
  readonly value: boolean;
}
export interface StringNode extends Positioned {
  readonly type: 'string';
  readonly quoted: string;
  readonly value: string;
}
/** A number constant, kept as every type that can hold its value. */
export interface NumberNode extends Positioned {
  readonly type: 'number';
  readonly text: string;
  readonly int: bigint | undefined;
  readonly uint: bigint | undefined;
  readonly float: number | undefined;
  readonly complex: Complex | undefined;
}

export interface Complex {
  readonly real: number;
  readonly imaginary: number;
}

export type Statement = TextNode | ActionNode | BranchNode | TemplateNode | JumpNode;
export type Operand =
  | IdentifierNode
  | VariableNode
  | FieldNode
  | ChainNode
  | DotNode
  | NilNode
  | BoolNode
  | StringNode
  | NumberNode
  | PipeNode;
export type Node = Statement | Operand | ListNode | CommandNode | EndNode;

/** True for a template of white space only (and comments): such a definition does not replace another. */
export function isEmptyList(list: ListNode): boolean {
  return list.nodes.every((node) => node.type === 'text' && /^[\s\u0085]*$/.test(node.text));
}
