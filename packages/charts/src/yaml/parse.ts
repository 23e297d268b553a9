/** YAML 1.1 text into the tree of its first document, as go-yaml v2 parses it. */

import { isValidText } from '../json/valid-text.ts';
import type { MappingNode, ScalarNode, SequenceNode, YamlNode } from './node.ts';
import { readPlainBlocks } from './plain-blocks.ts';
import { Scanner } from './scanner.ts';
import type { Token, TokenType } from './token.ts';
import { type Mark, parserError, YamlError } from './yaml-error.ts';

/** The first document of a text, or undefined where there is none. Throws `YamlError`. */
export function parseYaml(text: string): YamlNode | undefined {
  checkCharacters(text);
  return readPlainBlocks(text) ?? parseAnyYaml(text);
}

/** As `parseYaml`, with the parser that knows all of YAML. */
export function parseAnyYaml(text: string): YamlNode | undefined {
  return new Parser(text).document();
}

function checkCharacters(text: string): void {
  if (FORBIDDEN.test(text)) throw new YamlError('control characters are not allowed');
  if (!isValidText(text)) throw new YamlError('invalid leading UTF-8 octet');
}

class Parser {
  readonly #scanner: Scanner;
  readonly #anchors: Map<string, YamlNode> = new Map();
  readonly #tagPrefixes: Map<string, string> = new Map([
    ['!', '!'],
    ['!!', LONG_TAG],
  ]);

  constructor(text: string) {
    this.#scanner = new Scanner(text);
  }

  document(): YamlNode | undefined {
    let token = this.#scanner.peek();
    if (token.type === 'stream-end') return undefined;
    if (STARTS_EXPLICITLY.has(token.type)) {
      this.#directives();
      token = this.#scanner.peek();
      if (token.type !== 'document-start') {
        throw parserError('did not find expected <document start>', token.start);
      }
      this.#scanner.take();
      if (ENDS_DOCUMENT.has(this.#scanner.peek().type)) return EMPTY;
    }
    const root = this.#node('block', 'entry');
    this.#scanner.peek();
    return root;
  }

  #directives(): void {
    let version = false;
    for (let token = this.#scanner.peek(); ; token = this.#scanner.peek()) {
      if (token.type === 'version-directive') {
        if (version) throw parserError('found duplicate %YAML directive', token.start);
        if (token.value !== '1.1') throw parserError('found incompatible YAML document', token.start);
        version = true;
      } else if (token.type === 'tag-directive') {
        this.#tagPrefixes.set(token.value ?? '', token.suffix ?? '');
      } else return;
      this.#scanner.take();
    }
  }

  /** `value` is the place of a key or value of a block mapping, where a sequence need not be indented. */
  #node(context: 'block' | 'flow', place: 'entry' | 'value'): YamlNode {
    const start = this.#scanner.peek().start;
    if (this.#scanner.peek().type === 'alias') return this.#alias(this.#scanner.take());
    const { anchor, tag } = this.#properties();
    const token = this.#scanner.peek();
    if (token.type === 'scalar') {
      this.#scanner.take();
      const implicit = (tag === '' && token.style === 'plain') || tag === '!';
      const node: ScalarNode = { kind: 'scalar', value: token.value ?? '', tag: implicit ? '' : tag, implicit };
      return this.#anchored(anchor, node);
    }
    if (token.type === 'flow-sequence-start') return this.#flowSequence(anchor);
    if (token.type === 'flow-mapping-start') return this.#flowMapping(anchor);
    if (context === 'block') {
      if (token.type === 'block-sequence-start') return this.#blockSequence(anchor);
      if (token.type === 'block-mapping-start') return this.#blockMapping(anchor);
      if (token.type === 'block-entry' && place === 'value') return this.#indentlessSequence(anchor);
    }
    if (anchor !== '' || tag !== '') {
      return this.#anchored(anchor, { kind: 'scalar', value: '', tag, implicit: tag === '' });
    }
    throw parserError('did not find expected node content', token.start, start);
  }

  #alias(token: Token): YamlNode {
    const name = token.value ?? '';
    const target = this.#anchors.get(name);
    if (target === undefined) throw new YamlError(`unknown anchor '${name}' referenced`);
    return { kind: 'alias', name, target };
  }

  #properties(): { readonly anchor: string; readonly tag: string } {
    const { type } = this.#scanner.peek();
    if (type !== 'anchor' && type !== 'tag') return NO_PROPERTIES;
    let anchor = '';
    let tag = '';
    for (let token = this.#scanner.peek(); ; token = this.#scanner.peek()) {
      if (token.type === 'anchor' && anchor === '') anchor = token.value ?? '';
      else if (token.type === 'tag' && tag === '') tag = this.#resolveTag(token);
      else return { anchor, tag };
      this.#scanner.take();
    }
  }

  #resolveTag(token: Token): string {
    const handle = token.value ?? '';
    if (handle === '') return token.suffix ?? '';
    const prefix = this.#tagPrefixes.get(handle);
    if (prefix === undefined) throw parserError('found undefined tag handle', token.start);
    return prefix + (token.suffix ?? '');
  }

  #anchored<N extends YamlNode>(anchor: string, node: N): N {
    if (anchor !== '') this.#anchors.set(anchor, node);
    return node;
  }

  #blockSequence(anchor: string): SequenceNode {
    const start = this.#scanner.take().start;
    const items: YamlNode[] = [];
    const node = this.#anchored(anchor, { kind: 'sequence', items });
    for (;;) {
      const token = this.#scanner.peek();
      if (token.type === 'block-end') break;
      if (token.type !== 'block-entry') throw parserError("did not find expected '-' indicator", token.start, start);
      this.#scanner.take();
      items.push(this.#nodeOrEmpty('block', 'entry', AFTER_BLOCK_ENTRY));
    }
    this.#scanner.take();
    return node;
  }

  #indentlessSequence(anchor: string): SequenceNode {
    const items: YamlNode[] = [];
    const node = this.#anchored(anchor, { kind: 'sequence', items });
    while (this.#scanner.peek().type === 'block-entry') {
      this.#scanner.take();
      items.push(this.#nodeOrEmpty('block', 'entry', AFTER_INDENTLESS_ENTRY));
    }
    return node;
  }

  #blockMapping(anchor: string): MappingNode {
    const start = this.#scanner.take().start;
    const entries: [YamlNode, YamlNode][] = [];
    const node = this.#anchored(anchor, { kind: 'mapping', entries });
    for (;;) {
      const token = this.#scanner.peek();
      if (token.type === 'block-end') break;
      if (token.type !== 'key') throw parserError('did not find expected key', token.start, start);
      const key = this.#after('key', 'block', AFTER_BLOCK_KEY);
      entries.push([key, this.#after('value', 'block', AFTER_BLOCK_KEY)]);
    }
    this.#scanner.take();
    return node;
  }

  #flowSequence(anchor: string): SequenceNode {
    const start = this.#scanner.take().start;
    const items: YamlNode[] = [];
    const node = this.#anchored(anchor, { kind: 'sequence', items });
    while (this.#scanner.peek().type !== 'flow-sequence-end') {
      if (items.length > 0) this.#separator(start, "did not find expected ',' or ']'");
      const type = this.#scanner.peek().type;
      if (type === 'flow-sequence-end') break;
      if (type === 'key') {
        const key = this.#after('key', 'flow', AFTER_FLOW_KEY);
        items.push({ kind: 'mapping', entries: [[key, this.#after('value', 'flow', AFTER_FLOW_VALUE)]] });
      } else items.push(this.#node('flow', 'entry'));
    }
    this.#scanner.take();
    return node;
  }

  #flowMapping(anchor: string): MappingNode {
    const start = this.#scanner.take().start;
    const entries: [YamlNode, YamlNode][] = [];
    const node = this.#anchored(anchor, { kind: 'mapping', entries });
    while (this.#scanner.peek().type !== 'flow-mapping-end') {
      if (entries.length > 0) this.#separator(start, "did not find expected ',' or '}'");
      const type = this.#scanner.peek().type;
      if (type === 'flow-mapping-end') break;
      if (type === 'key') {
        const key = this.#after('key', 'flow', AFTER_FLOW_KEY);
        entries.push([key, this.#after('value', 'flow', AFTER_FLOW_VALUE)]);
      } else entries.push([this.#node('flow', 'entry'), EMPTY]);
    }
    this.#scanner.take();
    return node;
  }

  #separator(start: Mark, problem: string): void {
    const token = this.#scanner.peek();
    if (token.type !== 'flow-entry') throw parserError(problem, token.start, start);
    this.#scanner.take();
  }

  /** What stands behind `?` or `:`; empty where the indicator or its content is missing. */
  #after(indicator: 'key' | 'value', context: 'block' | 'flow', enders: ReadonlySet<TokenType>): YamlNode {
    if (this.#scanner.peek().type !== indicator) return EMPTY;
    this.#scanner.take();
    return this.#nodeOrEmpty(context, 'value', enders);
  }

  #nodeOrEmpty(context: 'block' | 'flow', place: 'entry' | 'value', enders: ReadonlySet<TokenType>): YamlNode {
    return enders.has(this.#scanner.peek().type) ? EMPTY : this.#node(context, place);
  }
}

const EMPTY: ScalarNode = { kind: 'scalar', value: '', tag: '', implicit: true };
const NO_PROPERTIES = { anchor: '', tag: '' } as const;
const LONG_TAG = 'tag:yaml.org,2002:';

const STARTS_EXPLICITLY: ReadonlySet<TokenType> = new Set(['version-directive', 'tag-directive', 'document-start']);
const ENDS_DOCUMENT: ReadonlySet<TokenType> = new Set([...STARTS_EXPLICITLY, 'document-end', 'stream-end']);
const AFTER_BLOCK_ENTRY: ReadonlySet<TokenType> = new Set(['block-entry', 'block-end']);
const AFTER_INDENTLESS_ENTRY: ReadonlySet<TokenType> = new Set(['block-entry', 'key', 'value', 'block-end']);
const AFTER_BLOCK_KEY: ReadonlySet<TokenType> = new Set(['key', 'value', 'block-end']);
const AFTER_FLOW_KEY: ReadonlySet<TokenType> = new Set([
  'value',
  'flow-entry',
  'flow-sequence-end',
  'flow-mapping-end',
]);
const AFTER_FLOW_VALUE: ReadonlySet<TokenType> = new Set(['flow-entry', 'flow-sequence-end', 'flow-mapping-end']);

/** What the reader of go-yaml refuses: everything that YAML 1.1 calls not printable. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const FORBIDDEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;
