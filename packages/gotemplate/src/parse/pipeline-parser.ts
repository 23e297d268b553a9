/** Parses pipelines: declarations, commands, operands, terms. */

import { quote, unquote } from '../format/quote.ts';
import type { CommandNode, Operand, PipeNode, VariableNode } from './node.ts';
import { nodeText } from './node-text.ts';
import { numberNode } from './number-node.ts';
import type { Token, TokenType } from './token.ts';
import type { TokenStream } from './token-stream.ts';

/** Nested deeper than this, parentheses and blocks would exhaust the stack of JavaScript. */
export const MAX_NESTING = 500;

export class PipelineParser {
  /** The variables that are visible, in the order of their declaration; blocks shorten it at their end. */
  variables: string[] = ['$'];
  private readonly stream: TokenStream;
  private readonly isFunction: (name: string) => boolean;
  private nesting = 0;

  constructor(stream: TokenStream, isFunction: (name: string) => boolean) {
    this.stream = stream;
    this.isFunction = isFunction;
  }

  /** A pipeline up to its end; `context` is what Go calls the place in its errors. */
  pipeline(context: string, end: 'rightDelim' | 'rightParen'): PipeNode {
    const pipe: PipeNode = {
      type: 'pipe',
      pos: this.stream.peekNonSpace().pos,
      source: this.stream.source,
      assigns: false,
      declarations: [],
      commands: [],
    };
    this.declarations(pipe, context);
    for (;;) {
      const token = this.stream.nextNonSpace();
      if (token.type === end) {
        this.checkPipeline(pipe, context);
        return pipe;
      }
      if (!STARTS_OPERAND.has(token.type)) return this.stream.unexpected(token, context);
      this.stream.back(token);
      pipe.commands.push(this.command());
    }
  }

  /** `$x :=`, `$x =`, or for a range `$i, $x :=`. */
  private declarations(pipe: PipeNode, context: string): void {
    const variable = this.stream.peekNonSpace();
    if (variable.type !== 'variable') return;
    this.stream.next();
    const after = this.stream.next();
    const next = after.type === 'space' ? this.stream.nextNonSpace() : after;
    if (next.type === 'assign' || next.type === 'declare') {
      pipe.assigns = next.type === 'assign';
      this.declare(pipe, variable);
      return;
    }
    if (next.type === 'char' && next.text === ',') {
      this.declare(pipe, variable);
      if (context !== 'range' || pipe.declarations.length > 1) this.stream.fail(`too many declarations in ${context}`);
      const following = this.stream.peekNonSpace().type;
      if (following !== 'variable' && following !== 'rightDelim' && following !== 'rightParen') {
        this.stream.fail('range can only initialize variables');
      }
      this.declarations(pipe, context);
      return;
    }
    this.stream.back(next);
    if (after !== next) this.stream.back(after);
    this.stream.back(variable);
  }

  private declare(pipe: PipeNode, token: Token): void {
    pipe.declarations.push(this.variable(token.pos, token.text));
    this.variables.push(token.text);
  }

  private checkPipeline(pipe: PipeNode, context: string): void {
    if (pipe.commands.length === 0) this.stream.fail(`missing value for ${context}`);
    for (const [index, command] of pipe.commands.entries()) {
      const first = command.args[0];
      if (index > 0 && first !== undefined && CONSTANTS.has(first.type)) {
        this.stream.fail(`non executable command in pipeline stage ${index + 1}`);
      }
    }
  }

  private command(): CommandNode {
    const command: CommandNode = {
      type: 'command',
      pos: this.stream.peekNonSpace().pos,
      source: this.stream.source,
      args: [],
    };
    for (;;) {
      this.stream.peekNonSpace();
      const operand = this.operand();
      if (operand !== undefined) command.args.push(operand);
      const token = this.stream.next();
      if (token.type === 'space') continue;
      if (token.type === 'rightDelim' || token.type === 'rightParen') this.stream.back(token);
      else if (token.type !== 'pipe') this.stream.unexpected(token, 'operand');
      break;
    }
    if (command.args.length === 0) this.stream.fail('empty command');
    return command;
  }

  /** A term and the fields behind it. */
  private operand(): Operand | undefined {
    const node = this.term();
    if (node === undefined || this.stream.peek().type !== 'field') return node;
    const { pos } = this.stream.peek();
    const fields: string[] = [];
    while (this.stream.peek().type === 'field') fields.push(this.stream.next().text.slice(1));
    const { source } = this.stream;
    if (node.type === 'field') return { type: 'field', pos, source, fields: [...node.fields, ...fields] };
    if (node.type === 'variable') {
      return { type: 'variable', pos, source, name: node.name, fields: [...node.fields, ...fields] };
    }
    if (CONSTANTS.has(node.type)) this.stream.fail(`unexpected . after term ${quote(nodeText(node))}`);
    return { type: 'chain', pos, source, node, fields };
  }

  private term(): Operand | undefined {
    const token = this.stream.nextNonSpace();
    const { pos } = token;
    const { source } = this.stream;
    switch (token.type) {
      case 'identifier':
        if (!this.isFunction(token.text)) this.stream.fail(`function ${quote(token.text)} not defined`);
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
        return typeof number === 'string' ? this.stream.fail(number) : number;
      }
      case 'leftParen': {
        this.nesting += 1;
        if (this.nesting > MAX_NESTING) this.stream.fail(`parentheses are nested deeper than ${MAX_NESTING}`);
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
          value: unquote(token.text) ?? this.stream.fail('invalid syntax'),
        };
      default:
    }
    this.stream.back(token);
    return undefined;
  }

  private useVariable(token: Token): VariableNode {
    if (!this.variables.includes(token.text)) this.stream.fail(`undefined variable ${quote(token.text)}`);
    return this.variable(token.pos, token.text);
  }

  private variable(pos: number, name: string): VariableNode {
    return { type: 'variable', pos, source: this.stream.source, name, fields: [] };
  }
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
