/** Renders one template for a test: with sprig's functions, a fixed clock and seeded randomness. */

import { toGo } from '../javascript-data.ts';
import { seededRandom } from '../sprig/random.ts';
import { sprigFunctions } from '../sprig/sprig-functions.ts';
import { type ExecuteOptions, TemplateSet, type TemplateSetOptions } from '../template-set.ts';
import type { GoFunction, GoValue } from '../value.ts';

/** The time that `now` gives in tests: a Friday. */
export const TEST_NOW = '2024-03-15T10:20:30.500Z';

/** What the template prints with `data`, which may hold values of Go. */
export function render(text: string, data: unknown = null, options: TemplateSetOptions & ExecuteOptions = {}): string {
  const set = new TemplateSet({ functions: testFunctions(), ...options });
  set.parse('t', text);
  return set.execute('t', toGo(data), options);
}

/** The message of the error that parsing or executing the template gives; a text that no error has where it gives none. */
export function failure(text: string, data: unknown = null, options: TemplateSetOptions & ExecuteOptions = {}): string {
  try {
    return `no error, but: ${render(text, data, options)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** sprig's functions and more, made anew for each test. */
export function testFunctions(more: readonly [string, GoFunction][] = []): ReadonlyMap<string, GoFunction> {
  const sprig = sprigFunctions({ now: () => new Date(TEST_NOW), random: seededRandom('test') });
  return new Map([...sprig, ...more]);
}

/** A function without arguments that gives a value. */
export function giving(value: GoValue): GoFunction {
  return { params: [], run: () => value };
}
