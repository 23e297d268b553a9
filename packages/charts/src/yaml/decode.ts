/** The tree of a YAML document as values: aliases followed, merges done, scalars resolved, keys as text. */

import { formatGo, type GoMap, type GoType, type GoValue, Typed } from '@kubecrate/gotemplate';
import { formatGoFloat } from './format-number.ts';
import type { MappingNode, ScalarNode, YamlNode } from './node.ts';
import { resolveScalar } from './resolve.ts';
import { YamlError } from './yaml-error.ts';

/**
 * The values of a tree. With `numbers` as `yaml`, integers are bigint and floats are number; as `json` all numbers are number,
 * which is what a detour over JSON makes of them. Throws `YamlError`, also for documents that consist mostly of aliases.
 */
export function decodeYaml(root: YamlNode, numbers: 'yaml' | 'json'): GoValue {
  return new Decoder(numbers).value(root);
}

class Decoder {
  readonly #numbers: 'yaml' | 'json';
  readonly #following: Set<YamlNode> = new Set();
  #count = 0;
  #aliasCount = 0;
  #aliasDepth = 0;

  constructor(numbers: 'yaml' | 'json') {
    this.#numbers = numbers;
  }

  value(node: YamlNode): GoValue {
    this.#meter();
    switch (node.kind) {
      case 'alias':
        return this.#followed(node, node.name, () => this.value(node.target));
      case 'scalar':
        return this.#scalar(node);
      case 'sequence':
        return node.items.map((item) => this.value(item));
      case 'mapping': {
        const map: GoMap = new Map();
        this.#fill(map, node);
        return map;
      }
    }
  }

  #fill(map: GoMap, node: MappingNode): void {
    for (const [keyNode, valueNode] of node.entries) {
      if (isMerge(keyNode)) {
        this.#merge(map, valueNode);
        continue;
      }
      const key = this.#key(keyNode);
      const value = this.value(valueNode);
      if (key === null) throw new UnsupportedKeyError(value);
      map.set(key, value);
    }
  }

  /** The keys of a merged map replace those that stand before it, as in go-yaml v2; later ones replace them again. */
  #merge(map: GoMap, node: YamlNode): void {
    if (node.kind === 'sequence') {
      for (const item of node.items.toReversed()) this.#mergeOne(map, item);
    } else this.#mergeOne(map, node);
  }

  #mergeOne(map: GoMap, node: YamlNode): void {
    this.#meter();
    if (node.kind === 'alias' && node.target.kind === 'mapping') {
      const target = node.target;
      this.#followed(node, node.name, () => {
        this.#meter();
        this.#fill(map, target);
        return null;
      });
    } else if (node.kind === 'mapping') this.#fill(map, node);
    else throw new YamlError('map merge requires map or sequence of maps as the value');
  }

  /** A key as text; null where it is null. */
  #key(node: YamlNode): string | null {
    this.#meter();
    const target = node.kind === 'alias' ? node.target : node;
    if (target.kind !== 'scalar') throw new YamlError(`invalid map key: ${inGoSyntax(this.value(node))}`);
    const key = this.#resolved(target);
    switch (typeof key) {
      case 'string':
        return key;
      case 'bigint':
        return String(key);
      case 'boolean':
        return String(key);
      case 'number':
        return formatGoFloat(Math.fround(key), 'float32');
      default:
        return null;
    }
  }

  #scalar(node: ScalarNode): GoValue {
    const value = this.#resolved(node);
    return typeof value === 'bigint' && this.#numbers === 'json' ? Number(value) : value;
  }

  #resolved(node: ScalarNode): null | boolean | string | bigint | number {
    if (node.tag === '' && !node.implicit) return node.value;
    const tag = node.tag.startsWith(LONG_TAG) ? node.tag.slice(LONG_TAG.length) : node.tag === '' ? '' : 'unknown';
    if (tag === 'binary') return decodeBase64(node.value);
    if (!RESOLVABLE.has(tag) || tag === 'str') return node.value;
    const resolved = resolveScalar(node.value);
    if (tag === '' || tag === resolved.type) return resolved.value;
    if (tag === 'float' && resolved.type === 'int') return Number(resolved.value);
    const type = resolved.type === 'string' ? 'str' : resolved.type;
    throw new YamlError(`cannot decode !!${type} \`${node.value}\` as a !!${tag}`);
  }

  #followed<T>(node: YamlNode, name: string, decode: () => T): T {
    if (this.#following.has(node)) throw new YamlError(`anchor '${name}' value contains itself`);
    this.#following.add(node);
    this.#aliasDepth++;
    const value = decode();
    this.#aliasDepth--;
    this.#following.delete(node);
    return value;
  }

  /** go-yaml's measure against a few lines that unfold into gigabytes: the share of values that aliases made. */
  #meter(): void {
    this.#count++;
    if (this.#aliasDepth > 0) this.#aliasCount++;
    if (this.#aliasCount <= 100 || this.#count <= 1000) return;
    if (this.#aliasCount / this.#count > allowedAliasShare(this.#count)) {
      throw new YamlError('document contains excessive aliasing');
    }
  }
}

/** A key that is null: JSON has no such thing. */
export class UnsupportedKeyError extends Error {
  constructor(value: GoValue) {
    super(`unsupported map key of type: %!s(<nil>), key: <nil>, value: ${inGoSyntax(value)}`);
    this.name = 'UnsupportedKeyError';
  }
}

/** A value with the types that go-yaml gives it, as `%#v` prints it. */
function inGoSyntax(value: GoValue): string {
  return formatGo('%#v', [yamlTyped(value)]);
}

function yamlTyped(value: GoValue): GoValue {
  if (Array.isArray(value)) return value.map(yamlTyped);
  if (!(value instanceof Map)) return value;
  return new Typed(YAML_MAP, new Map([...value].map(([key, item]) => [key, yamlTyped(item)])));
}

const YAML_MAP: GoType = { name: 'map[interface {}]interface {}', kind: 'map' };

function isMerge(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === '<<' && (node.implicit || node.tag === `${LONG_TAG}merge`);
}

function allowedAliasShare(count: number): number {
  if (count <= 400_000) return 0.99;
  if (count >= 4_000_000) return 0.1;
  return 0.99 - 0.89 * ((count - 400_000) / 3_600_000);
}

function decodeBase64(text: string): string {
  const compact = text.replace(/[\r\n]/g, '');
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) {
    throw new YamlError('!!binary value contains invalid base64 data');
  }
  return Buffer.from(compact, 'base64').toString('utf8');
}

const LONG_TAG = 'tag:yaml.org,2002:';
const RESOLVABLE: ReadonlySet<string> = new Set(['', 'str', 'bool', 'int', 'float', 'null', 'timestamp']);
