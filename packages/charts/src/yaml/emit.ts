/** Values as YAML, byte for byte as yaml.v2 (`toYaml`) and yaml.v3 (`toYamlPretty`) write them. */

import { analyzeScalar, type Dialect, type ScalarAnalysis } from './analyze-scalar.ts';
import { formatGoFloat } from './format-number.ts';
import { compareKeys } from './key-order.ts';
import { isBase60, resolveScalar } from './resolve.ts';
import { ScalarWriter } from './scalar-writer.ts';

/** What YAML can hold: integers are bigint, floats are number. */
export type YamlValue = null | boolean | string | number | bigint | readonly YamlValue[] | YamlMap;

export type YamlMap = ReadonlyMap<string, YamlValue>;

/** Keys longer than this many bytes get a `?` of their own. */
const MAX_SIMPLE_KEY = 128;

/** A document with a line break at its end. */
export function emitYaml(value: YamlValue, dialect: Dialect = 'yaml2'): string {
  const emitter = new Emitter(dialect);
  emitter.node(value, 'root');
  emitter.out.finish();
  return emitter.out.text;
}

type Place = 'root' | 'sequence' | 'value' | 'key';

class Emitter {
  readonly out: ScalarWriter;
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.out = new ScalarWriter(dialect);
    this.#dialect = dialect;
  }

  node(value: YamlValue, place: Place): void {
    if (value === null) this.#scalar('null', 'plain', place);
    else if (typeof value === 'string') this.#string(value, place);
    else if (typeof value === 'number') this.#scalar(formatGoFloat(value), 'plain', place);
    else if (typeof value === 'object') this.#collection(value, place);
    else this.#scalar(String(value), 'plain', place);
  }

  #collection(value: readonly YamlValue[] | YamlMap, place: Place): void {
    const outer = this.out.indent;
    if (isList(value)) this.#list(value, place);
    else this.#map(value);
    this.out.indent = outer;
  }

  #list(items: readonly YamlValue[], place: Place): void {
    if (items.length === 0) {
      this.out.indicator('[]', 'blank-before', 'text');
      return;
    }
    // yaml.v2 does not indent a list below its key.
    if (this.#dialect === 'yaml3' || place !== 'value' || this.out.onlyIndention) this.#deepen();
    for (const item of items) {
      this.out.lineIndent();
      this.out.indicator('-', 'blank-before', 'indention');
      this.node(item, 'sequence');
    }
  }

  #map(map: YamlMap): void {
    if (map.size === 0) {
      this.out.indicator('{}', 'blank-before', 'text');
      return;
    }
    this.#deepen();
    for (const key of [...map.keys()].sort((a, b) => compareKeys(a, b, this.#dialect))) {
      this.#entry(key, map.get(key) ?? null);
    }
  }

  #deepen(): void {
    this.out.indent = this.out.indent < 0 ? 0 : this.out.indent + 2;
  }

  #entry(key: string, value: YamlValue): void {
    this.out.lineIndent();
    if (Buffer.byteLength(key) <= MAX_SIMPLE_KEY && !analyzeScalar(key, this.#dialect).multiline) {
      this.node(key, 'key');
      this.out.indicator(':', 'nothing', 'text');
    } else {
      this.out.indicator('?', 'blank-before', 'indention');
      this.node(key, 'value');
      this.out.lineIndent();
      this.out.indicator(':', 'blank-before', 'indention');
    }
    this.node(value, 'value');
  }

  #string(text: string, place: Place): void {
    const quoted = resolveScalar(text).type !== 'string' || isBase60(text);
    const lines = text.includes('\n');
    if (this.#dialect === 'yaml3') this.#scalar(text, lines ? 'literal' : quoted ? 'double' : 'plain', place);
    else this.#scalar(text, quoted ? 'double' : lines ? 'literal' : 'plain', place);
  }

  #scalar(text: string, wanted: 'plain' | 'double' | 'literal', place: Place): void {
    const outer = this.out.indent;
    this.out.indent = outer < 0 ? 2 : outer + 2;
    const breaks = place === 'key' ? 'forbidden' : 'allowed';
    switch (selectStyle(wanted, analyzeScalar(text, this.#dialect), text, place)) {
      case 'plain':
        this.out.plain(text, breaks);
        break;
      case 'single':
        this.out.singleQuoted(text, breaks);
        break;
      case 'double':
        this.out.doubleQuoted(text, breaks);
        break;
      case 'literal':
        this.out.literal(text);
    }
    this.out.indent = outer;
  }
}

function selectStyle(
  wanted: 'plain' | 'double' | 'literal',
  analysis: ScalarAnalysis,
  text: string,
  place: Place,
): 'plain' | 'single' | 'double' | 'literal' {
  if (place === 'key' && analysis.multiline) return 'double';
  if (wanted === 'literal') return analysis.literal && place !== 'key' ? 'literal' : 'double';
  if (wanted === 'double') return 'double';
  if (analysis.blockPlain && !(text === '' && place === 'key')) return 'plain';
  return analysis.singleQuoted ? 'single' : 'double';
}

function isList(value: readonly YamlValue[] | YamlMap): value is readonly YamlValue[] {
  return Array.isArray(value);
}
