import { fromGo, type GoMap, toGo } from '@kubecrate/gotemplate';
import { describe, expect, it } from 'vitest';
import { chartFromFiles } from '../chart/load-chart.ts';
import { coalesceValues } from './coalesce.ts';
import { processDependencies } from './process-dependencies.ts';

type Files = Readonly<Record<string, string>>;

/** The charts that take part, by their paths, and the values of the first. */
async function process(files: Files, user: unknown = {}) {
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const values = toGo(user) as GoMap;
  const chart = processDependencies(await chartFromFiles(files), values, warn);
  return {
    chart,
    warnings,
    names: chart.dependencies.map(({ metadata }) => metadata.name),
    values: JSON.parse(JSON.stringify(fromGo(coalesceValues(chart, values, 'coalesce', warn)))),
  };
}

function chartYaml(name: string, more = ''): string {
  return `apiVersion: v2\nname: ${name}\nversion: 1.2.3\n${more}`;
}

function parent(dependencies: string, values = '', sub = 'a: 1\n'): Files {
  return {
    'Chart.yaml': chartYaml('top', `dependencies:\n${dependencies}`),
    'values.yaml': values,
    'charts/sub/Chart.yaml': chartYaml('sub'),
    'charts/sub/values.yaml': sub,
  };
}

describe('values of charts', () => {
  it('are those of the chart, under what its parent says, under what the user says', async () => {
    const files = parent(
      '- {name: sub, version: 1.x}\n',
      'sub: {b: parent, c: parent}\nx: 1\n',
      'a: own\nb: own\nc: own\n',
    );
    const { values } = await process(files, { sub: { c: 'user' } });
    expect(values).toEqual({ x: 1, sub: { a: 'own', b: 'parent', c: 'user', global: {} } });
  });

  it('join tables and replace lists', async () => {
    const files = { 'Chart.yaml': chartYaml('top'), 'values.yaml': 't: {a: 1, b: {c: 1}}\nl: [1, 2]\n' };
    expect((await process(files, { t: { b: { d: 2 } }, l: [3] })).values).toEqual({
      t: { a: 1, b: { c: 1, d: 2 } },
      l: [3],
    });
  });

  it('lose what the user sets to null, also in a subchart', async () => {
    const files = parent('- {name: sub, version: 1.x}\n', 'x: 1\nt: {a: 1, b: 2}\n', 'a: 1\nt: {c: 3, d: 4}\n');
    const { values } = await process(files, { x: null, t: { a: null }, sub: { a: null, t: { c: null } } });
    expect(values).toEqual({ t: { b: 2 }, sub: { t: { d: 4 }, global: {} } });
  });

  it('of a subchart lose what the values of its parent set to null', async () => {
    const files = parent('- {name: sub, version: 1.x}\n', 'sub: {a: null}\n', 'a: 1\nb: 2\n');
    expect((await process(files)).values.sub).toEqual({ b: 2, global: {} });
  });

  it('keep a null of the chart itself', async () => {
    const files = { 'Chart.yaml': chartYaml('top'), 'values.yaml': 'a: null\nt: {b: null}\n' };
    expect((await process(files)).values).toEqual({ a: null, t: { b: null } });
  });

  it('below global reach every chart, and win over those of the charts below', async () => {
    const files = parent(
      '- {name: sub, version: 1.x}\n',
      'global: {r: top, t: {x: 1}}\n',
      'global: {r: sub, s: sub, t: {z: 2}}\n',
    );
    const { values } = await process(files, { global: { u: 'user' } });
    expect(values.sub.global).toEqual({ r: 'top', s: 'sub', t: { x: 1, z: 2 }, u: 'user' });
    expect(values.global).toEqual({ r: 'top', t: { x: 1 }, u: 'user' });
  });

  it('that should be tables and are not are refused', async () => {
    await expect(process(parent('- {name: sub, version: 1.x}\n'), { sub: 'text' })).rejects.toThrow(
      'type mismatch on sub: %!t(string=text)',
    );
  });

  it('that do not fit together are said so', async () => {
    const files = { 'Chart.yaml': chartYaml('top'), 'values.yaml': 'a: {b: 1}\nc: text\nd: {e: {f: 1}}\n' };
    const { warnings, values } = await process(files, { c: { x: 1 }, d: { e: 1 } });
    expect(warnings).toEqual([
      'skipped value for top.c: Not a table.',
      'cannot overwrite table with non table for top.d.e (map[f:1])',
    ]);
    expect(values).toEqual({ a: { b: 1 }, c: { x: 1 }, d: { e: 1 } });
  });
});

