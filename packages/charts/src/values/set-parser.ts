/** The notation of `--set`: `a.b=1,list[0].name=x,names={a,b}`, with `\` before characters that would end a part. */

import { formatGo, type GoMap, type GoValue, int64, readJson, typeName } from '@kubecrate/gotemplate';
import { readJsonPrefix } from './json-prefix.ts';

/**
 * What stands behind `=`: text that may be a number, a boolean or null; only text; JSON; or all that follows as it is, with no `\` in the
 * key either. A function reads it otherwise.
 */
export type SetStyle = 'typed' | 'text' | 'json' | 'literal' | ((text: string) => GoValue);

/** An error in the text of `--set`, in Helm's words. */
export class SetError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SetError';
  }
}

/** Adds what `text` sets to `values`, in place. Throws `SetError`, or `GoError` for JSON that is none. */
export function parseSetInto(values: GoMap, text: string, style: SetStyle): void {
  const parser = new SetParser(text, style);
  while (parser.key(values, 0) === 'more');
}

const MAX_INDEX = 65536;
const MAX_NESTING = 30;

/** Where Go's parser met the end of the text, a caller may have things to leave undone. */
type Progress = 'more' | 'end';

class SetParser {
  readonly #runes: readonly string[];
  readonly #style: SetStyle;
  #at = 0;

  constructor(text: string, style: SetStyle) {
    this.#runes = Array.from(text);
    this.#style = style;
  }

  key(data: GoMap, nesting: number): Progress {
    const { text: key, stop } = this.#until(this.#style === 'literal' ? '=[.' : '=[,.');
    switch (stop) {
      case undefined:
        if (key === '') return 'end';
        throw new SetError(`key ${JSON.stringify(key)} has no value`);
      case ',':
        throw new SetError(`key ${JSON.stringify(key)} has no value (cannot end with ,)`);
      case '[':
        return this.#keyWithIndex(data, key, nesting);
      case '=':
        return this.#assign((value) => setKey(data, key, value));
      default:
        return this.#nestedKey(data, key, nesting + 1);
    }
  }

