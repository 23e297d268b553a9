/**
 * The values of Go as a template sees them.
 *
 * A plain JavaScript value has one fixed Go type: `null` is a nil interface, `boolean` bool, `string` string, `bigint` int,
 * `number` float64, `Uint8Array` []uint8, an array []interface {}, a `Map` map[string]interface {}.
 * Every other Go type is a `Typed`: its type and the plain value underneath.
 * A string holds UTF-8 text; a byte that is not valid UTF-8 is a lone surrogate U+DC80..U+DCFF (see go-string.ts).
 */

export type Kind =
  | 'invalid'
  | 'bool'
  | 'int'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'float64'
  | 'complex128'
  | 'string'
  | 'slice'
  | 'map'
  | 'struct'
  | 'ptr'
  | 'func';

/** A Go type other than those of the plain values. Types are compared by name. */
export interface GoType {
  /** As `%T` prints it: `int64`, `[]string`, `chartutil.Values`, `*semver.Version`. */
  readonly name: string;
  /** `ptr` is a pointer to a struct: its fields and methods are reached through it. */
  readonly kind: Kind;
  /** The type of the elements of a slice or map: `interface {}` where it is not given. */
  readonly elem?: string;
  readonly methods?: ReadonlyMap<string, GoMethod>;
  /** The field of a struct that is an embedded struct: its fields are reached without naming it. */
  readonly embedded?: string;
  /** What Go's `String()` or `Error()` gives; the verbs %v and %s use it. */
  readonly text?: (self: Typed) => string;
  /** What the `String()` of a pointer gives: an action that prints the value itself uses it, a function that gets it does not. */
  readonly pointerText?: (self: Typed) => string;
  /** What is written where the value becomes JSON or YAML: where it is not given, the plain value. */
  readonly encoded?: (self: Typed) => GoValue;
}

/** The plain value under a `Typed`: for a struct or a pointer to one, its exported fields in the order of their declaration. */
export type Underlying = null | boolean | string | number | bigint | Uint8Array | GoValue[] | GoMap;

export type GoMap = Map<string, GoValue>;

/** A value whose Go type is not that of a plain value. */
export class Typed {
  readonly type: GoType;
  readonly value: Underlying;
  /** What the host keeps for the methods of the type; a template cannot reach it. */
  readonly detail: unknown;

  constructor(type: GoType, value: Underlying, detail?: unknown) {
    this.type = type;
    this.value = value;
    this.detail = detail;
  }
}

export type GoValue = null | boolean | string | number | bigint | Uint8Array | GoValue[] | GoMap | Typed;

/** What a function that is running may use of the execution it is part of. */
export interface CallContext {
  /** The bounds of the whole run; hand them on to nested executions (`execute(name, data, { budget })`). */
  readonly budget: Budget;
}

/** The bounds that one run of a template, and everything it starts, has left; each method throws when its bound is passed. */
export interface Budget {
  /** Counts loop iterations, or steps of a function that may be long. */
  step(count?: number): void;
  /** Counts bytes of output. */
  write(bytes: number): void;
  /** Refuses a single value of so many bytes (an element of a list counts as 8) that is larger than a value may be. */
  hold(bytes: number): void;
  /** Reads the clock now: for functions that take long by themselves. */
  check(): void;
  /** Goes one template deeper; `leave` goes back. */
  enter(): void;
  leave(): void;
  /** Goes one level deeper (into statements, a pipeline, a value), which takes so many parts of the stack, 1 unless given; `ascend` gives them back. */
  descend(parts?: number): void;
  ascend(parts?: number): void;
}

/**
 * A function of a template. Arguments are checked against `params` (names of Go types: `string`, `int`, `interface {}`,
 * `map[string]interface {}`, ...) before `run`; those beyond them against `variadic`, without which they are refused.
 * `run` throws a `GoError` where Go returns an error or panics.
 */
