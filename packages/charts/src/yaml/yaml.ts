/** YAML as `sigs.k8s.io/yaml` reads and writes it: by way of JSON. */

import { GoError, type GoMap, type GoValue, writeJson } from '@kubecrate/gotemplate';
import { jsonKind } from '../json/json-kind.ts';
import type { JsonValue } from '../json/json-value.ts';
import { decodeYaml, UnsupportedKeyError } from './decode.ts';
import { emitYaml } from './emit.ts';
import { formatJsonFloat } from './format-number.ts';
import { parseYaml } from './parse.ts';
import { resolveScalar } from './resolve.ts';
import { YamlError } from './yaml-error.ts';

/** Text that is not YAML, or not of the kind that was wanted; the message is that of `sigs.k8s.io/yaml`. */
export class YamlConversionError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'YamlConversionError';
  }
}

/** The first document of a text as Go's `interface{}`: every number is a float64. Throws `YamlConversionError`. */
export function readYaml(text: string): GoValue {
  const value = read(text, 'json');
  checkNumbers(value);
  return value;
}

/** The first document of a text with its integers as bigint, for fields that want them as text. Throws `YamlConversionError`. */
export function readYamlNumbers(text: string): GoValue {
  return read(text, 'yaml');
}

/** As `readYaml`, for text that must be a mapping; nothing at all is an empty one. Throws `YamlConversionError`. */
export function readYamlMap(text: string): GoMap {
  const value = readYaml(text);
  if (value instanceof Map) return value;
  if (value === null) return new Map();
  throw typeMismatch(value, 'map[string]interface {}');
}

/** As `readYaml`, for text that must be a list; nothing at all is an empty one. Throws `YamlConversionError`. */
export function readYamlList(text: string): GoValue[] {
  const value = readYaml(text);
  if (Array.isArray(value)) return value;
  if (value === null) return [];
  throw typeMismatch(value, '[]interface {}');
}

/** What `yaml.Marshal` writes. Throws `GoError` for the few texts that JSON can hold and yaml.v2 does not read back. */
export function writeYaml(value: JsonValue): string {
  return emitYaml(throughJson(value));
}

/** The error for a value of another kind than Go wants. */
export function typeMismatch(value: GoValue, wanted: string): YamlConversionError {
  const message = `json: cannot unmarshal ${jsonKind(value)} into Go value of type ${wanted}`;
  return new YamlConversionError(`error unmarshaling JSON: while decoding JSON: ${message}`);
}

function read(text: string, numbers: 'yaml' | 'json'): GoValue {
  try {
    const root = parseYaml(text);
    return root === undefined ? null : decodeYaml(root, numbers);
  } catch (error) {
    if (!(error instanceof YamlError || error instanceof UnsupportedKeyError)) throw error;
    throw new YamlConversionError(`error converting YAML to JSON: ${error.message}`, { cause: error });
  }
}

/** Throws `YamlConversionError` for a number that JSON does not have. */
export function checkNumbers(value: GoValue): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    const name = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
    throw new YamlConversionError(`error converting YAML to JSON: json: unsupported value: ${name}`);
  }
  if (Array.isArray(value)) value.forEach(checkNumbers);
  if (value instanceof Map) for (const item of value.values()) checkNumbers(item);
}

/** What comes back when yaml.v2 reads the JSON of a value: whole floats turn to integers, a few characters are lost. */
function throughJson(value: JsonValue): JsonValue {
  if (typeof value === 'number') return numberThroughJson(value);
  if (typeof value === 'string') return textThroughJson(value);
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map(throughJson);
  return new Map([...value].map(([key, item]) => [keyThroughJson(key), throughJson(item)]));
}

function numberThroughJson(value: number): number | bigint {
  if (Number.isSafeInteger(value)) return BigInt(value);
  const resolved = resolveScalar(formatJsonFloat(value));
  return resolved.type === 'int' ? resolved.value : value;
}

/** A key has to end where it begins: on the same line, and within 1024 characters of JSON. */
function keyThroughJson(key: string): string {
  const mayBeLong = key.length * LONGEST_ESCAPE + 2 > MAX_KEY;
  if (key.includes(NEXT_LINE) || (mayBeLong && Array.from(writeJson(key, { escape: 'html' })).length > MAX_KEY)) {
    throw new GoError("yaml: did not find expected ',' or '}'");
  }
  return textThroughJson(key);
}

function textThroughJson(text: string): string {
  if (UNREADABLE.test(text)) throw new GoError('yaml: control characters are not allowed');
  return text.includes(NEXT_LINE) ? foldNextLines(text) : text;
}

/** A next-line character is a line break in YAML 1.1, also inside quotes, where breaks are folded and blanks around them go. */
function foldNextLines(text: string): string {
  const lines = text.split(NEXT_LINE);
  let folded = withoutBlanks(lines[0] ?? '', 'end');
  let breaks = 0;
  for (const [at, line] of lines.entries()) {
    if (at === 0) continue;
    breaks++;
    const last = at === lines.length - 1;
    const rest = withoutBlanks(last ? line : withoutBlanks(line, 'end'), 'start');
    if (rest === '' && !last) continue;
    folded += (breaks === 1 ? ' ' : '\n'.repeat(breaks - 1)) + rest;
    breaks = 0;
  }
  return folded;
}

/** Without a pattern: one for the blanks at the end of a text looks at every run of blanks from each of its characters. */
function withoutBlanks(text: string, side: 'start' | 'end'): string {
  let from = 0;
  let to = text.length;
  if (side === 'start') while (from < to && text.charAt(from) === ' ') from++;
  else while (to > from && text.charAt(to - 1) === ' ') to--;
  return text.slice(from, to);
}

function isList(value: readonly JsonValue[] | ReadonlyMap<string, JsonValue>): value is readonly JsonValue[] {
  return Array.isArray(value);
}

const MAX_KEY = 1024;
/** `\u003c`. */
const LONGEST_ESCAPE = 6;
const NEXT_LINE = '\x85';
const UNREADABLE = /[\x7f-\x84\x86-\x9f\ufffe\uffff]/;
