/** Any value in the verbs of Go's fmt. */

import { KubecrateError } from '@kubecrate/errors';
import { sortedKeys } from '../go-string.ts';
import { type GoMap, type GoValue, kindOf, Typed, typeName, type Underlying, underlying } from '../value.ts';
import { asComplex } from './complex.ts';
import { type Flags, pad } from './flags.ts';
import { formatComplex, formatFloatVerb } from './format-float.ts';
import { formatInteger, formatUnsignedSyntax } from './format-integer.ts';
import { formatBytes, formatString } from './format-string.ts';

/** A value as `verb` prints it; a verb that it does not have prints `%!verb(type=value)`. */
export function formatValue(value: GoValue, verb: string, flags: Flags): string {
  if (value === null) return verb === 'T' || verb === 'v' ? pad('<nil>', flags) : badVerb(value, verb, flags);
  if (verb === 'T') return pad(typeName(value), flags);
  if (verb === 'p') return POINTERS.has(kindOf(value)) ? ADDRESS : badVerb(value, verb, flags);
  return formatNested(value, verb, flags, 0);
}

function formatNested(value: GoValue, verb: string, flags: Flags, depth: number): string {
  if (value === null) return flags.sharpV ? 'interface {}(nil)' : '<nil>';
  flags.meter.values += 1;
  if (depth > MAX_DEPTH || flags.meter.values > MAX_VALUES) {
    throw new KubecrateError(
      'LIMIT_EXCEEDED',
      `a value nested deeper than ${MAX_DEPTH} or of more than ${MAX_VALUES} parts cannot be printed`,
    );
  }
  if (value instanceof Typed) {
    const { text } = value.type;
    if (text !== undefined && !flags.sharpV && STRINGABLE.has(verb)) {
      return formatString(text(value), verb, flags) ?? '';
    }
    const complex = asComplex(value);
    if (complex !== undefined) return formatComplex(complex, verb, flags) ?? badVerb(value, verb, flags);
  }
  const kind = kindOf(value);
  switch (kind) {
    case 'map':
      return formatMap(value, verb, flags, depth);
    case 'slice':
      return formatSlice(value, verb, flags, depth);
    case 'struct':
      return formatStruct(value, verb, flags, depth);
    case 'ptr':
      if (underlying(value) === null) return pad('<nil>', flags);
      return depth === 0 ? `&${formatStruct(value, verb, flags, depth)}` : ADDRESS;
    case 'func':
      return ADDRESS;
    default:
      return formatScalar(value, underlying(value), verb, flags);
  }
}

function formatScalar(value: GoValue, plain: Underlying, verb: string, flags: Flags): string {
  switch (typeof plain) {
    case 'string':
      return formatString(plain, verb, flags) ?? badVerb(value, verb, flags);
    case 'boolean':
      return verb === 't' || verb === 'v' ? pad(String(plain), flags) : badVerb(value, verb, flags);
    case 'number':
      return formatFloatVerb(plain, verb, flags) ?? badVerb(value, verb, flags);
    case 'bigint':
      if (verb === 'v' && flags.sharpV && kindOf(value).startsWith('uint')) return formatUnsignedSyntax(plain, flags);
      return formatInteger(plain, verb, flags) ?? badVerb(value, verb, flags);
    default:
      return badVerb(value, verb, flags);
  }
}

function formatMap(value: GoValue, verb: string, flags: Flags, depth: number): string {
  const plain = underlying(value);
  const entries: GoMap = plain instanceof Map ? plain : new Map();
  if (flags.sharpV && plain === null) return `${typeName(value)}(nil)`;
  const items = sortedKeys(entries).map((key) => {
    const item = formatNested(entries.get(key) ?? null, verb, flags, depth + 1);
    return `${formatNested(key, verb, flags, depth + 1)}:${item}`;
  });
  return flags.sharpV ? `${typeName(value)}{${items.join(', ')}}` : `map[${items.join(' ')}]`;
}

function formatSlice(value: GoValue, verb: string, flags: Flags, depth: number): string {
  const plain = underlying(value);
  if (plain instanceof Uint8Array) return formatByteSlice(plain, verb, flags);
  if (flags.sharpV && plain === null) return `${typeName(value)}(nil)`;
  const elements = Array.isArray(plain) ? plain : [];
  const items = elements.map((item) => formatNested(item, verb, flags, depth + 1));
  return flags.sharpV ? `${typeName(value)}{${items.join(', ')}}` : `[${items.join(' ')}]`;
}

function formatByteSlice(bytes: Uint8Array, verb: string, flags: Flags): string {
  const text = formatBytes(bytes, verb, flags);
  if (text !== undefined) return text;
  const items = Array.from(bytes, (byte) =>
    flags.sharpV ? `0x${byte.toString(16)}` : (formatInteger(BigInt(byte), verb, flags) ?? `%!${verb}(uint8=${byte})`),
  );
  return flags.sharpV ? `[]byte{${items.join(', ')}}` : `[${items.join(' ')}]`;
}

function formatStruct(value: GoValue, verb: string, flags: Flags, depth: number): string {
  const plain = underlying(value);
  const fields: GoMap = plain instanceof Map ? plain : new Map();
  const named = flags.plusV || flags.sharpV;
  const items = [...fields].map(([name, field]) => {
    const text = formatNested(field, verb, flags, depth + 1);
    return named ? `${name}:${text}` : text;
  });
  return flags.sharpV ? `${typeName(value).replace(/^\*/, '')}{${items.join(', ')}}` : `{${items.join(' ')}}`;
}

function badVerb(value: GoValue, verb: string, flags: Flags): string {
  if (value === null) return `%!${verb}(<nil>)`;
  const plain = value instanceof Typed ? new Typed(withoutText(value), value.value, value.detail) : value;
  return `%!${verb}(${typeName(value)}=${formatNested(plain, 'v', flags, 0)})`;
}

/** Inside `%!verb(...)` Go does not call the methods of a value. */
function withoutText({ type }: Typed): Typed['type'] {
  const { text: _, ...rest } = type;
  return rest;
}

/** The verbs for which a value's own text is asked. */
const STRINGABLE: ReadonlySet<string> = new Set(['v', 's', 'x', 'X', 'q']);
const POINTERS: ReadonlySet<string> = new Set(['map', 'slice', 'ptr', 'func']);

/** Addresses differ in each run of a Go program; here they are all one. */
const ADDRESS = '0xc000010000';

/** Values that contain themselves would print without end. */
const MAX_DEPTH = 500;
const MAX_VALUES = 5_000_000;
