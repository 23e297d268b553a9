/** `$ref`: other places of a schema by JSON pointer or by `$id`. */

import type { GoMap, GoValue } from '@kubecrate/gotemplate';
import { SchemaError } from './schema-errors.ts';

/** The schema that a `$ref` leads to, or undefined where that is in another document, which is never fetched. */
export function findSchema(root: GoValue, reference: string): GoValue | undefined {
  const [document = '', fragment = ''] = splitReference(reference);
  const base = document === '' || document === idOf(root) ? root : findById(root, document);
  if (base === undefined) return undefined;
  if (fragment === '' || fragment.startsWith('/')) return followPointer(base, fragment);
  const anchored = findById(base, `#${fragment}`);
  if (anchored === undefined) throw new SchemaError('invalid', `Object has no key '${fragment}'`);
  return anchored;
}

function splitReference(reference: string): string[] {
  const hash = reference.indexOf('#');
  return hash < 0 ? [reference] : [reference.slice(0, hash), reference.slice(hash + 1)];
}

function followPointer(base: GoValue, pointer: string): GoValue {
  let place = base;
  for (const part of pointer.split('/').slice(1)) {
    const key = decodePart(part);
    const next: GoValue | undefined = Array.isArray(place)
      ? place[Number(key)]
      : place instanceof Map
        ? place.get(key)
        : undefined;
    if (next === undefined) throw new SchemaError('invalid', `Object has no key '${key}'`);
    place = next;
  }
  return place;
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return part;
  }
}

function findById(schema: GoValue, id: string): GoMap | undefined {
  if (Array.isArray(schema)) {
    for (const item of schema) {
      const found = findById(item, id);
      if (found !== undefined) return found;
    }
  }
  if (!(schema instanceof Map)) return undefined;
  if (idOf(schema) === id) return schema;
  for (const item of schema.values()) {
    const found = findById(item, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

function idOf(schema: GoValue): string | undefined {
  if (!(schema instanceof Map)) return undefined;
  const id = schema.get('$id') ?? schema.get('id');
  return typeof id === 'string' ? id.replace(/(.)#$/, '$1') : undefined;
}
