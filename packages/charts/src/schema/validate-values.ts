/** values.schema.json of a chart and of the charts in it. */

import { GoError, type GoMap, type GoValue, readJson, writeJson } from '@kubecrate/gotemplate';
import type { Chart } from '../chart/chart.ts';
import { ChartRenderError } from '../render/render-error.ts';
import { readJsonPrefix } from '../values/json-prefix.ts';
import { type GoTests, openGoTests } from './go-tests.ts';
import { SchemaError } from './schema-errors.ts';
import { validate } from './validate.ts';

/** Throws `ChartRenderError` (`INVALID_CHART`) with Helm's list of what is wrong in which chart. */
export function validateValues(chart: Chart, values: GoMap, warn: (message: string) => void): void {
  const go = openGoTests();
  const report = chartReport(chart, values, go, warn);
  if (report === '') return;
  const message = `values don't meet the specifications of the schema(s) in the following chart(s):\n${report}`;
  throw new ChartRenderError('INVALID_CHART', chart.metadata.name, message);
}

function chartReport(chart: Chart, values: GoMap, go: GoTests, warn: (message: string) => void): string {
  let report = '';
  if (chart.schema !== undefined) {
    const problems = schemaProblems(chart.schema, values, go, warn);
    if (problems !== '') report += `${chart.metadata.name}:\n${problems}`;
  }
  for (const subchart of chart.dependencies) {
    const own = values.get(subchart.metadata.name);
    if (own instanceof Map) report += chartReport(subchart, own, go, warn);
  }
  return report;
}

function schemaProblems(schema: string, values: GoMap, go: GoTests, warn: (message: string) => void): string {
  try {
    const plain = readJson(writeJson(values, { escape: 'none' }));
    const findings = validate({ root: readSchema(schema), go, warn }, plain);
    return findings.map(({ field, text }) => `- ${field}: ${text}\n`).join('');
  } catch (error) {
    if (error instanceof GoError || error instanceof SchemaError) return error.message;
    throw error;
  }
}

/** The first JSON value of the text: Helm does not look at what follows it. */
function readSchema(text: string): GoValue {
  if (text.trim() === '') throw new GoError('EOF');
  try {
    return readJson(text.slice(0, readJsonPrefix(text)));
  } catch (error) {
    const isEarly = error instanceof GoError && error.message === 'unexpected end of JSON input';
    throw isEarly ? new GoError('unexpected EOF', { cause: error }) : error;
  }
}
