/** The functions that Helm adds to sprig's, and those that it replaces. */

import { messageOf } from '@kubecrate/errors';
import {
  type CallContext,
  type FunctionMap,
  GoError,
  type GoFunction,
  type GoMap,
  type GoValue,
  NIL_LIST,
  readJson,
  writeJson,
} from '@kubecrate/gotemplate';
import { jsonKind } from '../json/json-kind.ts';
import { jsonValue } from '../json/json-value.ts';
import type { TomlReader } from '../toml/decode.ts';
import { encodeToml } from '../toml/encode.ts';
import { emitYaml } from '../yaml/emit.ts';
import { readYamlList, readYamlMap, YamlConversionError } from '../yaml/yaml.ts';
import { mustToYaml, orEmpty, toYaml } from './to-yaml.ts';

/** What Helm puts around the message of `fail` and `required`, to find it again in the chain of errors. */
export const FAILURE_START = 'HELM_ERR_START';
export const FAILURE_END = 'HELM_ERR_END';

/** The functions that need no templates; `include` and `tpl` are made for each set of them. */
export function helmFunctions(sprig: FunctionMap, readToml: TomlReader | undefined): FunctionMap {
  const functions = new Map<string, GoFunction>(sprig);
  functions.delete('env');
  functions.delete('expandenv');
  for (const [name, fn] of CONSTANT_FUNCTIONS) functions.set(name, fn);
  functions.set(
    'fromToml',
    ofText((text) => fromToml(text, readToml)),
  );
  return functions;
}

const CONSTANT_FUNCTIONS: readonly (readonly [string, GoFunction])[] = [
  ['toYaml', ofValue((value, { budget }) => toYaml(value, budget))],
  ['mustToYaml', ofValue((value, { budget }) => mustToYaml(value, budget))],
  ['toYamlPretty', ofValue((value, { budget }) => orEmpty(() => toYamlPretty(value, budget)))],
  ['fromYaml', ofText((text) => orErrorMap(() => readYamlMap(text)))],
  ['fromYamlArray', ofText((text) => orErrorList(() => readYamlList(text)))],
  ['toJson', ofValue((value) => orEmpty(() => writeJson(value, { escape: 'html' })))],
  ['mustToJson', ofValue((value) => writeJson(value, { escape: 'html' }))],
  ['fromJson', ofText((text) => orErrorMap(() => readJsonMap(text)))],
  ['fromJsonArray', ofText((text) => orErrorList(() => readJsonList(text)))],
  ['toToml', ofValue((value, { budget }) => toToml(value, budget))],
  [
    'required',
    { params: ['string', 'interface {}'], run: ([message, value]) => required(String(message), value ?? null) },
  ],
  ['fail', ofText((message) => fail(message))],
  ['lookup', { params: ['string', 'string', 'string', 'string'], run: () => new Map() }],
  ['getHostByName', ofText(() => '')],
];

function ofValue(run: (value: GoValue, call: CallContext) => GoValue): GoFunction {
  return { params: ['interface {}'], run: ([value], call) => run(value ?? null, call) };
}

function ofText(run: (text: string) => GoValue): GoFunction {
  return { params: ['string'], run: ([text]) => run(String(text)) };
}

function toYamlPretty(value: GoValue, budget: CallContext['budget']): string {
  return emitYaml(jsonValue(value, budget), 'yaml3').replace(/\n$/, '');
}

function toToml(value: GoValue, budget: CallContext['budget']): string {
  // The one thing that Go's encoder does not return as an error.
  if (value === null) throw new GoError('reflect: call of reflect.Value.Type on zero Value');
  return orMessage(() => encodeToml(jsonValue(value, budget)));
}

function required(message: string, value: GoValue): GoValue {
  if (value !== null && value !== '') return value;
  throw new GoError(`${FAILURE_START}${message}${FAILURE_END}`);
}

function fail(message: string): never {
  throw new GoError(`${FAILURE_START}${message}${FAILURE_END}`);
}

function readJsonMap(text: string): GoMap {
  const value = readJson(text);
  if (value === null) return new Map();
  if (value instanceof Map) return value;
  throw new GoError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`);
}

function readJsonList(text: string): GoValue {
  const value = readJson(text);
  if (value === null) return NIL_LIST;
  if (Array.isArray(value)) return value;
  throw new GoError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type []interface {}`);
}

function fromToml(text: string, readToml: TomlReader | undefined): GoMap {
  if (readToml === undefined) throw new GoError('fromToml is not available here');
  try {
    return readToml(text);
  } catch (error) {
    return errorMap(error);
  }
}

/** Errors of readers are values: Helm's templates look for the key `Error`. */
function orErrorMap(read: () => GoMap): GoMap {
  try {
    return read();
  } catch (error) {
    if (isReadError(error)) return errorMap(error);
    throw error;
  }
}

function errorMap(error: unknown): GoMap {
  return new Map([['Error', messageOf(error)]]);
}

function orErrorList(read: () => GoValue): GoValue {
  try {
    return read();
  } catch (error) {
    if (isReadError(error)) return [messageOf(error)];
    throw error;
  }
}

function orMessage(write: () => string): string {
  try {
    return write();
  } catch (error) {
    if (error instanceof GoError) return error.message;
    throw error;
  }
}

function isReadError(error: unknown): boolean {
  return error instanceof GoError || error instanceof YamlConversionError;
}
