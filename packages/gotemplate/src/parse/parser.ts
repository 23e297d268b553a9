/** Parses the text of one file into trees: one for the file and one for each `define` and `block` in it. */

import { quote, unquote } from '../format/quote.ts';
import { TemplateError } from '../template-error.ts';
import { type Delimiters, Lexer } from './lexer.ts';
import {
  type BranchNode,
  type CommandNode,
  type EndNode,
  isEmptyList,
  type ListNode,
  type Operand,
  type PipeNode,
  type Source,
  type Statement,
  type Tree,
  type VariableNode,
} from './node.ts';
import { nodeText } from './node-text.ts';
import { numberNode } from './number-node.ts';
import { describeToken, type Token, type TokenType } from './token.ts';

export interface ParseOptions {
  readonly delimiters: Delimiters;
  readonly isFunction: (name: string) => boolean;
}

/**
 * The trees of a file by name, the file's own among them.
 * Throws a `TemplateError` with Go's message: unknown functions and variables are found here.
 */
export function parseTrees(name: string, text: string, options: ParseOptions): Map<string, Tree> {
  const parser = new Parser({ parseName: name, text }, options);
  parser.parseFile(name);
  return parser.trees;
}

/** Nested deeper than this, parentheses and blocks would exhaust the stack of JavaScript. */
const MAX_NESTING = 500;

/** What is known inside one definition: its variables, and whether a loop surrounds. */
interface Scope {
  vars: string[];
  rangeDepth: number;
}

class Parser {
  readonly trees = new Map<string, Tree>();
  private readonly source: Source;
  private readonly options: ParseOptions;
  private readonly lexer: Lexer;
  /** Tokens read ahead; the last is the next. */
  private readonly pending: Token[] = [];
  /** The line of the token read last, which is where Go puts its errors. */
  private line = 1;
  private actionLine = 0;
  private nesting = 0;
  private scope: Scope = { vars: ['$'], rangeDepth: 0 };

  constructor(source: Source, options: ParseOptions) {
    this.source = source;
    this.options = options;
    this.lexer = new Lexer(source.text, options);
  }

  parseFile(name: string): void {
    const root = this.list(this.peek().pos);
    while (this.peek().type !== 'eof') {
      if (this.peek().type === 'leftDelim') {
        const delimiter = this.next();
        const after = this.nextNonSpace();
        if (after.type === 'define') {
          this.parseDefinition();
          continue;
        }
        this.pending.push(after, delimiter);
      }
      const node = this.textOrAction();
      if (isEnd(node)) this.fail(`unexpected ${nodeText(node)}`);
      else root.nodes.push(node);
    }
    this.add(name, root);
  }

  private parseDefinition(): void {
    const context = 'define clause';
    const name = this.literal(this.nextNonSpace(), context);
    this.expect('rightDelim', context);
    this.add(name, this.body(context));
  }

  /** The list of a `define` or `block`, up to its `end`: it sees no variable but `$`. */
  private body(context: string): ListNode {
    const outer = this.scope;
    this.scope = { vars: ['$'], rangeDepth: 0 };
    const { list, end } = this.itemList();
    if (end.type !== 'end') this.fail(`unexpected ${nodeText(end)} in ${context}`);
    this.scope = outer;
    return list;
  }

  private add(name: string, root: ListNode): void {
    const known = this.trees.get(name);
    if (known === undefined || isEmptyList(known.root)) {
      this.trees.set(name, { name, ...this.source, root });
      return;
    }
    if (!isEmptyList(root)) this.fail(`template: multiple definition of template ${quote(name)}`);
  }

  private itemList(): { readonly list: ListNode; readonly end: EndNode } {
    const list = this.list(this.peekNonSpace().pos);
    this.nesting += 1;
    if (this.nesting > MAX_NESTING) this.fail(`blocks are nested deeper than ${MAX_NESTING}`);
    while (this.peekNonSpace().type !== 'eof') {
      const node = this.textOrAction();
      if (isEnd(node)) {
        this.nesting -= 1;
        return { list, end: node };
      }
      list.nodes.push(node);
    }
    return this.fail('unexpected EOF');
  }

  private textOrAction(): Statement | EndNode {
    const token = this.nextNonSpace();
    if (token.type === 'text') return { type: 'text', pos: token.pos, source: this.source, text: token.text };
    if (token.type !== 'leftDelim') return this.unexpected(token, 'input');
    this.actionLine = token.line;
    const node = this.action();
    this.actionLine = 0;
    return node;
  }

  private action(): Statement | EndNode {
    const token = this.nextNonSpace();
    switch (token.type) {
      case 'block':
        return this.blockControl();
      case 'break':
      case 'continue':
        return this.jumpControl(token, token.type);
      case 'else':
        return this.elseControl();
      case 'end':
        return { type: 'end', pos: this.expect('rightDelim', 'end').pos, source: this.source };
      case 'if':
      case 'with':
      case 'range':
        return this.branch(token.type);
      case 'template':
        return this.templateControl();
      default:
    }
    this.pending.push(token);
    return { type: 'action', pos: token.pos, source: this.source, pipe: this.pipeline('command', 'rightDelim') };
  }