  #keyWithIndex(data: GoMap, key: string, nesting: number): Progress {
    const index = this.#index();
    const existing = data.get(key);
    const list = existing === undefined ? [] : asList(existing);
    const { items, progress } = this.#item(list, index, nesting);
    setKey(data, key, items);
    return progress;
  }

  #nestedKey(data: GoMap, key: string, nesting: number): Progress {
    if (nesting > MAX_NESTING) {
      throw new SetError(`value name nested level is greater than maximum supported nested level of ${MAX_NESTING}`);
    }
    const existing = data.get(key);
    const inner = existing === undefined ? new Map<string, GoValue>() : asTable(existing);
    const progress = this.key(inner, nesting);
    if (inner.size > 0) setKey(data, key, inner);
    else if (progress === 'more') throw new SetError(`key map ${JSON.stringify(key)} has no value`);
    return progress;
  }

  /** What follows `[index]`. Where the text ends too early, the list comes back as it was. */
  #item(list: GoValue[], index: number, nesting: number): { readonly items: GoValue[]; readonly progress: Progress } {
    if (index < 0) throw new SetError(`negative ${index} index not allowed`);
    const { text, stop } = this.#until('[.=');
    if (text !== '') throw new SetError(`unexpected data at end of array index: ${quotedRunes(text)}`);
    if (stop === undefined) return { items: list, progress: 'end' };
    if (stop === '=') {
      let items = list;
      this.#assign((value) => {
        items = setIndex(list, index, value);
      });
      return { items, progress: 'more' };
    }
    if (stop === '[') {
      const next = this.#index();
      const inner = list[index] ?? null;
      const nested = this.#item(inner === null ? [] : asList(inner), next, nesting);
      if (nested.progress === 'end') return { items: list, progress: 'end' };
      return { items: setIndex(list, index, nested.items), progress: 'more' };
    }
    const present = list[index];
    const inner: GoMap = present instanceof Map ? present : new Map();
    if (index < list.length) list[index] = inner;
    const progress = this.key(inner, nesting);
    return { items: progress === 'end' ? list : setIndex(list, index, inner), progress };
  }

  /** Reads the value behind `=`. */
  #assign(set: (value: GoValue) => void): Progress {
    if (this.#style === 'json') {
      set(this.#skipEmptyValue() === 'empty' ? null : this.#json());
      return 'more';
    }
    if (this.#style === 'literal') {
      set(this.#runes.slice(this.#at).join(''));
      this.#at = this.#runes.length;
      return 'more';
    }
    if (this.#at === this.#runes.length) {
      set('');
      return 'end';
    }
    if (this.#runes[this.#at] === '{') {
      this.#at++;
      set(this.#list());
    } else set(this.#value(this.#until(',').text));
    return 'more';
  }

  #list(): GoValue[] {
    const list: GoValue[] = [];
    for (;;) {
      const { text, stop } = this.#until(',}');
      if (stop === undefined) throw new SetError("list must terminate with '}'");
      list.push(this.#value(text));
      if (stop === '}') break;
    }
    if (this.#runes[this.#at] === ',') this.#at++;
    return list;
  }

  #json(): GoValue {
    const rest = this.#runes.slice(this.#at).join('');
    const length = readJsonPrefix(rest);
    const value = readJson(rest.slice(0, length));
    this.#at += Array.from(rest.slice(0, length)).length;
    this.#skipEmptyValue();
    return value;
  }

  #skipEmptyValue(): 'empty' | 'filled' {
    for (; this.#at < this.#runes.length; this.#at++) {
      const rune = this.#runes[this.#at] as string;
      if (rune === ',') {
        this.#at++;
        return 'empty';
      }
      if (rune.trim() !== '') return 'filled';
    }
    return 'empty';
  }

  #value(text: string): GoValue {
    if (typeof this.#style === 'function') return this.#style(text);
    return this.#style === 'text' ? text : typedValue(text);
  }

  #index(): number {
    const { text, stop } = this.#until(']');
    if (stop === undefined) throw new SetError('error parsing index: EOF');
    const isNumber = /^[-+]?[0-9]+$/.test(text);
    if (isNumber && integerOf(text) !== undefined) return Number(text);
    const problem = isNumber ? 'value out of range' : 'invalid syntax';
    throw new SetError(`error parsing index: strconv.Atoi: parsing ${JSON.stringify(text)}: ${problem}`);
  }

  #until(stops: string): { readonly text: string; readonly stop: string | undefined } {
    let text = '';
    while (this.#at < this.#runes.length) {
      const rune = this.#runes[this.#at++] as string;
      if (stops.includes(rune)) return { text, stop: rune };
      text += rune === '\\' && this.#style !== 'literal' ? (this.#runes[this.#at++] ?? '') : rune;
    }
    return { text, stop: undefined };
  }
}

function typedValue(text: string): GoValue {
  switch (text.toLowerCase()) {
    case 'true':
      return true;
    case 'false':
      return false;
    case 'null':
      return null;
    case '0':
      return int64(0n);
    default:
  }
  if (text.startsWith('0') || !/^[-+]?[0-9]+$/.test(text)) return text;
  const value = integerOf(text);
  return value === undefined ? text : int64(value);
}

/** The number that digits say, unless it does not fit into 64 bits. */
function integerOf(digits: string): bigint | undefined {
  const value = BigInt(digits.startsWith('+') ? digits.slice(1) : digits);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** Go's `%q` of a list of characters. */
function quotedRunes(text: string): string {
  return `[${Array.from(text, (rune) => formatGo('%q', [BigInt(rune.codePointAt(0) ?? 0)])).join(' ')}]`;
}

function setKey(data: GoMap, key: string, value: GoValue): void {
  if (key !== '') data.set(key, value);
}

function setIndex(list: readonly GoValue[], index: number, value: GoValue): GoValue[] {
  if (index > MAX_INDEX) {
    throw new SetError(`index of ${index} is greater than maximum supported index of ${MAX_INDEX}`);
  }
  const items = [...list];
  while (items.length <= index) items.push(null);
  items[index] = value;
  return items;
}

function asList(value: GoValue): GoValue[] {
  if (Array.isArray(value)) return value;
  throw wrongType(value, '[]interface {}');
}

function asTable(value: GoValue): GoMap {
  if (value instanceof Map) return value;
  throw wrongType(value, 'map[string]interface {}');
}

function wrongType(value: GoValue, wanted: string): SetError {
  const found = value === null ? 'nil' : typeName(value);
  return new SetError(
    formatGo('unable to parse key: interface conversion: interface {} is %s, not %s', [found, wanted]),
  );
}
