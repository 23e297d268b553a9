import { type GoMap, toGo } from '@kubecrate/gotemplate';
import { describe, expect, it } from 'vitest';
import { chartFromFiles } from '../chart/load-chart.ts';
import { validateValues } from './validate-values.ts';

async function problems(schema: unknown, values: unknown, warnings: string[] = []): Promise<string> {
  const chart = await chartFromFiles({
    'Chart.yaml': 'apiVersion: v2\nname: top\nversion: 1.0.0\n',
    'values.schema.json': typeof schema === 'string' ? schema : JSON.stringify(schema),
  });
  try {
    validateValues(chart, toGo(values) as GoMap, (message) => void warnings.push(message));
    return '';
  } catch (error) {
    expect(error).toMatchObject({ name: 'ChartRenderError', code: 'INVALID_CHART', chart: 'top' });
    const { helmMessage } = error as { helmMessage: string };
    expect(helmMessage).toMatch(
      /^values don't meet the specifications of the schema\(s\) in the following chart\(s\):\ntop:\n/,
    );
    return helmMessage.split('top:\n')[1] ?? '';
  }
}

describe('values that do not fit', () => {
  it.each<readonly [unknown, unknown, string]>([
    [{ required: ['image'] }, {}, '- (root): image is required\n'],
    [{ properties: { n: { type: 'integer' } } }, { n: 'x' }, '- n: Invalid type. Expected: integer, given: string\n'],
    [{ properties: { n: { type: 'integer' } } }, { n: 1.5 }, '- n: Invalid type. Expected: integer, given: number\n'],
    [
      { properties: { n: { type: ['string', 'null'] } } },
      { n: [] },
      '- n: Invalid type. Expected: [string,null], given: array\n',
    ],
    [
      { properties: { a: { properties: { b: { type: 'boolean' } } } } },
      { a: { b: 1 } },
      '- a.b: Invalid type. Expected: boolean, given: integer\n',
    ],
    [
      { properties: { l: { items: { type: 'string' } } } },
      { l: ['a', 1] },
      '- l.1: Invalid type. Expected: string, given: integer\n',
    ],
    [{ properties: { p: { minimum: 1, maximum: 5 } } }, { p: 0 }, '- p: Must be greater than or equal to 1\n'],
    [{ properties: { p: { maximum: 5 } } }, { p: 6 }, '- p: Must be less than or equal to 5\n'],
    [{ properties: { p: { exclusiveMinimum: 1 } } }, { p: 1 }, '- p: Must be greater than 1\n'],
    [{ properties: { p: { minimum: 1, exclusiveMinimum: true } } }, { p: 1 }, '- p: Must be greater than 1\n'],
    [{ properties: { p: { multipleOf: 0.1 } } }, { p: 0.35 }, '- p: Must be a multiple of 0.1\n'],
    [{ properties: { s: { minLength: 3 } } }, { s: 'é☃' }, '- s: String length must be greater than or equal to 3\n'],
    [{ properties: { s: { pattern: '^a+$' } } }, { s: 'b' }, "- s: Does not match pattern '^a+$'\n"],
    [{ properties: { s: { format: 'ipv4' } } }, { s: '1.2.3' }, "- s: Does not match format 'ipv4'\n"],
    [
      { properties: { s: { enum: ['a', 1, null] } } },
      { s: 'b' },
      '- s: s must be one of the following: "a", 1, null\n',
    ],
    [{ properties: { s: { const: 'a' } } }, { s: 'b' }, '- s: s does not match: "a"\n'],
    [
      { additionalProperties: false, properties: { a: {} } },
      { a: 1, b: 2 },
      '- (root): Additional property b is not allowed\n',
    ],
    [{ properties: { l: { minItems: 2, uniqueItems: true } } }, { l: [1] }, '- l: Array must have at least 2 items\n'],
    [{ properties: { l: { uniqueItems: true } } }, { l: [1, 1] }, '- l: array items[0,1] must be unique\n'],
    [{ not: { required: ['a'] } }, { a: 1 }, '- (root): Must not validate the schema (not)\n'],
    [{ dependencies: { a: ['b'] } }, { a: 1 }, '- (root): Has a dependency on b\n'],
    [
      { anyOf: [{ required: ['a'] }, { required: ['b'] }] },
      {},
      '- (root): Must validate at least one schema (anyOf)\n- (root): a is required\n',
    ],
    [
      { anyOf: [{ type: 'array' }, { properties: { a: { type: 'integer' } }, required: ['a', 'b'] }] },
      { a: 1 },
      '- (root): Must validate at least one schema (anyOf)\n- (root): b is required\n',
    ],
    [
      { properties: { l: { contains: { type: 'string' } } } },
      { l: [1] },
      '- l: At least one of the items must match\n- l.0: Invalid type. Expected: string, given: integer\n',
    ],
    [
      { propertyNames: { maxLength: 1 } },
      { ab: 1 },
      '- (root): Property name of "ab" does not match\n- (root): String length must be less than or equal to 1\n',
    ],
    [{ properties: { p: { format: 'hostname' } } }, { p: 80 }, "- p: Does not match format 'hostname'\n"],
    [
      { $schema: 'http://json-schema.org/draft-04/schema#', properties: { p: { minimum: 1, exclusiveMinimum: true } } },
      { p: 1 },
      '- p: Must be greater than 1\n',
    ],
    [
      { oneOf: [{ required: ['a'] }, { required: ['b'] }] },
      { a: 1, b: 1 },
      '- (root): Must validate one and only one schema (oneOf)\n',
    ],
    [
      '{"if":{"properties":{"a":{"const":1}}},"then":{"required":["b"]}}',
      { a: 1 },
      '- (root): Must validate "then" as "if" was valid\n- (root): b is required\n',
    ],
    [
      { definitions: { port: { type: 'integer' } }, properties: { p: { $ref: '#/definitions/port' } } },
      { p: 'x' },
      '- p: Invalid type. Expected: integer, given: string\n',
    ],
    [
      { $defs: { s: { $id: '#s', type: 'string' } }, properties: { p: { $ref: '#s' } } },
      { p: 1 },
      '- p: Invalid type. Expected: string, given: integer\n',
    ],
  ])('%j against %j', async (schema, values, expected) => {
    expect(await problems(schema, values)).toBe(expected);
  });
});