  private jumpControl(token: Token, type: 'break' | 'continue'): Statement {
    const after = this.nextNonSpace();
    if (after.type !== 'rightDelim') this.unexpected(after, `{{${type}}}`);
    if (this.scope.rangeDepth === 0) this.fail(`{{${type}}} outside {{range}}`);
    return { type, pos: token.pos, source: this.source };
  }

  private elseControl(): EndNode {
    const peeked = this.peekNonSpace();
    // The `if` or `with` stays for the branch that this `else` belongs to.
    const chained = peeked.type === 'if' || peeked.type === 'with';
    const token = chained ? peeked : this.expect('rightDelim', 'else');
    return { type: 'else', pos: token.pos, source: this.source };
  }

  private branch(type: BranchNode['type']): BranchNode {
    const visible = this.scope.vars.length;
    const pipe = this.pipeline(type, 'rightDelim');
    if (type === 'range') this.scope.rangeDepth += 1;
    const { list, end } = this.itemList();
    if (type === 'range') this.scope.rangeDepth -= 1;
    const elseList = end.type === 'else' ? this.elseList(type, end) : undefined;
    this.scope.vars.length = visible;
    return { type, pos: pipe.pos, source: this.source, pipe, list, elseList };
  }

  private elseList(type: BranchNode['type'], end: EndNode): ListNode {
    if (type !== 'range' && this.peek().type === type) {
      this.next();
      const list = this.list(end.pos);
      this.nesting += 1;
      if (this.nesting > MAX_NESTING) this.fail(`blocks are nested deeper than ${MAX_NESTING}`);
      list.nodes.push(this.branch(type));
      this.nesting -= 1;
      return list;
    }
    const rest = this.itemList();
    if (rest.end.type !== 'end') this.fail(`expected end; found ${nodeText(rest.end)}`);
    return rest.list;
  }

  private blockControl(): Statement {
    const context = 'block clause';
    const token = this.nextNonSpace();
    const name = this.literal(token, context);
    const pipe = this.pipeline(context, 'rightDelim');
    this.add(name, this.body(context));
    return { type: 'template', pos: token.pos, source: this.source, name, pipe };
  }

  private templateControl(): Statement {
    const context = 'template clause';
    const token = this.nextNonSpace();
    const name = this.literal(token, context);
    const after = this.nextNonSpace();
    if (after.type === 'rightDelim') {
      return { type: 'template', pos: token.pos, source: this.source, name, pipe: undefined };
    }
    this.pending.push(after);
    const pipe = this.pipeline(context, 'rightDelim');
    return { type: 'template', pos: token.pos, source: this.source, name, pipe };
  }

  private literal(token: Token, context: string): string {
    if (token.type !== 'string' && token.type !== 'rawString') return this.unexpected(token, context);
    return unquote(token.text) ?? this.fail('invalid syntax');
  }

  private pipeline(context: string, end: 'rightDelim' | 'rightParen'): PipeNode {
    const pipe: PipeNode = {
      type: 'pipe',
      pos: this.peekNonSpace().pos,
      source: this.source,
      assigns: false,
      declarations: [],
      commands: [],
    };
    this.declarations(pipe, context);
    for (;;) {
      const token = this.nextNonSpace();
      if (token.type === end) {
        this.checkPipeline(pipe, context);
        return pipe;
      }
      if (!STARTS_OPERAND.has(token.type)) return this.unexpected(token, context);
      this.pending.push(token);
      pipe.commands.push(this.command());
    }
  }

  /** `$x :=`, `$x =`, or for a range `$i, $x :=`. */
  private declarations(pipe: PipeNode, context: string): void {
    const variable = this.peekNonSpace();
    if (variable.type !== 'variable') return;
    this.next();
    const after = this.next();
    const next = after.type === 'space' ? this.nextNonSpace() : after;
    if (next.type === 'assign' || next.type === 'declare') {
      pipe.assigns = next.type === 'assign';
      this.declare(pipe, variable);
      return;
    }
    if (next.type === 'char' && next.text === ',') {
      this.declare(pipe, variable);
      if (context !== 'range' || pipe.declarations.length > 1) this.fail(`too many declarations in ${context}`);
      const following = this.peekNonSpace().type;
      if (following !== 'variable' && following !== 'rightDelim' && following !== 'rightParen') {
        this.fail('range can only initialize variables');
      }
      this.declarations(pipe, context);
      return;
    }
    this.pending.push(next);
    if (after !== next) this.pending.push(after);
    this.pending.push(variable);
  }

  private declare(pipe: PipeNode, token: Token): void {
    pipe.declarations.push(this.variable(token.pos, token.text));
    this.scope.vars.push(token.text);
  }

  private checkPipeline(pipe: PipeNode, context: string): void {
    if (pipe.commands.length === 0) this.fail(`missing value for ${context}`);
    for (const [index, command] of pipe.commands.entries()) {
      const first = command.args[0];
      if (index > 0 && first !== undefined && CONSTANTS.has(first.type)) {
        this.fail(`non executable command in pipeline stage ${index + 1}`);
      }
    }
  }

