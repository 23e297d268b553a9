/** Structured text as values with the lines they stand on: what YAML and JSON have in common. */

export type Node = MapNode | ListNode | ScalarNode;

export interface MapNode {
  readonly kind: 'map';
  readonly line: number;
  /** In the order of the text; a key may occur twice. */
  readonly entries: readonly MapEntry[];
}

export interface MapEntry {
  readonly key: string;
  /** The line of the key. */
  readonly line: number;
  readonly value: Node;
}

export interface ListNode {
  readonly kind: 'list';
  readonly line: number;
  readonly items: readonly Node[];
}

export interface ScalarNode {
  readonly kind: 'scalar';
  /** The line of its first character; for a block scalar, that of its header. */
  readonly line: number;
  /** The string; for a number, a boolean or null, its text as written (`1.20` stays `1.20`). */
  readonly text: string;
  readonly type: 'string' | 'other';
  readonly style: 'block' | 'inline';
}

/** The value of the first entry with one of these keys, in the order of `keys`. */
export function field(node: Node | undefined, ...keys: readonly string[]): Node | undefined {
  if (node?.kind !== 'map') return undefined;
  for (const key of keys) {
    const entry = node.entries.find((candidate) => candidate.key === key);
    if (entry !== undefined) return entry.value;
  }
  return undefined;
}

/** The text of a scalar field, undefined where it is absent, empty or no scalar. */
export function textField(node: Node | undefined, ...keys: readonly string[]): string | undefined {
  const value = field(node, ...keys);
  if (value?.kind !== 'scalar') return undefined;
  const text = value.text.trim();
  return text === '' || isNull(value) ? undefined : text;
}

/** The items of a list field; none where it is absent or no list. */
export function itemsField(node: Node | undefined, key: string): readonly Node[] {
  const value = field(node, key);
  return value?.kind === 'list' ? value.items : [];
}

/** A path of fields as people write it: `data["a.yaml"]`, `containers[0].image`. */
export function joinPath(path: string, step: string | number): string {
  if (typeof step === 'number') return `${path}[${step}]`;
  if (!/^[\w-]+$/.test(step)) return `${path}[${JSON.stringify(step)}]`;
  return path === '' ? step : `${path}.${step}`;
}

function isNull(node: ScalarNode): boolean {
  return node.type === 'other' && /^(?:null|~|)$/i.test(node.text);
}