describe('values that fit', () => {
  it.each<readonly [unknown, unknown]>([
    [{ type: 'object', properties: { n: { type: 'number' } } }, { n: 1 }],
    [{ properties: { n: { type: 'integer' } } }, { n: 1.0 }],
    [{ $schema: 'https://json-schema.org/draft/2020-12/schema', properties: { a: true }, unknownKeyword: 1 }, { a: 1 }],
    [{ patternProperties: { '^x-': { type: 'string' } }, additionalProperties: false }, { 'x-a': 'b' }],
    [{ $ref: '#/definitions/all', definitions: { all: {} }, required: ['nothing'] }, {}],
    [{ properties: { a: { format: 'made-up' } } }, { a: 'x' }],
    [{ $schema: 'http://json-schema.org/draft-04/schema#', const: 1, propertyNames: false }, { a: 'x' }],
    ['{"$schema":"http://json-schema.org/draft-06/schema#","if":true,"then":false}', { a: 'x' }],
    ...[
      ['date', '2020-02-29'],
      ['time', '12:00:00'],
      ['date-time', '2020-01-01T00:00:00.5+02:00'],
      ['date-time', '12:00:00Z'],
      ['email', 'Name <a@b.c>'],
      ['ipv4', '::ffff:1.2.3.4'],
      ['uri', 'http://[::1]/x?y'],
      ['uri-reference', 'x/y'],
      ['uri-template', 'http://x/{a}'],
      ['regex', '^a$'],
      ['json-pointer', '/a~0/b'],
    ].map(([format, a]) => [{ properties: { a: { format } } }, { a }] as const),
    [{ properties: { a: { items: [{ type: 'string' }, { type: 'integer' }] } } }, { a: ['x', 1, true] }],
  ])('%j against %j', async (schema, values) => {
    expect(await problems(schema, values)).toBe('');
  });

  it('where a schema of another document is wanted, which is not fetched', async () => {
    const warnings: string[] = [];
    const reference = 'https://example.com/defs.json#/definitions/x';
    expect(await problems({ properties: { a: { $ref: reference } } }, { a: 1 }, warnings)).toBe('');
    expect(warnings).toEqual([
      `values.schema.json refers to ${reference}, which is not fetched: values there are not checked`,
    ]);
  });
});

describe('texts that do not have the format', () => {
  it.each([
    ['date', '2020-02-30'],
    ['time', '12:00:00.5'],
    ['date-time', '2020-01-01 00:00:00'],
    ['email', 'a b@c.d'],
    ['ipv4', '1.2.3'],
    ['ipv6', 'fe80::1%eth0'],
    ['hostname', '-x'],
    ['uri', 'x/y'],
    ['uri-reference', 'http://x y'],
    ['uri-template', 'http://x/{a'],
    ['uuid', '123E4567-E89B-12D3-A456-426614174000'],
    ['regex', '(?!x)'],
    ['json-pointer', '/a~2'],
    ['relative-json-pointer', '01'],
  ])('%s %s', async (format, a) => {
    expect(await problems({ properties: { a: { format } } }, { a })).toBe(`- a: Does not match format '${format}'\n`);
  });
});