  private command(): CommandNode {
    const command: CommandNode = {
      type: 'command',
      pos: this.peekNonSpace().pos,
      source: this.source,
      args: [],
    };
    for (;;) {
      this.peekNonSpace();
      const operand = this.operand();
      if (operand !== undefined) command.args.push(operand);
      const token = this.next();
      if (token.type === 'space') continue;
      if (token.type === 'rightDelim' || token.type === 'rightParen') this.pending.push(token);
      else if (token.type !== 'pipe') this.unexpected(token, 'operand');
      break;
    }
    if (command.args.length === 0) this.fail('empty command');
    return command;
  }

  /** A term and the fields behind it. */
  private operand(): Operand | undefined {
    const node = this.term();
    if (node === undefined || this.peek().type !== 'field') return node;
    const { pos } = this.peek();
    const fields: string[] = [];
    while (this.peek().type === 'field') fields.push(this.next().text.slice(1));
    const { source } = this;
    if (node.type === 'field') return { type: 'field', pos, source, fields: [...node.fields, ...fields] };
    if (node.type === 'variable') {
      return { type: 'variable', pos, source, name: node.name, fields: [...node.fields, ...fields] };
    }
    if (CONSTANTS.has(node.type)) this.fail(`unexpected . after term ${quote(nodeText(node))}`);
    return { type: 'chain', pos, source, node, fields };
  }

  private term(): Operand | undefined {
    const token = this.nextNonSpace();
    const { pos } = token;
    const { source } = this;
    switch (token.type) {
      case 'identifier':
        if (!this.options.isFunction(token.text)) this.fail(`function ${quote(token.text)} not defined`);
        return { type: 'identifier', pos, source, name: token.text };
      case 'dot':
        return { type: 'dot', pos, source };
      case 'nil':
        return { type: 'nil', pos, source };
      case 'variable':
        return this.useVariable(token);
      case 'field':
        return { type: 'field', pos, source, fields: [token.text.slice(1)] };
      case 'bool':
        return { type: 'bool', pos, source, value: token.text === 'true' };
      case 'charConstant':
      case 'complex':
      case 'number': {
        const number = numberNode(token, source);
        return typeof number === 'string' ? this.fail(number) : number;
      }
      case 'leftParen': {
        this.nesting += 1;
        if (this.nesting > MAX_NESTING) this.fail(`parentheses are nested deeper than ${MAX_NESTING}`);
        const pipe = this.pipeline('parenthesized pipeline', 'rightParen');
        this.nesting -= 1;
        return pipe;
      }
      case 'string':
      case 'rawString':
        return {
          type: 'string',
          pos,
          source,
          quoted: token.text,
          value: unquote(token.text) ?? this.fail('invalid syntax'),
        };
      default:
    }
    this.pending.push(token);
    return undefined;
  }

  private useVariable(token: Token): VariableNode {
    if (!this.scope.vars.includes(token.text)) this.fail(`undefined variable ${quote(token.text)}`);
    return this.variable(token.pos, token.text);
  }

  private variable(pos: number, name: string): VariableNode {
    return { type: 'variable', pos, source: this.source, name, fields: [] };
  }

  private list(pos: number): ListNode {
    return { type: 'list', pos, source: this.source, nodes: [] };
  }

  private next(): Token {
    const token = this.pending.pop();
    if (token !== undefined) return token;
    const fresh = this.lexer.next();
    this.line = fresh.line;
    return fresh;
  }

  private peek(): Token {
    const token = this.next();
    this.pending.push(token);
    return token;
  }

  private nextNonSpace(): Token {
    let token = this.next();
    while (token.type === 'space') token = this.next();
    return token;
  }

  private peekNonSpace(): Token {
    const token = this.nextNonSpace();
    this.pending.push(token);
    return token;
  }

  private expect(type: TokenType, context: string): Token {
    const token = this.nextNonSpace();
    return token.type === type ? token : this.unexpected(token, context);
  }

  private unexpected(token: Token, context: string): never {
    if (token.type !== 'error') return this.fail(`unexpected ${describeToken(token)} in ${context}`);
    if (this.actionLine === 0 || this.actionLine === token.line) return this.fail(token.text);
    const subject = token.text.endsWith(' action') ? '' : ' in action';
    return this.fail(`${token.text}${subject} started at ${this.source.parseName}:${this.actionLine}`);
  }

  private fail(reason: string): never {
    throw new TemplateError('INVALID_TEMPLATE', {
      stage: 'parse',
      file: this.source.parseName,
      line: this.line,
      reason,
    });
  }
}

function isEnd(node: Statement | EndNode): node is EndNode {
  return node.type === 'end' || node.type === 'else';
}

const CONSTANTS: ReadonlySet<string> = new Set(['bool', 'dot', 'nil', 'number', 'string']);

const STARTS_OPERAND: ReadonlySet<TokenType> = new Set<TokenType>([
  'bool',
  'charConstant',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'rawString',
  'string',
  'variable',
  'leftParen',
]);
