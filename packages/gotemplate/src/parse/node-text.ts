/** A node written as Go writes it in messages. */

import { quote } from '../format/quote.ts';
import type { BranchNode, Node, PipeNode } from './node.ts';

/** The text of a node, normalised: one space between words, delimiters `{{` and `}}`. */
export function nodeText(node: Node): string {
  switch (node.type) {
    case 'text':
      return node.text;
    case 'list':
      return node.nodes.map(nodeText).join('');
    case 'action':
      return `{{${pipeText(node.pipe)}}}`;
    case 'if':
    case 'with':
    case 'range':
      return branchText(node);
    case 'template':
      return `{{template ${quote(node.name)}${node.pipe === undefined ? '' : ` ${pipeText(node.pipe)}`}}}`;
    case 'break':
    case 'continue':
    case 'end':
    case 'else':
      return `{{${node.type}}}`;
    case 'pipe':
      return pipeText(node);
    case 'command':
      return node.args.map((arg) => (arg.type === 'pipe' ? `(${pipeText(arg)})` : nodeText(arg))).join(' ');
    case 'identifier':
      return node.name;
    case 'variable':
      return [node.name, ...node.fields].join('.');
    case 'field':
      return node.fields.map((field) => `.${field}`).join('');
    case 'chain': {
      const head = node.node.type === 'pipe' ? `(${pipeText(node.node)})` : nodeText(node.node);
      return head + node.fields.map((field) => `.${field}`).join('');
    }
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'bool':
      return String(node.value);
    case 'number':
      return node.text;
    case 'string':
      return node.quoted;
  }
}

function pipeText(pipe: PipeNode): string {
  const names = pipe.declarations.map(nodeText).join(', ');
  const head = names === '' ? '' : `${names} ${pipe.assigns ? '=' : ':='} `;
  return head + pipe.commands.map(nodeText).join(' | ');
}

function branchText(node: BranchNode): string {
  const otherwise = node.elseList === undefined ? '' : `{{else}}${nodeText(node.elseList)}`;
  return `{{${node.type} ${pipeText(node.pipe)}}}${nodeText(node.list)}${otherwise}{{end}}`;
}
