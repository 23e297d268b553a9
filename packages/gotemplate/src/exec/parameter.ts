/** Go's rules for giving a value to a parameter of a type. */

import { type GoValue, kindOf, Typed, typeName, underlying } from '../value.ts';

/** True for types that have nil: interfaces, pointers, maps, slices, functions. */
export function canBeNil(type: string): boolean {
  return type === 'interface {}' || type === 'reflect.Value' || /^(?:\[\]|map\[|\*|func)/.test(type);
}

/**
 * The value as a parameter of `type` receives it, or undefined where Go cannot assign it.
 * A named map or slice gives its plain one to a parameter of the unnamed type; a pointer gives what it points to.
 */
export function assign(value: GoValue, type: string): GoValue | undefined {
  if (type === 'interface {}' || type === 'reflect.Value') return value;
  if (value === null) return undefined;
  if (typeName(value) === type) return value;
  if (!(value instanceof Typed)) return undefined;
  const { name, kind, elem = 'interface {}' } = value.type;
  if (kind === 'map' && type === `map[string]${elem}`) return plainOf(value, type);
  if (kind === 'slice' && type === `[]${elem}`) return plainOf(value, type);
  return kind === 'ptr' && name === `*${type}` ? value : undefined;
}

/** The zero value of a type, as a missing key of a map with such elements gives. */
export function zeroOf(type: string): GoValue {
  switch (type) {
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'int':
      return 0n;
    case 'float64':
      return 0;
    case '[]uint8':
      return new Uint8Array();
    default:
  }
  if (/^u?int(?:8|16|32|64)?$/.test(type)) return integerAs(0n, type);
  if (type.startsWith('[]')) return new Typed({ name: type, kind: 'slice', elem: type.slice(2) }, null);
  return null;
}

/** An integer of the named type. */
export function integerAs(value: bigint, type: string): GoValue {
  if (type === 'int') return value;
  const kind = INTEGER_KINDS.get(type);
  return kind === undefined ? value : new Typed({ name: type, kind }, value);
}

/** How the parameters of a type take a constant written in the template. */
export function parameterClass(
  type: string,
): 'any' | 'string' | 'bool' | 'integer' | 'unsigned' | 'float' | 'complex' | 'other' {
  switch (type) {
    case 'interface {}':
    case 'reflect.Value':
      return 'any';
    case 'string':
    case 'bool':
      return type;
    case 'float64':
    case 'float32':
      return 'float';
    case 'complex128':
      return 'complex';
    case 'time.Duration':
      return 'integer';
    default:
  }
  if (!INTEGER_KINDS.has(type) && type !== 'int') return 'other';
  return type.startsWith('u') ? 'unsigned' : 'integer';
}

const INTEGER_KINDS = new Map(
  (['int8', 'int16', 'int32', 'int64', 'uint', 'uint8', 'uint16', 'uint32', 'uint64'] as const).map((kind) => [
    kind as string,
    kind,
  ]),
);

/** Where the elements have a type of their own the value keeps it: `[]string` stays one under another name. */
function plainOf(value: Typed, type: string): GoValue {
  const plain = underlying(value);
  if (type === 'map[string]interface {}' || type === '[]interface {}') return plain;
  return new Typed({ name: type, kind: kindOf(value), elem: value.type.elem ?? 'interface {}' }, plain);
}
