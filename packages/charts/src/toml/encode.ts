/** Values as TOML, as the encoder of BurntSushi/toml writes them. */

import { compareStrings, GoError } from '@kubecrate/gotemplate';
import type { JsonValue } from '../json/json-value.ts';
import { formatDecimal } from '../yaml/format-number.ts';

type Table = ReadonlyMap<string, JsonValue>;

/** A table as a document; anything else as it would stand behind a key. Throws `GoError` where TOML cannot say it. */
export function encodeToml(value: JsonValue): string {
  if (!isTable(value)) {
    if (!isTableLike(value)) return element(value);
    throw new GoError('toml: top-level values must be Go maps or structs');
  }
  const writer = new TomlWriter();
  writer.table([], value);
  return writer.text;
}

class TomlWriter {
  text = '';

  /** The plain keys of a table, then its tables. */
  table(path: readonly string[], table: Table): void {
    const keys = [...table.keys()].sort(compareStrings);
    const isSub = (key: string): boolean => isTableLike(table.get(key) ?? null);
    for (const key of [...keys.filter((name) => !isSub(name)), ...keys.filter(isSub)]) {
      this.#entry([...path, key], table.get(key) ?? null);
    }
  }

  #entry(path: readonly string[], value: JsonValue): void {
    if (value === null) return;
    if (isTable(value)) this.#header(path, value);
    else if (isTableLike(value)) this.#tables(path, value as readonly Table[]);
    else this.text += `${indentOf(path)}${bareKey(path.at(-1) ?? '')} = ${element(value)}\n`;
  }

  #header(path: readonly string[], table: Table): void {
    if (path.length === 1) this.#newline();
    this.text += `${indentOf(path)}[${path.map(bareKey).join('.')}]\n`;
    this.table(path, table);
  }

  #tables(path: readonly string[], tables: readonly Table[]): void {
    for (const table of tables) {
      this.#newline();
      this.text += `${indentOf(path)}[[${path.map(bareKey).join('.')}]]\n`;
      this.table(path, table);
    }
  }

  #newline(): void {
    if (this.text !== '') this.text += '\n';
  }
}

function element(value: JsonValue): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return formatDecimal(value);
  if (isTable(value)) {
    const keys = [...value.keys()].sort(compareStrings).filter((key) => value.get(key) !== null);
    const plain = keys.filter((key) => !isTableLike(value.get(key) ?? null));
    const tables = keys.filter((key) => isTableLike(value.get(key) ?? null));
    return `{${[...plain, ...tables].map((key) => `${bareKey(key)} = ${element(value.get(key) ?? null)}`).join(', ')}}`;
  }
  if (isList(value)) return `[${value.map(element).join(', ')}]`;
  if (value === null) throw new GoError('toml: cannot encode array with nil element');
  return String(value);
}

/** A table, or a list of nothing but tables. */
function isTableLike(value: JsonValue): boolean {
  if (!isList(value)) return isTable(value);
  if (value.includes(null)) throw new GoError('toml: cannot encode array with nil element');
  return value.length > 0 && value.every(isTable);
}

function isTable(value: JsonValue): value is Table {
  return value instanceof Map;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function indentOf(path: readonly string[]): string {
  return '  '.repeat(path.length - 1);
}

function bareKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : quoted(key);
}

function quoted(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what TOML escapes
  return `"${text.replace(/["\\\x00-\x1f\x7f]/g, escapeCharacter)}"`;
}

function escapeCharacter(character: string): string {
  const name = { '"': '"', '\\': '\\', '\b': 'b', '\t': 't', '\n': 'n', '\f': 'f', '\r': 'r' }[character];
  return name === undefined ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : `\\${name}`;
}
