/** Fields of YAML that Go reads into a struct: numbers and booleans become text where text is wanted. */

import type { GoMap, GoValue } from '@kubecrate/gotemplate';
import { jsonKind } from '../json/json-kind.ts';
import { formatGoFloat } from '../yaml/format-number.ts';
import { YamlConversionError } from '../yaml/yaml.ts';

/** The fields of one object, and the name that Go's messages give its struct. */
export interface StructFields {
  readonly struct: string;
  readonly fields: ReadonlyMap<string, GoValue>;
}

/** The fields of a mapping that `readYamlNumbers` gave; names are matched as Go does, exactly or else whatever their case. */
export function structFields(struct: string, map: GoMap): StructFields {
  return { struct, fields: map };
}

export function fieldOf({ fields }: StructFields, name: string): GoValue {
  const exact = fields.get(name);
  if (exact !== undefined) return exact;
  for (const [key, value] of fields) if (key.toLowerCase() === name.toLowerCase()) return value;
  return null;
}

export function textField(from: StructFields, name: string): string {
  return textOf(fieldOf(from, name), `${from.struct}.${name}`);
}

export function booleanField(from: StructFields, name: string): boolean {
  const value = fieldOf(from, name);
  if (value === null) return false;
  if (typeof value !== 'boolean') throw mismatch(value, `${from.struct}.${name}`, 'bool');
  return value;
}

export function textsField(from: StructFields, name: string): string[] {
  return listField(from, name, '[]string').map((item) => textOf(item, `${from.struct}.${name}`));
}

export function textMapField(from: StructFields, name: string): Map<string, string> {
  const value = fieldOf(from, name);
  if (value === null) return new Map();
  if (!(value instanceof Map)) throw mismatch(value, `${from.struct}.${name}`, 'map[string]string');
  return new Map([...value].map(([key, item]) => [key, textOf(item, `${from.struct}.${name}`)]));
}

export function listField(from: StructFields, name: string, type: string): readonly GoValue[] {
  const value = fieldOf(from, name);
  if (value === null) return [];
  if (!Array.isArray(value)) throw mismatch(value, `${from.struct}.${name}`, type);
  return value;
}

/** A value as Go puts it into a string field; `place` and `type` name it in the error. */
export function textOf(value: GoValue, place: string): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'number':
      return formatGoFloat(Math.fround(value), 'float32');
    default:
  }
  if (value === null) return '';
  throw mismatch(value, place, 'string');
}

/** Go's error for a field of another type. */
export function mismatch(value: GoValue, place: string, type: string): YamlConversionError {
  const message = `json: cannot unmarshal ${jsonKind(value)} into Go struct field ${place} of type ${type}`;
  return new YamlConversionError(`error unmarshaling JSON: while decoding JSON: ${message}`);
}
