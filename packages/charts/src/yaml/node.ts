/** The tree of a YAML document before its scalars are resolved. */

export type YamlNode = ScalarNode | SequenceNode | MappingNode | AliasNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: string;
  /** The full tag (`tag:yaml.org,2002:int`), or empty. */
  readonly tag: string;
  /** True for a plain scalar without a tag, whose text decides its type. */
  readonly implicit: boolean;
}

export interface SequenceNode {
  readonly kind: 'sequence';
  readonly items: readonly YamlNode[];
}

export interface MappingNode {
  readonly kind: 'mapping';
  readonly entries: readonly (readonly [YamlNode, YamlNode])[];
}

export interface AliasNode {
  readonly kind: 'alias';
  readonly name: string;
  readonly target: YamlNode;
}
