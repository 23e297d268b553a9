/** `toYaml` of templates. */

import { type Budget, GoError, type GoValue } from '@kubecrate/gotemplate';
import { type JsonValue, jsonValue } from '../json/json-value.ts';
import { writeYaml } from '../yaml/yaml.ts';

/** A value as YAML without a line break at its end. Throws `GoError`. */
export function mustToYaml(value: GoValue, budget: Budget): string {
  return writeYaml(jsonOf(value, budget)).replace(/\n$/, '');
}

/** As `mustToYaml`; empty for a value that cannot be written. */
export function toYaml(value: GoValue, budget: Budget): string {
  return orEmpty(() => mustToYaml(value, budget));
}

/** What `write` gives, or nothing where it throws a `GoError`: how Helm swallows errors in templates. */
export function orEmpty(write: () => string): string {
  try {
    return write();
  } catch (error) {
    if (error instanceof GoError) return '';
    throw error;
  }
}

function jsonOf(value: GoValue, budget: Budget): JsonValue {
  try {
    return jsonValue(value, budget);
  } catch (error) {
    if (error instanceof GoError) throw new GoError(`error marshaling into JSON: ${error.message}`, { cause: error });
    throw error;
  }
}