describe('conditions and tags', () => {
  const conditional = '- {name: sub, version: 1.x, condition: "sub.enabled,global.sub", tags: [back, front]}\n';

  it.each<readonly [string, unknown, boolean]>([
    ['nothing is said', {}, true],
    ['the condition is false', { sub: { enabled: false } }, false],
    ['the second condition is false', { global: { sub: false } }, false],
    ['the first condition decides', { sub: { enabled: true }, global: { sub: false } }, true],
    ['a tag is false', { tags: { back: false } }, false],
    ['one of two tags is true', { tags: { back: false, front: true } }, true],
    ['the condition wins over tags', { sub: { enabled: true }, tags: { back: false } }, true],
    ['the condition is no boolean', { sub: { enabled: 'no' } }, true],
  ])('%s', async (_, user, present) => {
    expect((await process(parent(conditional), user)).names).toEqual(present ? ['sub'] : []);
  });

  it('may be set by the chart itself, or by the subchart', async () => {
    expect((await process(parent(conditional, 'sub: {enabled: false}\n'))).names).toEqual([]);
    expect((await process(parent(conditional, '', 'enabled: false\n'))).names).toEqual([]);
  });

  it('are looked up below the name of the chart that they stand in', async () => {
    const files = {
      ...parent('- {name: sub, version: 1.x}\n'),
      'charts/sub/Chart.yaml': chartYaml('sub', 'dependencies:\n- {name: deep, version: "*", condition: deep.on}\n'),
      'charts/sub/charts/deep/Chart.yaml': chartYaml('deep'),
    };
    const on = await process(files, { sub: { deep: { on: true } } });
    const off = await process(files, { sub: { deep: { on: false } } });
    expect(on.chart.dependencies[0]?.dependencies).toHaveLength(1);
    expect(off.chart.dependencies[0]?.dependencies).toHaveLength(0);
  });

  it('take the entry out of the metadata too', async () => {
    const { chart } = await process(parent(conditional), { sub: { enabled: false } });
    expect(chart.metadata.dependencies).toEqual([]);
  });
});

describe('aliases', () => {
  it('make several charts of one', async () => {
    const files = parent(
      '- {name: sub, version: 1.x, alias: one}\n- {name: sub, version: 1.x, alias: two, condition: two.on}\n- {name: sub, version: 1.x}\n',
      'one: {a: first}\n',
    );
    const { names, values } = await process(files);
    expect(names).toEqual(['one', 'two', 'sub']);
    expect(values).toMatchObject({ one: { a: 'first' }, two: { a: 1 }, sub: { a: 1 } });
    expect((await process(files, { two: { on: false } })).names).toEqual(['one', 'sub']);
  });

  it('and versions choose among charts of one name', async () => {
    const files = {
      ...parent('- {name: sub, version: ~2.0.0}\n'),
      'charts/sub-2/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 2.0.5\n',
    };
    const { chart } = await process(files);
    expect(chart.dependencies.map(({ metadata }) => metadata.version)).toEqual(['1.2.3', '2.0.5']);
  });

  it('are not needed for charts that Chart.yaml does not mention', async () => {
    const { names } = await process({ ...parent('- {name: other, version: 1.x}\n') });
    expect(names).toEqual(['sub']);
  });
});

describe('charts in one that has two aliases', () => {
  const deep = {
    ...parent('- {name: sub, version: 1.x, alias: one}\n- {name: sub, version: 1.x, alias: two}\n'),
    'charts/sub/charts/deep/Chart.yaml': chartYaml('deep'),
  };

  it('stay where they were, unless the chart mentions them', async () => {
    const { chart } = await process(deep);
    expect(chart.dependencies.map(({ path }) => path)).toEqual(['top/charts/one', 'top/charts/two']);
    expect(chart.dependencies.flatMap(({ dependencies }) => dependencies.map(({ path }) => path))).toEqual([
      'top/charts/sub/charts/deep',
      'top/charts/sub/charts/deep',
    ]);
  });

  it('have their own alias in the first only, as Helm changes the entry of both', async () => {
    const dependencies = 'dependencies:\n- {name: deep, version: 1.x, alias: well}\n';
    const { chart } = await process({ ...deep, 'charts/sub/Chart.yaml': chartYaml('sub', dependencies) });
    expect(chart.dependencies.flatMap(({ dependencies: inner }) => inner.map(({ path }) => path))).toEqual([
      'top/charts/one/charts/well',
      'top/charts/two/charts/deep',
    ]);
  });
});

describe('import-values', () => {
  it('brings what a subchart exports to the top of its parent', async () => {
    const files = parent(
      '- {name: sub, version: 1.x, import-values: [data]}\n',
      'mine: 1\nshared: parent\n',
      'exports:\n  data: {shared: child, more: {x: 1}}\n  other: {no: 1}\n',
    );
    expect((await process(files)).values).toMatchObject({ mine: 1, shared: 'parent', more: { x: 1 } });
    expect((await process(files)).values).not.toHaveProperty('no');
  });

  it('brings tables of a subchart to a place in its parent', async () => {
    const files = parent(
      '- name: sub\n  version: 1.x\n  import-values:\n  - {child: default.data, parent: to.here}\n',
      'to: {here: {b: parent}}\n',
      'default: {data: {a: child, b: child}}\n',
    );
    expect((await process(files)).values.to).toEqual({ here: { a: 'child', b: 'parent' } });
  });

  it.each([
    ['e: {z: 2}', { p: { x: 1, z: 2 }, sub: { b: { x: 1 }, e: { x: 1, z: 2 }, global: {} } }],
    ['e: {}', { p: { x: 1 }, sub: { b: { x: 1 }, e: {}, global: {} } }],
  ])(
    'to one place change the first table that goes there, as in Helm, unless it is empty: %s',
    async (first, values) => {
      const imports = '[{child: e, parent: p}, {child: b, parent: p}]';
      const files = parent(`- {name: sub, version: 1.x, import-values: ${imports}}\n`, '', `${first}\nb: {x: 1}\n`);
      expect((await process(files)).values).toEqual(values);
    },
  );

  it('says what is not there', async () => {
    const { warnings } = await process(parent('- {name: sub, version: 1.x, import-values: [none]}\n'));
    expect(warnings).toEqual(['ImportValues missing table: "exports" is not a table']);
  });

  it('says which table of a path is not there', async () => {
    const files = parent('- {name: sub, version: 1.x, import-values: [{child: a.b, parent: x}]}\n');
    expect((await process(files)).warnings).toEqual(['ImportValues missing table from chart sub: "a" is not a table']);
  });
});