describe('schemas that are wrong', () => {
  it.each<readonly [unknown, string]>([
    ['{"type":', 'unexpected EOF'],
    [{ type: 'text' }, 'has a primitive type that is NOT VALID'],
    [{ properties: { a: { $ref: '#/definitions/none' } } }, "Object has no key 'definitions'"],
    [{ properties: { a: { pattern: '(?!x)' } } }, 'pattern must be a valid regex'],
    [{ properties: { b: { $ref: '#/definitions/none' } }, definitions: {} }, "Object has no key 'none'"],
    [{ definitions: { unused: { type: ['string', 'string'] } } }, 'string type is duplicated'],
    [{ properties: { b: { minimum: 'x' } } }, 'minimum must be of a number'],
    [{ properties: { b: { exclusiveMinimum: true } } }, 'exclusiveMinimum cannot be used without minimum'],
    [
      { $schema: 'http://json-schema.org/draft-07/schema#', properties: { b: { minimum: 1, exclusiveMinimum: true } } },
      'Invalid type. Expected: number, given: exclusiveMinimum',
    ],
    [{ minLength: 1.5 }, 'minLength must be of an integer'],
    [{ minLength: 3, maxLength: 1 }, 'minLength cannot be greater than maxLength'],
    [{ required: ['a', 'a'] }, 'required items must be unique'],
    [{ patternProperties: { '[a': {} } }, "Invalid regex pattern '[a'"],
    [{ anyOf: {} }, 'anyOf must be of an array'],
    [{ allOf: 1 }, 'anyOf must be of an array'],
    [{ not: 1 }, 'not must be of an object'],
    [{ if: 1 }, 'if must be of an object'],
    [{ items: 1 }, 'Invalid type. Expected: valid schema/array of schemas, given: items'],
    [{ additionalProperties: 1 }, 'Invalid type. Expected: boolean/valid schema, given: additionalProperties'],
    [{ patternProperties: 1 }, 'Invalid type. Expected: valid schema, given: patternProperties'],
    [{ dependencies: 1 }, 'dependencies must be of type object'],
    [{ definitions: 1 }, 'Invalid type. Expected: array of schemas, given: definitions'],
    [{ title: 1 }, 'Invalid type. Expected: string, given: title'],
    [{ $ref: 1 }, 'Invalid type. Expected: string, given: $ref'],
    [{ format: 1 }, 'format must be of type string'],
    [{ enum: ['a', 'a'] }, 'enum items must be unique'],
    [{ $schema: 1 }, '$schema must be of type string'],
    [1, 'schema is invalid'],
    [{ $ref: '#' }, 'refers to itself without end'],
    [{ anyOf: [{ $ref: '#' }, { $ref: '#' }] }, 'refers to itself without end'],
  ])('%j', async (schema, message) => {
    expect(await problems(schema, { a: 'x' })).toContain(message);
  });

  it('do not make the check slow', async () => {
    const schema = { properties: { s: { pattern: '^(a+)+$' } } };
    expect(await problems(schema, { s: `${'a'.repeat(5000)}b` })).toBe("- s: Does not match pattern '^(a+)+$'\n");
  });
});

it.each([
  ['', 'EOF'],
  ['{', 'unexpected EOF'],
  ['{"required":["a"]} x', '- (root): a is required'],
])('the text %j of a schema is read as far as its first value', async (schema, message) => {
  const chart = await chartFromFiles({
    'Chart.yaml': 'apiVersion: v2\nname: top\nversion: 1.0.0\n',
    'values.schema.json': schema,
  });
  expect(() => validateValues(chart, new Map(), () => {})).toThrow(`top:\n${message}`);
});

it('every chart is held against its own schema', async () => {
  const chart = await chartFromFiles({
    'Chart.yaml': 'apiVersion: v2\nname: top\nversion: 1.0.0\n',
    'values.schema.json': '{"required":["a"]}',
    'charts/sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 1.0.0\n',
    'charts/sub/values.schema.json': '{"required":["b"]}',
  });
  const values = toGo({ sub: {} }) as GoMap;
  expect(() => validateValues(chart, values, () => {})).toThrow(
    'top:\n- (root): a is required\nsub:\n- (root): b is required\n',
  );
});
