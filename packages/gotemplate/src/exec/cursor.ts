/** Where an execution stands: the template and the node at work, for the errors that tell it. */

import type { Node, Tree } from '../parse/node.ts';
import { nodeText } from '../parse/node-text.ts';
import { TemplateError } from '../template-error.ts';

export class Cursor {
  private readonly tree: Tree;
  private node: Node;

  constructor(tree: Tree) {
    this.tree = tree;
    this.node = tree.root;
  }

  /** Goes to a node: errors from here on are said to be there. */
  at(node: Node): void {
    this.node = node;
  }

  /** Throws a `TemplateError` with Go's reason at the node at work. */
  fail(reason: string): never {
    throw this.failure('INVALID_TEMPLATE', reason);
  }

  failure(code: 'INVALID_TEMPLATE' | 'LIMIT_EXCEEDED', reason: string, cause?: unknown): TemplateError {
    const { pos, source } = this.node;
    const before = source.text.slice(0, pos);
    const line = before.split('\n').length;
    const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1), 'utf8');
    const place = { file: source.parseName, line, column, template: this.tree.name, action: nodeText(this.node) };
    return new TemplateError(code, { stage: 'execute', ...place, reason }, cause);
  }
}
