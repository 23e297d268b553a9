/** Constants written in a template, as the values that they are where they stand. */

import { complexValue } from '../format/complex.ts';
import type { BoolNode, NumberNode, StringNode } from '../parse/node.ts';
import { nodeText } from '../parse/node-text.ts';
import { durationValue } from '../time/duration.ts';
import type { GoValue } from '../value.ts';
import type { Cursor } from './cursor.ts';
import { integerAs, parameterClass } from './parameter.ts';

export type ConstantNode = BoolNode | StringNode | NumberNode;

/** A number where no type is asked for: how it is written decides. */
export function idealNumber(node: NumberNode, cursor: Cursor): GoValue {
  cursor.at(node);
  if (node.complex !== undefined) return complexValue(node.complex);
  const hex = /^0[xX]/.test(node.text) && !/[pP]/.test(node.text);
  if (node.float !== undefined && !hex && !node.text.startsWith("'") && /[.eEpP]/.test(node.text)) return node.float;
  return node.int ?? cursor.fail(`${node.text} overflows int`);
}

/** A constant for a parameter of `type`; what the type does not take fails. */
export function constantFor(type: string, node: ConstantNode, cursor: Cursor): GoValue {
  const number = node.type === 'number' ? node : undefined;
  const expected = (what: string): never => cursor.fail(`expected ${what}; found ${nodeText(node)}`);
  switch (parameterClass(type)) {
    case 'any':
      return node.type === 'number' ? idealNumber(node, cursor) : node.value;
    case 'string':
      return node.type === 'string' ? node.value : expected('string');
    case 'bool':
      return node.type === 'bool' ? node.value : expected('bool');
    case 'integer':
      if (number?.int === undefined) return expected('integer');
      return type === 'time.Duration' ? durationValue(number.int) : integerAs(number.int, type);
    case 'unsigned':
      return number?.uint === undefined ? expected('unsigned integer') : integerAs(number.uint, type);
    case 'float':
      return number?.float ?? expected('float');
    case 'complex':
      return number?.complex === undefined ? expected('complex') : complexValue(number.complex);
    case 'other':
      return cursor.fail(`can't handle ${nodeText(node)} for arg of type ${type}`);
  }
}
