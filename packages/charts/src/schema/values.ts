/** Single values against a schema: types, numbers, lengths, equality. */

import { type GoMap, type GoValue, writeJson } from '@kubecrate/gotemplate';

/** The types of JSON Schema. */
export const TYPES: readonly string[] = ['array', 'boolean', 'integer', 'number', 'null', 'object', 'string'];

/** The type of a value; a number without a fraction is an integer. */
export function jsonType(value: GoValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string' || typeof value === 'boolean') return typeof value;
  if (typeof value === 'bigint') return 'integer';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return Array.isArray(value) ? 'array' : 'object';
}

/** True for values that are the same JSON. */
export function sameJson(a: GoValue, b: GoValue): boolean {
  return a === b || writeJson(a, { escape: 'none' }) === writeJson(b, { escape: 'none' });
}

/** What is wrong with a number. */
export function checkNumber(schema: GoMap, value: number): string[] {
  const problems: string[] = [];
  const multiple = schema.get('multipleOf');
  if (typeof multiple === 'number' && !isMultiple(value, multiple)) problems.push(`Must be a multiple of ${multiple}`);
  const { min, max, above, below } = boundsOf(schema);
  if (max !== undefined && value > max) problems.push(`Must be less than or equal to ${max}`);
  if (below !== undefined && value >= below) problems.push(`Must be less than ${below}`);
  if (min !== undefined && value < min) problems.push(`Must be greater than or equal to ${min}`);
  if (above !== undefined && value <= above) problems.push(`Must be greater than ${above}`);
  return problems;
}

/** What is wrong with the length of a text, which is counted in characters. */
export function checkText(schema: GoMap, value: string): string[] {
  const problems: string[] = [];
  const length = Array.from(value).length;
  const min = schema.get('minLength');
  const max = schema.get('maxLength');
  if (typeof min === 'number' && length < min) {
    problems.push(`String length must be greater than or equal to ${min}`);
  }
  if (typeof max === 'number' && length > max) problems.push(`String length must be less than or equal to ${max}`);
  return problems;
}

interface Bounds {
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly above: number | undefined;
  readonly below: number | undefined;
}

/** In draft 4 `exclusiveMinimum: true` makes the minimum exclusive; later it is a number itself. */
function boundsOf(schema: GoMap): Bounds {
  const min = numberOf(schema.get('minimum'));
  const max = numberOf(schema.get('maximum'));
  const exclusiveMin = schema.get('exclusiveMinimum');
  const exclusiveMax = schema.get('exclusiveMaximum');
  return {
    min: exclusiveMin === true ? undefined : min,
    max: exclusiveMax === true ? undefined : max,
    above: exclusiveMin === true ? min : numberOf(exclusiveMin),
    below: exclusiveMax === true ? max : numberOf(exclusiveMax),
  };
}

function numberOf(value: GoValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function isMultiple(value: number, step: number): boolean {
  const quotient = value / step;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9 * Math.max(1, Math.abs(quotient));
}
