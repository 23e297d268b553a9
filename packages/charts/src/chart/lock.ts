/** Chart.lock, or requirements.lock of a v1 chart: Helm reads it whenever it loads a chart, though only for what is wrong with it. */

import { decodeString, GoError, type GoValue, parseRfc3339 } from '@kubecrate/gotemplate';
import { readYamlNumbers, typeMismatch, YamlConversionError } from '../yaml/yaml.ts';
import { parseDependencies } from './metadata.ts';
import { fieldOf, structFields, textField } from './struct-fields.ts';

/** Throws `YamlConversionError`. */
export function checkLock(data: Buffer): void {
  const value = readYamlNumbers(decodeString(data));
  if (value === null) return;
  if (!(value instanceof Map)) throw typeMismatch(value, 'chart.Lock');
  const fields = structFields('Lock', value);
  // Go stops at a wrong time; anything else it reports at the end.
  checkTime(fieldOf(fields, 'generated'));
  parseDependencies(fields);
  textField(fields, 'digest');
}

function checkTime(value: GoValue): void {
  if (value === null) return;
  try {
    if (typeof value !== 'string') throw new GoError('Time.UnmarshalJSON: input is not a JSON string');
    parseRfc3339(value);
  } catch (error) {
    if (!(error instanceof GoError)) throw error;
    const message = `error unmarshaling JSON: while decoding JSON: ${error.message}`;
    throw new YamlConversionError(message, { cause: error });
  }
}
