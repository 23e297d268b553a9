/** Writes values as Go's encoding/json does: sorted keys, its escapes, its form of floats. */

import { formatFloat } from '../format/float.ts';
import { sortedKeys } from '../go-string.ts';
import { GoError, type GoMap, type GoValue, Typed, typeName, underlying } from '../value.ts';

export interface JsonOptions {
  /** `html` escapes `<`, `>` and `&`, as Go does unless told not to. */
  readonly escape: 'html' | 'none';
  /** The indentation of each level; on one line without it. */
  readonly indent?: string;
}

/** The JSON text of a value. Throws a `GoError` for what JSON cannot hold. */
export function writeJson(value: GoValue, options: JsonOptions): string {
  return new JsonWriter(options).write(value, '');
}

/** Values that contain themselves, or grow at each level, are refused. */
const MAX_DEPTH = 300;
const MAX_VALUES = 5_000_000;

class JsonWriter {
  private readonly options: JsonOptions;
  private depth = 0;
  private values = 0;

  constructor(options: JsonOptions) {
    this.options = options;
  }

  write(value: GoValue, margin: string): string {
    this.values += 1;
    if (this.depth > MAX_DEPTH || this.values > MAX_VALUES) {
      throw new GoError('json: unsupported value: encountered a cycle or a value too large');
    }
    if (value instanceof Typed) return this.writeTyped(value, margin);
    switch (typeof value) {
      case 'string':
        return this.string(value);
      case 'number':
        return number(value);
      case 'bigint':
      case 'boolean':
        return String(value);
      default:
    }
    if (value === null) return 'null';
    if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('base64')}"`;
    if (Array.isArray(value)) return this.list(value, margin);
    return this.map(value, sortedKeys(value), margin);
  }

  private writeTyped(value: Typed, margin: string): string {
    const { type } = value;
    if (type.encoded !== undefined) return this.write(type.encoded(value), margin);
    if (type.kind === 'func' || type.kind === 'complex128') {
      throw new GoError(`json: unsupported type: ${typeName(value)}`);
    }
    const plain = underlying(value);
    if (plain instanceof Map && type.kind !== 'map') return this.map(plain, [...plain.keys()], margin);
    return this.write(plain, margin);
  }

  private list(items: readonly GoValue[], margin: string): string {
    if (items.length === 0) return '[]';
    return this.enclose(
      '[',
      items.map((item) => (inner: string) => this.write(item, inner)),
      ']',
      margin,
    );
  }

  private map(map: GoMap, keys: readonly string[], margin: string): string {
    if (keys.length === 0) return '{}';
    const colon = this.options.indent === undefined ? ':' : ': ';
    const items = keys.map(
      (key) => (inner: string) => this.string(key) + colon + this.write(map.get(key) ?? null, inner),
    );
    return this.enclose('{', items, '}', margin);
  }

  private enclose(open: string, items: readonly ((margin: string) => string)[], close: string, margin: string): string {
    const { indent } = this.options;
    const inner = indent === undefined ? '' : margin + indent;
    this.depth += 1;
    const texts = items.map((item) => item(inner));
    this.depth -= 1;
    if (indent === undefined) return open + texts.join(',') + close;
    return `${open}\n${inner}${texts.join(`,\n${inner}`)}\n${margin}${close}`;
  }

  private string(text: string): string {
    const html = this.options.escape === 'html';
    if (/^[ !#-%'-;=?-[\]-~]*$/.test(text) && (!html || !/[<>&]/.test(text))) return `"${text}"`;
    let written = '"';
    for (const rune of text) written += escapeRune(rune, html);
    return `${written}"`;
  }
}

function escapeRune(rune: string, html: boolean): string {
  const named = NAMED.get(rune);
  if (named !== undefined) return named;
  const code = rune.codePointAt(0) ?? 0;
  if (code >= 0xd800 && code <= 0xdfff) return '\\ufffd';
  const special = code < 0x20 || code === 0x2028 || code === 0x2029 || (html && '<>&'.includes(rune));
  return special ? `\\u${code.toString(16).padStart(4, '0')}` : rune;
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** As JavaScript writes numbers: exponents only far from one, without padding. */
function number(value: number): string {
  if (!Number.isFinite(value)) throw new GoError(`json: unsupported value: ${formatFloat(value, 'g', 'shortest')}`);
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-6 || magnitude >= 1e21)) {
    return formatFloat(value, 'e', 'shortest').replace(/e-0(\d)$/, 'e-$1');
  }
  return formatFloat(value, 'f', 'shortest');
}