export interface GoFunction {
  readonly params: readonly string[];
  readonly variadic?: string;
  run(args: readonly GoValue[], call: CallContext): GoValue;
}

/** A method: a function with the value it belongs to. */
export interface GoMethod {
  readonly params: readonly string[];
  readonly variadic?: string;
  run(self: Typed, args: readonly GoValue[], call: CallContext): GoValue;
}

export type FunctionMap = ReadonlyMap<string, GoFunction>;

/** An error of a function, with the text that Go's error has. */
export class GoError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'GoError';
  }
}

/** The type of a value as `%T` and `typeOf` print it. */
export function typeName(value: GoValue): string {
  if (value === null) return '<nil>';
  if (value instanceof Typed) return value.type.name;
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'float64';
    default:
  }
  if (value instanceof Uint8Array) return '[]uint8';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

/** The kind of a value as Go's reflect has it; `invalid` for nil. */
export function kindOf(value: GoValue): Kind {
  if (value === null) return 'invalid';
  if (value instanceof Typed) return value.type.kind;
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'float64';
    default:
  }
  return value instanceof Map ? 'map' : 'slice';
}

/** The plain value: what is under a `Typed`, else the value itself. */
export function underlying(value: GoValue): Underlying {
  return value instanceof Typed ? value.value : value;
}

/** The elements of a slice or array of any element type (bytes as `uint8`), or undefined for anything else. */
export function elementsOf(value: GoValue): GoValue[] | undefined {
  if (Array.isArray(value)) return value;
  const plain = underlying(value);
  if (plain instanceof Uint8Array) return Array.from(plain, (byte) => new Typed(UINT8, BigInt(byte)));
  if (!(value instanceof Typed) || value.type.kind !== 'slice') return undefined;
  return Array.isArray(plain) ? plain : [];
}

/** The entries of a map of any named type, or undefined for anything else. A nil map has none. */
export function entriesOf(value: GoValue): GoMap | undefined {
  if (value instanceof Map) return value;
  if (!(value instanceof Typed) || value.type.kind !== 'map') return undefined;
  return value.value instanceof Map ? value.value : new Map();
}

/** The integer in a value of any integer kind, or undefined for anything else. */
export function integerOf(value: GoValue): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return value instanceof Typed && typeof value.value === 'bigint' ? value.value : undefined;
}

export const INT64: GoType = { name: 'int64', kind: 'int64' };
export const INT32: GoType = { name: 'int32', kind: 'int32' };
export const UINT8: GoType = { name: 'uint8', kind: 'uint8' };
export const UINT64: GoType = { name: 'uint64', kind: 'uint64' };
export const STRINGS: GoType = { name: '[]string', kind: 'slice', elem: 'string' };
export const INTS: GoType = { name: '[]int', kind: 'slice', elem: 'int' };
export const STRING_MAP: GoType = { name: 'map[string]string', kind: 'map', elem: 'string' };
/** A nil `[]interface {}`: empty, printed `[]`, written as JSON `null`. */
export const NIL_LIST: Typed = new Typed({ name: '[]interface {}', kind: 'slice' }, null);

/** An `int64`, wrapped around to 64 bits as Go does. */
export function int64(value: bigint): Typed {
  return new Typed(INT64, BigInt.asIntN(64, value));
}

/** An `int`, wrapped around to 64 bits as Go does. */
export function int(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

/** What a parameter of Go's type reflect.Value gets where there is no value at all, not even nil. */
export const NO_VALUE: Typed = new Typed({ name: '<invalid reflect.Value>', kind: 'invalid' }, null);

/** A `[]string`. */
export function stringSlice(items: readonly string[]): Typed {
  return new Typed(STRINGS, [...items]);
}

/** A function as a value, for fields that hold one and for `call`. */
export function functionValue(fn: GoFunction): Typed {
  return new Typed({ name: `func(${[...fn.params].join(', ')})`, kind: 'func' }, null, fn);
}
