/** Reading fields of a configuration strictly: a wrong type or an unknown key is a fault, never a default. */

import { didYouMean, redactName } from '@kubecrate/errors';
import type { Faults } from './faults.ts';
import type { MapEntry, MapNode, Node, ScalarNode } from './node.ts';

/** Faults for keys that are not `known`, each with the nearest that is, and for keys that stand twice. */
export function checkKeys(map: MapNode, known: readonly string[], faults: Faults): void {
  const seen = new Map<string, number>();
  for (const { key, line } of map.entries) {
    const before = seen.get(key);
    const shown = JSON.stringify(redactName(key));
    if (before !== undefined) faults.at(line, `${shown} is given twice, on line ${before} too`);
    seen.set(key, line);
    if (known.includes(key)) continue;
    const near = didYouMean(key, known) ?? `known here: ${known.join(', ')}`;
    faults.at(line, `unknown key ${shown}; ${near}`);
  }
}

/** The value as a map; a fault, and undefined, where it is none. */
export function readMap(node: Node, what: string, faults: Faults): MapNode | undefined {
  if (node.kind === 'map') return node;
  faults.at(node.line, `${what} should be a map, and is ${described(node)}`);
  return undefined;
}

/** The value of an entry as text; numbers count as the text they are written in. A fault, and undefined, where it is neither. */
export function readText({ key, value }: MapEntry, faults: Faults): string | undefined {
  if (value.kind === 'scalar' && (value.type === 'string' || isNumber(value))) return value.text;
  faults.at(value.line, `${key} should be a text, and is ${described(value)}`);
  return undefined;
}

/** `true` or `false`, quoted or not. A fault, and undefined, where it is neither. */
export function readBoolean({ key, value }: MapEntry, faults: Faults): boolean | undefined {
  const text = value.kind === 'scalar' ? value.text.toLowerCase() : '';
  if (text === 'true' || text === 'false') return text === 'true';
  faults.at(value.line, `${key} should be true or false, and is ${described(value)}`);
  return undefined;
}

/** The kind of a value, never the value: it may be a secret. */
function described(node: Node): string {
  if (node.kind !== 'scalar') return `a ${node.kind}`;
  if (node.type === 'string') return 'a text';
  if (isNumber(node)) return 'a number';
  return /^(?:true|false)$/i.test(node.text) ? 'a boolean' : 'empty';
}

function isNumber({ type, text }: ScalarNode): boolean {
  return type === 'other' && /^[-+]?\.?\d/.test(text);
}
