/** Reading rendered arguments of one action. */

import { field, type MapNode, type Node, parseDocument, splitDocuments } from '@kubecrate/documents';
import { KubecrateError, messageOf } from '@kubecrate/errors';
import type { FunctionMap, GoMap } from '@kubecrate/gotemplate';
import { isTemplate, renderText, type TemplatePlace } from './render.ts';

/** What the arguments of one action are rendered with. */
export interface RenderContext {
  readonly file: string;
  readonly variables: GoMap;
  readonly functions: FunctionMap;
}

/** The fields of a map, rendered as they are asked for. Errors name file, line and field. */
export class Arguments {
  readonly context: RenderContext;
  readonly #map: MapNode;
  readonly #prefix: string;

  constructor(map: MapNode, prefix: string, context: RenderContext) {
    this.#map = map;
    this.#prefix = prefix;
    this.context = context;
  }

  place(key: string): TemplatePlace {
    const line = field(this.#map, key)?.line ?? this.#map.line;
    return { file: this.context.file, line, field: `${this.#prefix}.${key}` };
  }

  /** The text as it is written, not rendered. */
  raw(key: string): string | undefined {
    const value = field(this.#map, key);
    return value?.kind === 'scalar' && value.text !== '' ? value.text : undefined;
  }

  /** The rendered text; undefined where it is absent or empty. */
  text(key: string): string | undefined {
    const raw = this.raw(key);
    if (raw === undefined) return undefined;
    const rendered = renderText(raw, this.context.variables, this.place(key), this.context.functions);
    return rendered === '' ? undefined : rendered;
  }

  /** `false` where all of the keys are absent. */
  flag(...keys: readonly string[]): boolean {
    return keys.some((key) => {
      const text = this.text(key)?.trim().toLowerCase();
      if (text === undefined || text === 'true' || text === 'false') return text === 'true';
      throw this.refuse(key, `should be true or false, and is ${JSON.stringify(text)}`);
    });
  }

  /** A list of texts. One text is a list of one; a text that renders to a YAML or JSON list is that list. */
  async texts(key: string): Promise<readonly string[]> {
    const nodes = await this.items(key);
    return nodes.map((node) => {
      if (node.kind !== 'scalar') throw this.refuse(key, `should hold texts, and holds a ${node.kind}`);
      const place = { ...this.place(key), line: node.line || this.place(key).line };
      return renderText(node.text, this.context.variables, place, this.context.functions).trim();
    });
  }

  /** The items of a list, of one value, or of the list that a template renders to. */
  async items(key: string): Promise<readonly Node[]> {
    const value = field(this.#map, key);
    if (value === undefined) return [];
    if (value.kind === 'list') return value.items;
    if (value.kind !== 'scalar' || !isTemplate(value.text))
      return value.kind === 'scalar' && value.text === '' ? [] : [value];
    const rendered = this.text(key) ?? '';
    const [document] = splitDocuments(rendered);
    const { root } = document === undefined ? { root: undefined } : await parseDocument(document);
    if (root?.kind === 'list') return root.items;
    return rendered === '' ? [] : [{ ...value, text: rendered }];
  }

  inner(key: string): Arguments {
    const value = field(this.#map, key);
    const map: MapNode = value?.kind === 'map' ? value : { kind: 'map', line: this.#map.line, entries: [] };
    return new Arguments(map, `${this.#prefix}.${key}`, this.context);
  }

  /** Runs `work` on a value of a field, with the place before the message of what it refuses. */
  attempt<T>(key: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof KubecrateError) || error.code === 'INVALID_TEMPLATE') throw error;
      const { file, line } = this.place(key);
      const hint = error.hint === undefined ? {} : { hint: error.hint };
      throw new KubecrateError(error.code, `${file}:${line}: ${this.#prefix}.${key}: ${messageOf(error)}`, {
        cause: error,
        ...hint,
      });
    }
  }

  refuse(key: string, reason: string, hint?: string): KubecrateError {
    const { file, line } = this.place(key);
    const message = `${file}:${line}: ${this.#prefix}.${key} ${reason}`;
    return new KubecrateError('INVALID_CONFIG', message, hint === undefined ? {} : { hint });
  }
}
