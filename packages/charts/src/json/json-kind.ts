/** The names that Go's messages give the kinds of JSON values. */

import type { GoValue } from '@kubecrate/gotemplate';

/** As in `json: cannot unmarshal array into ...`. */
export function jsonKind(value: GoValue): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return 'array';
  return value instanceof Map ? 'object' : 'number';
}
