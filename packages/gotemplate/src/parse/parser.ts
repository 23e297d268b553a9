/** Parses the text of one file into trees: one for the file and one for each `define` and `block` in it. */

import { quote } from '../format/quote.ts';
import type { Delimiters } from './lexer.ts';
import {
  type BranchNode,
  type EndNode,
  isEmptyList,
  type ListNode,
  type Source,
  type Statement,
  type Tree,
} from './node.ts';
import { nodeText } from './node-text.ts';
import { MAX_NESTING, PipelineParser } from './pipeline-parser.ts';
import type { Token } from './token.ts';
import { TokenStream } from './token-stream.ts';

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

class Parser {
  readonly trees = new Map<string, Tree>();
  private readonly stream: TokenStream;
  private readonly pipelines: PipelineParser;
  private rangeDepth = 0;
  private nesting = 0;

  constructor(source: Source, options: ParseOptions) {
    this.stream = new TokenStream(source, options);
    this.pipelines = new PipelineParser(this.stream, options.isFunction);
  }

  parseFile(name: string): void {
    const root = this.list(this.stream.peek().pos);
    while (this.stream.peek().type !== 'eof') {
      if (this.stream.peek().type === 'leftDelim') {
        const delimiter = this.stream.next();
        const after = this.stream.nextNonSpace();
        if (after.type === 'define') {
          this.parseDefinition();
          continue;
        }
        this.stream.back(after, delimiter);
      }
      const node = this.textOrAction();
      if (isEnd(node)) this.stream.fail(`unexpected ${nodeText(node)}`);
      else root.nodes.push(node);
    }
    this.add(name, root);
  }

  private parseDefinition(): void {
    const context = 'define clause';
    const name = this.stream.literal(this.stream.nextNonSpace(), context);
    this.stream.expect('rightDelim', context);
    this.add(name, this.body(context));
  }

  /** The list of a `define` or `block`, up to its `end`: it sees no variable but `$`. */
  private body(context: string): ListNode {
    const { variables } = this.pipelines;
    const { rangeDepth } = this;
    this.pipelines.variables = ['$'];
    this.rangeDepth = 0;
    const { list, end } = this.itemList();
    if (end.type !== 'end') this.stream.fail(`unexpected ${nodeText(end)} in ${context}`);
    this.pipelines.variables = variables;
    this.rangeDepth = rangeDepth;
    return list;
  }

  private add(name: string, root: ListNode): void {
    const known = this.trees.get(name);
    if (known === undefined || isEmptyList(known.root)) {
      this.trees.set(name, { name, ...this.stream.source, root });
      return;
    }
    if (!isEmptyList(root)) this.stream.fail(`template: multiple definition of template ${quote(name)}`);
  }

  private itemList(): { readonly list: ListNode; readonly end: EndNode } {
    const list = this.list(this.stream.peekNonSpace().pos);
    this.nesting += 1;
    if (this.nesting > MAX_NESTING) this.stream.fail(`blocks are nested deeper than ${MAX_NESTING}`);
    while (this.stream.peekNonSpace().type !== 'eof') {
      const node = this.textOrAction();
      if (isEnd(node)) {
        this.nesting -= 1;
        return { list, end: node };
      }
      list.nodes.push(node);
    }
    return this.stream.fail('unexpected EOF');
  }

  private textOrAction(): Statement | EndNode {
    const token = this.stream.nextNonSpace();
    if (token.type === 'text') return { type: 'text', pos: token.pos, source: this.stream.source, text: token.text };
    if (token.type !== 'leftDelim') return this.stream.unexpected(token, 'input');
    this.stream.actionLine = token.line;
    const node = this.action();
    this.stream.actionLine = 0;
    return node;
  }

  private action(): Statement | EndNode {
    const token = this.stream.nextNonSpace();
    switch (token.type) {
      case 'block':
        return this.blockControl();
      case 'break':
      case 'continue':
        return this.jumpControl(token, token.type);
      case 'else':
        return this.elseControl();
      case 'end':
        return { type: 'end', pos: this.stream.expect('rightDelim', 'end').pos, source: this.stream.source };
      case 'if':
      case 'with':
      case 'range':
        return this.branch(token.type);
      case 'template':
        return this.templateControl();
      default:
    }
    this.stream.back(token);
    return {
      type: 'action',
      pos: token.pos,
      source: this.stream.source,
      pipe: this.pipelines.pipeline('command', 'rightDelim'),
    };
  }

  private jumpControl(token: Token, type: 'break' | 'continue'): Statement {
    const after = this.stream.nextNonSpace();
    if (after.type !== 'rightDelim') this.stream.unexpected(after, `{{${type}}}`);
    if (this.rangeDepth === 0) this.stream.fail(`{{${type}}} outside {{range}}`);
    return { type, pos: token.pos, source: this.stream.source };
  }

  private elseControl(): EndNode {
    const peeked = this.stream.peekNonSpace();
    // The `if` or `with` stays for the branch that this `else` belongs to.
    const chained = peeked.type === 'if' || peeked.type === 'with';
    const token = chained ? peeked : this.stream.expect('rightDelim', 'else');
    return { type: 'else', pos: token.pos, source: this.stream.source };
  }

  private branch(type: BranchNode['type']): BranchNode {
    const visible = this.pipelines.variables.length;
    const pipe = this.pipelines.pipeline(type, 'rightDelim');
    if (type === 'range') this.rangeDepth += 1;
    const { list, end } = this.itemList();
    if (type === 'range') this.rangeDepth -= 1;
    const elseList = end.type === 'else' ? this.elseList(type, end) : undefined;
    this.pipelines.variables.length = visible;
    return { type, pos: pipe.pos, source: this.stream.source, pipe, list, elseList };
  }

  private elseList(type: BranchNode['type'], end: EndNode): ListNode {
    if (type !== 'range' && this.stream.peek().type === type) {
      this.stream.next();
      const list = this.list(end.pos);
      this.nesting += 1;
      if (this.nesting > MAX_NESTING) this.stream.fail(`blocks are nested deeper than ${MAX_NESTING}`);
      list.nodes.push(this.branch(type));
      this.nesting -= 1;
      return list;
    }
    const rest = this.itemList();
    if (rest.end.type !== 'end') this.stream.fail(`expected end; found ${nodeText(rest.end)}`);
    return rest.list;
  }

  private blockControl(): Statement {
    const context = 'block clause';
    const token = this.stream.nextNonSpace();
    const name = this.stream.literal(token, context);
    const pipe = this.pipelines.pipeline(context, 'rightDelim');
    this.add(name, this.body(context));
    return { type: 'template', pos: token.pos, source: this.stream.source, name, pipe };
  }

  private templateControl(): Statement {
    const context = 'template clause';
    const token = this.stream.nextNonSpace();
    const name = this.stream.literal(token, context);
    const after = this.stream.nextNonSpace();
    if (after.type === 'rightDelim') {
      return { type: 'template', pos: token.pos, source: this.stream.source, name, pipe: undefined };
    }
    this.stream.back(after);
    const pipe = this.pipelines.pipeline(context, 'rightDelim');
    return { type: 'template', pos: token.pos, source: this.stream.source, name, pipe };
  }

  private list(pos: number): ListNode {
    return { type: 'list', pos, source: this.stream.source, nodes: [] };
  }
}

function isEnd(node: Statement | EndNode): node is EndNode {
  return node.type === 'end' || node.type === 'else';
}
