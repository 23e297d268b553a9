/** Reading the fields of JSON that came from outside. */

import { KubecrateError } from '@kubecrate/errors';

export type Fields = Readonly<Record<string, unknown>>;

/** @throws KubecrateError INVALID_MANIFEST where `value` is no JSON object. */
export function expectObject(value: unknown, where: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new KubecrateError('INVALID_MANIFEST', `${where} is not an object`);
}

/** @throws KubecrateError INVALID_MANIFEST where `value` is no JSON array. */
export function expectArray(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new KubecrateError('INVALID_MANIFEST', `${where} is not a list`);
}

/** @throws KubecrateError INVALID_MANIFEST where the field is absent or no string. */
export function expectString(fields: Fields, name: string, where: string): string {
  const value = fields[name];
  if (typeof value === 'string') return value;
  throw new KubecrateError(
    'INVALID_MANIFEST',
    `${where}.${name} is ${value === undefined ? 'missing' : 'not a string'}`,
  );
}

/** The string, or undefined where the field is absent, null or empty. */
export function optionalString(fields: Fields, name: string, where: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null || value === '') return undefined;
  return expectString(fields, name, where);
}

/**
 * Parses JSON text that came from outside, as an object.
 * @throws KubecrateError INVALID_MANIFEST
 */
export function parseJsonObject(bytes: Uint8Array, where: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new KubecrateError('INVALID_MANIFEST', `${where} is not JSON`, { cause });
  }
  return expectObject(value, where);
}
