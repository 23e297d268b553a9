/** `--format TEMPLATE`: a Go template over a value, with the functions that Docker gives such templates. */

import { KubecrateError } from '@kubecrate/errors';
import { type FunctionMap, fromGo, type GoValue, TemplateError, TemplateSet } from '@kubecrate/gotemplate';

/**
 * What the template prints for each value, one line each.
 * @throws KubecrateError INVALID_TEMPLATE where the template cannot be read, or asks for what a value does not have
 */
export function formatEach(template: string, values: readonly unknown[]): string {
  const set = new TemplateSet({ functions: FUNCTIONS, missingKey: 'error', name: 'format' });
  try {
    set.parse('format', template);
    return values.map((value) => `${set.execute('format', goValue(value))}\n`).join('');
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const { action, reason } = error.failure;
    const message =
      action === undefined
        ? `cannot read the template ${JSON.stringify(template)}: ${reason}`
        : `Executing "" at <${action}>: ${reason}`;
    throw new KubecrateError('INVALID_TEMPLATE', message, {
      cause: error,
      hint: 'without a template everything is printed: take the names from there, as in {{json .image.id}}',
    });
  }
}

const FUNCTIONS: FunctionMap = new Map([
  ['json', { params: ['interface {}'], run: ([value]) => JSON.stringify(fromGo(value ?? null), bigIntText) }],
  [
    'join',
    {
      params: ['[]interface {}', 'string'],
      run: ([items, by]) => (fromGo(items ?? null) as unknown[]).join(String(by)),
    },
  ],
  ['split', { params: ['string', 'string'], run: ([text, by]) => String(text).split(String(by)) }],
  ['lower', { params: ['string'], run: ([text]) => String(text).toLowerCase() }],
  ['upper', { params: ['string'], run: ([text]) => String(text).toUpperCase() }],
]);

function bigIntText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

/** JSON data as Go reads it for a person: a whole number is an integer and prints without an exponent. */
function goValue(data: unknown): GoValue {
  if (typeof data === 'number') return Number.isSafeInteger(data) ? BigInt(data) : data;
  if (typeof data === 'string' || typeof data === 'boolean') return data;
  if (Array.isArray(data)) return data.map(goValue);
  if (typeof data !== 'object' || data === null) return null;
  return new Map(Object.entries(data).map(([key, value]) => [key, goValue(value)]));
}
