/** YAML (and so JSON) text to documents: each stands alone, so that one broken document hides no other. */

import { messageOf } from '@kubecrate/errors';
import type { Alias, Document, Pair, ParsedNode, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { TextPosition } from './faults.ts';
import type { MapEntry, Node } from './node.ts';

/** One document of a file: its value, or why it does not parse. */
export interface ParsedDocument {
  /** From 1, counting documents that hold more than comments. */
  readonly index: number;
  readonly text: string;
  /** The line of the file on which `text` begins, from 1. */
  readonly line: number;
  /** Undefined where the document does not parse. */
  readonly root: Node | undefined;
  readonly problem?: TextPosition & { readonly message: string };
}

/** A piece of a file between two `---` lines. */
export interface DocumentText {
  readonly index: number;
  readonly text: string;
  readonly line: number;
}

/**
 * Cuts text at its `---` lines, which YAML allows nowhere but between documents.
 * Pieces without content (blank, comments, directives) are left out.
 */
export function splitDocuments(text: string): readonly DocumentText[] {
  const documents: DocumentText[] = [];
  let line = 1;
  for (const piece of text.split(/^(?=---(?:[ \t\r]|$))/m)) {
    // The marker becomes blanks: positions stay, and content may follow it on the same line.
    const content = piece.replace(/^---/, '   ');
    if (hasContent(content)) documents.push({ index: documents.length + 1, text: content, line });
    line += countLines(piece);
  }
  return documents;
}

/** Parses one document. Never throws: hostile nesting, alias loops and syntax errors become `problem`. */
export async function parseDocument(document: DocumentText): Promise<ParsedDocument> {
  const yaml = await import('yaml');
  const counter = new yaml.LineCounter();
  const lineAt = (offset: number) => document.line + counter.linePos(offset).line - 1;
  const failed = (message: string, { line, column }: TextPosition = { line: 1, column: 1 }): ParsedDocument => ({
    ...document,
    root: undefined,
    problem: { message, line: document.line + line - 1, column },
  });
  try {
    const tokens = [...new yaml.Parser(counter.addNewLine).parse(document.text)];
    if (depthOf(tokens) > MAX_DEPTH) return failed(`it is nested deeper than ${MAX_DEPTH} levels`);
    const composer = new yaml.Composer({ uniqueKeys: false, strict: false, stringKeys: false });
    const parsed = [...composer.compose(tokens)] as Document.Parsed[];
    const error = parsed.flatMap(({ errors }) => errors)[0];
    if (error !== undefined) {
      const { line, col } = counter.linePos(Math.min(error.pos[0], endOf(document.text)));
      return failed(reasonIn(error.message), { line, column: col });
    }
    const roots = parsed.flatMap(({ contents }) => (contents === null ? [] : [contents]));
    const converter = new Converter(document.text, lineAt, yaml);
    const nodes = roots.map((root) => converter.convert(root, document.line));
    // `...` ends a document too: rare enough to be one list of values here.
    const root = nodes.length === 1 ? nodes[0] : ({ kind: 'list', line: document.line, items: nodes } as const);
    return { ...document, root };
  } catch (error) {
    if (error instanceof UnknownAlias) {
      const { line, col } = counter.linePos(error.offset);
      return failed(error.message, { line, column: col });
    }
    return failed(reasonIn(messageOf(error)));
  }
}

/** An alias (`*name`) of an anchor that does not stand before it. */
class UnknownAlias extends Error {
  readonly offset: number;

  constructor(name: string, offset: number) {
    super(`unknown alias ${JSON.stringify(name)}: no &${name} stands before it`);
    this.offset = offset;
  }
}

const MAX_DEPTH = 100;
const MAX_MERGED_ENTRIES = 1_000_000;

function hasContent(text: string): boolean {
  return /^[ \t]*[^\s#%]/m.test(text);
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

/** Where the text ends for a person: what is missing there is missing behind its last word, not on the empty line after it. */
function endOf(text: string): number {
  return text.trimEnd().length;
}

/** The first line, without the position, which counts from the start of the document and not of its file. */
function reasonIn(message: string): string {
  const [first = message] = message.split('\n');
  return first.replace(/:$/, '').replace(/ at line \d+, column \d+$/, '');
}

interface Token {
  readonly value?: unknown;
  readonly items?: readonly { readonly key?: unknown; readonly value?: unknown }[];
}

/** The composer of `yaml` recurses, and far too deep a recursion ends the process: so the depth is known before it runs. */
function depthOf(tokens: readonly unknown[]): number {
  let deepest = 0;
  const open: [unknown, number][] = tokens.map((token) => [token, 0]);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [token, depth] = next;
    if (typeof token !== 'object' || token === null) continue;
    if (depth > deepest) deepest = depth;
    if (deepest > MAX_DEPTH) return deepest;
    const { value, items } = token as Token;
    open.push([value, depth]);
    if (!Array.isArray(items)) continue;
    for (const item of items as NonNullable<Token['items']>) {
      open.push([item.key, depth + 1], [item.value, depth + 1]);
    }
  }
  return deepest;
}

function nullOn(line: number): Node {
  return { kind: 'scalar', line, text: '', type: 'other', style: 'inline' };
}

type Yaml = typeof import('yaml');

/** An alias is the very node of its anchor, so text cannot grow by aliases; whoever walks the nodes bounds the walk. */
class Converter {
  readonly #text: string;
  readonly #lineAt: (offset: number) => number;
  readonly #yaml: Yaml;
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<string>();
  #mergedEntries = 0;

  constructor(text: string, lineAt: (offset: number) => number, yaml: Yaml) {
    this.#text = text;
    this.#lineAt = lineAt;
    this.#yaml = yaml;
  }

  /** `fallback` is the line of a value that is not written at all. */
  convert(node: ParsedNode | Alias | null, fallback: number): Node {
    const line = node?.range === undefined || node.range === null ? fallback : this.#lineAt(node.range[0]);
    if (node === null) return nullOn(line);
    if (this.#yaml.isAlias(node)) {
      const anchored = this.#anchors.get(node.source);
      if (anchored !== undefined) return anchored;
      // An alias inside of its own anchor ends there.
      if (this.#open.has(node.source)) return nullOn(line);
      throw new UnknownAlias(node.source, node.range?.[0] ?? 0);
    }
    if (node.anchor !== undefined) this.#open.add(node.anchor);
    const converted = this.#convertContent(node, line);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, converted);
    return converted;
  }

  #convertContent(node: Exclude<ParsedNode, Alias>, line: number): Node {
    if (this.#yaml.isMap(node)) return { kind: 'map', line, entries: this.#entries(node as YAMLMap, line) };
    if (this.#yaml.isSeq(node)) {
      return {
        kind: 'list',
        line,
        items: (node as YAMLSeq).items.map((item) => this.convert(item as ParsedNode, line)),
      };
    }
    return this.#scalar(node as Scalar, line);
  }

  #entries(map: YAMLMap, line: number): readonly MapEntry[] {
    const entries: MapEntry[] = [];
    const merged: Node[] = [];
    for (const pair of map.items as Pair<ParsedNode, ParsedNode | null>[]) {
      const key = this.convert(pair.key, line);
      const value = this.convert(pair.value, key.line);
      const name = key.kind === 'scalar' ? key.text : '';
      if (name === '<<') merged.push(...(value.kind === 'list' ? value.items : [value]));
      else entries.push({ key: name, line: key.line, value });
    }
    if (merged.length === 0) return entries;
    const own = new Set(entries.map(({ key }) => key));
    for (const source of merged) {
      if (source.kind !== 'map') continue;
      this.#mergedEntries += source.entries.length;
      if (this.#mergedEntries > MAX_MERGED_ENTRIES) throw new Error('its merge keys stand for too many entries');
      for (const entry of source.entries) {
        if (own.has(entry.key)) continue;
        own.add(entry.key);
        entries.push(entry);
      }
    }
    return entries;
  }

  #scalar(node: Scalar, line: number): Node {
    const isBlock = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED';
    const style = isBlock ? 'block' : 'inline';
    if (typeof node.value === 'string') return { kind: 'scalar', line, text: node.value, type: 'string', style };
    const [start, end] = node.range ?? [0, 0];
    return { kind: 'scalar', line, text: this.#text.slice(start, end), type: 'other', style };
  }
}
