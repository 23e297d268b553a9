/** Values of a chart as nodes, so that the rules for objects can be held against them. Their lines are not known: all are 1. */

import type { Node } from '@kubecrate/documents';
import { type GoValue, Typed } from '@kubecrate/gotemplate';

export function nodeOfValue(value: GoValue): Node {
  if (value instanceof Map) {
    const entries = [...value].map(([key, inner]) => ({ key, line: 1, value: nodeOfValue(inner) }));
    return { kind: 'map', line: 1, entries };
  }
  if (Array.isArray(value)) return { kind: 'list', line: 1, items: value.map(nodeOfValue) };
  if (value instanceof Typed) return nodeOfValue(value.value);
  const isString = typeof value === 'string';
  const text = value === null || value instanceof Uint8Array ? '' : String(value);
  return { kind: 'scalar', line: 1, text, type: isString ? 'string' : 'other', style: 'inline' };
}
