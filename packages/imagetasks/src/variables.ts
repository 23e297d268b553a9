/** Variables of tasks: a file of them, assignments of the command line, and the values that templates see. */

import { Faults, type MapNode, type Node, parseDocument, splitDocuments } from '@kubecrate/documents';
import { KubecrateError } from '@kubecrate/errors';
import type { GoMap, GoValue } from '@kubecrate/gotemplate';

/** Reads a YAML or JSON map of variables. @throws KubecrateError INVALID_CONFIG */
export async function readVariables(text: string, file: string): Promise<GoMap> {
  const faults = new Faults(file);
  const merged: GoMap = new Map();
  for (const document of splitDocuments(text.replace(/^\uFEFF/, ''))) {
    const { root, problem } = await parseDocument(document);
    if (root?.kind === 'map') mergeInto(merged, mapOf(root, faults));
    else faults.at(problem ?? document.line, problem?.message ?? 'expected "name: value" lines');
  }
  faults.throwIfAny('INVALID_CONFIG', `cannot read the variables of ${JSON.stringify(file)}`);
  return merged;
}

/**
 * Puts `name=value`, or `outer.inner=value`, into the variables. The value is the text that is written; `true`, `false` and whole
 * numbers are read as such, since they print as they are written.
 * @throws KubecrateError USAGE
 */
export function assignVariable(variables: GoMap, assignment: string): void {
  const equals = assignment.indexOf('=');
  const path = assignment.slice(0, Math.max(0, equals)).split('.');
  if (equals < 1 || path.some((part) => part === '')) {
    throw new KubecrateError('USAGE', 'cannot read a variable of the command line', { hint: 'write it as name=value' });
  }
  let map = variables;
  for (const part of path.slice(0, -1)) {
    const next = map.get(part);
    const inner: GoMap = next instanceof Map ? next : new Map();
    map.set(part, inner);
    map = inner;
  }
  map.set(path.at(-1) ?? '', assignedValue(assignment.slice(equals + 1)));
}

/** A copy of `outer` with `inner` laid over it, maps merged at every level. */
export function overlay(outer: GoMap, inner: GoMap): GoMap {
  const merged = copyOf(outer);
  mergeInto(merged, inner);
  return merged;
}

/** A node as templates see it. */
export function valueOfNode(node: Node): GoValue {
  if (node.kind === 'list') return node.items.map(valueOfNode);
  if (node.kind === 'map') return new Map(node.entries.map(({ key, value }) => [key, valueOfNode(value)]));
  if (node.type === 'string') return node.text;
  return node.text === '' ? null : scalarOf(node.text);
}

function mapOf(node: MapNode, faults: Faults): GoMap {
  const seen = new Map<string, number>();
  for (const { key, line } of node.entries) {
    const before = seen.get(key);
    if (before !== undefined) faults.at(line, `${JSON.stringify(key)} is given twice, on line ${before} too`);
    seen.set(key, line);
  }
  return new Map(node.entries.map(({ key, value }) => [key, valueOfNode(value)]));
}

/** A version (`3.10`), a password (`1e3`, `~`) or a tag (`007`) would come out as something else if it were read as YAML. */
function assignedValue(text: string): GoValue {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^(?:0|-?[1-9]\d{0,17})$/.test(text) ? BigInt(text) : text;
}

/** The scalars of YAML 1.2. */
function scalarOf(text: string): GoValue {
  if (/^(?:null|Null|NULL|~)$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  if (/^[-+]?\d{1,18}$/.test(text) && !/^[-+]?0\d/.test(text)) return BigInt(text.replace('+', ''));
  if (/^0x[0-9a-fA-F]{1,15}$/.test(text)) return BigInt(text);
  if (/^[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?$/.test(text) && !/^[-+]?0\d/.test(text)) return Number(text);
  return text;
}

function mergeInto(target: GoMap, source: GoMap): void {
  for (const [key, value] of source) {
    const before = target.get(key);
    if (before instanceof Map && value instanceof Map) mergeInto(before, value);
    else target.set(key, value instanceof Map ? copyOf(value) : value);
  }
}

function copyOf(map: GoMap): GoMap {
  return new Map([...map].map(([key, value]) => [key, value instanceof Map ? copyOf(value) : value]));
}
