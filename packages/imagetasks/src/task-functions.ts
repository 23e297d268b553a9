/** The functions of task templates: sprig's, and those that KubeKey adds. */

import {
  emitYaml,
  encodeToml,
  jsonValue,
  openTomlReader,
  readYaml,
  type TomlReader,
  YamlConversionError,
} from '@kubecrate/charts';
import { messageOf } from '@kubecrate/errors';
import {
  type CallContext,
  elementsOf,
  entriesOf,
  type FunctionMap,
  GoError,
  type GoFunction,
  type GoMap,
  type GoValue,
  integerOf,
  type RandomSource,
  sprigFunctions,
  stringSlice,
  unquote,
} from '@kubecrate/gotemplate';
import { addressesOf, familyOf } from './addresses.ts';

export interface TaskFunctionOptions {
  readonly now: () => Date;
  readonly random: RandomSource;
  /** True where the path names something on this machine. */
  readonly fileExists: (path: string) => boolean;
}

/** The environment of the process is out of reach of a task: `env` and `expandenv` are not there, as in KubeKey. */
export async function taskFunctions(options: TaskFunctionOptions): Promise<FunctionMap> {
  const readToml = await openTomlReader();
  const functions = new Map<string, GoFunction>([
    ...sprigFunctions(options),
    ...FUNCTIONS,
    ['fromTOML', ofText((text) => fromToml(readToml, text))],
    ['fileExists', ofText(options.fileExists)],
    // As it was called up to KubeKey 4.0.3.
    ['fileExist', ofText(options.fileExists)],
  ]);
  functions.delete('env');
  functions.delete('expandenv');
  return functions;
}

const FUNCTIONS: readonly (readonly [string, GoFunction])[] = [
  // Nested by two blanks, where KubeKey has four.
  ['toYaml', ofAny((value, { budget }) => orEmpty(() => emitYaml(jsonValue(value, budget), 'yaml3').trim()))],
  ['fromYaml', ofText(fromYaml)],
  ['toToml', ofAny((value, { budget }) => orEmpty(() => encodeToml(jsonValue(value, budget)).trim()))],
  ['ipInCIDR', ofText((text) => stringSlice(text.split(',').flatMap(addressesOf)))],
  ['ipFamily', ofText((text) => familyOf(text) ?? fail(`${text} is not ip or cidr`))],
  ['isIP', ofText((text) => !text.includes('/') && familyOf(text) !== undefined)],
  ['pow', { params: ['float64', 'float64'], run: ([base, power]) => Number(base) ** Number(power) }],
  ['subtractList', { params: ['interface {}', 'interface {}'], run: ([from, what]) => subtract(from, what) }],
  ['unquote', ofAny((value) => (typeof value === 'string' ? (unquote(value) ?? value) : ''))],
  [
    'getStringSlice',
    { params: ['interface {}', 'string'], run: ([map, key]) => texts(entriesOf(map ?? null)?.get(String(key))) },
  ],
  [
    'toLowerByteUnit',
    ofAny((value) => String(value ?? '').replace(/([KMGTPE])i?B?$/i, (_, unit) => unit.toLowerCase())),
  ],
  ['mapToNamedStringArgs', ofAny((value) => namedArguments(entriesOf(value) ?? new Map()))],
  ['toBool', ofAny(toBool)],
];

function ofAny(run: (value: GoValue, call: CallContext) => GoValue): GoFunction {
  return { params: ['interface {}'], run: ([value], call) => run(value ?? null, call) };
}

function ofText(run: (text: string) => GoValue): GoFunction {
  return { params: ['string'], run: ([text]) => run(String(text)) };
}

/** A value that cannot be written is nothing, as in KubeKey. */
function orEmpty(write: () => string): string {
  try {
    return write();
  } catch (error) {
    if (error instanceof GoError) return '';
    throw error;
  }
}

function fromYaml(text: string): GoValue {
  try {
    return readYaml(text);
  } catch (error) {
    if (error instanceof YamlConversionError) throw new GoError(error.message, { cause: error });
    throw error;
  }
}

function fromToml(read: TomlReader, text: string): GoValue {
  try {
    return read(text);
  } catch (cause) {
    throw new GoError(messageOf(cause), { cause });
  }
}

function subtract(from: GoValue | undefined, what: GoValue | undefined): GoValue {
  const taken = new Set(listOf(what).map(keyOf));
  return listOf(from).filter((value) => !taken.has(keyOf(value)));
}

function listOf(value: GoValue | undefined): readonly GoValue[] {
  return elementsOf(value ?? null) ?? fail('subtractList takes two lists');
}

/** Equal for equal scalars: lists and maps cannot be looked up in Go either. */
function keyOf(value: GoValue): string {
  if (value !== null && typeof value === 'object')
    return fail('subtractList takes lists of texts, numbers and booleans');
  return `${typeof value} ${value}`;
}

function texts(value: GoValue | undefined): GoValue {
  return stringSlice((elementsOf(value ?? null) ?? []).map(String));
}

/** `[{name, value}]` in the order of the names, as kubeadm wants arguments. */
function namedArguments(map: GoMap): GoValue {
  const names = [...map.keys()].sort();
  return names.map(
    (name): GoMap =>
      new Map([
        ['name', name],
        ['value', String(map.get(name) ?? '')],
      ]),
  );
}

/** Go's `strconv.ParseBool` for a text; a number is true unless it is 0. */
function toBool(value: GoValue): boolean {
  if (typeof value === 'boolean') return value;
  const number = integerOf(value) ?? value;
  if (typeof number === 'bigint' || typeof number === 'number') return Number(number) !== 0;
  if (typeof value === 'string' && /^(?:1|t|T|true|TRUE|True)$/.test(value)) return true;
  if (typeof value === 'string' && /^(?:0|f|F|false|FALSE|False)$/.test(value)) return false;
  return fail('toBool takes a boolean, a number, or a text that is one');
}

function fail(message: string): never {
  throw new GoError(message);
}
