/** Which subcharts take part, under which names, and what they lend their parents: conditions, tags, aliases, import-values. */

import type { GoMap, GoValue } from '@kubecrate/gotemplate';
import type { Chart, ChartDependency } from '../chart/chart.ts';
import { isInRange } from '../version.ts';
import { coalesceValues } from './coalesce.ts';
import { importValues } from './import-values.ts';
import { scalarAt, tableAt, type Warn } from './tables.ts';

/** The chart as it is rendered with these values of the user. Throws `INVALID_CHART`. */
export function processDependencies(chart: Chart, user: ReadonlyMap<string, GoValue>, warn: Warn): Chart {
  return importValues(enableDependencies(chart, user, '', warn), warn);
}

function enableDependencies(chart: Chart, values: ReadonlyMap<string, GoValue>, path: string, warn: Warn): Chart {
  const wanted = chart.metadata.dependencies;
  if (wanted.length === 0) return chart;
  const renamed = wanted.map((dependency) => ({ ...dependency, name: dependency.alias || dependency.name }));
  const candidate: Chart = { ...chart, dependencies: selectSubcharts(chart) };
  const coalesced = coalesceValues(candidate, values, 'coalesce', warn);
  const enabled = renamed.filter((dependency) => isEnabled(dependency, coalesced, path, warn));
  const disabled = new Set(renamed.filter((dependency) => !enabled.includes(dependency)).map(({ name }) => name));
  const kept = enabled
    .filter(({ name }) => !disabled.has(name))
    .map((dependency) => ({ ...dependency, enabled: true }));
  const subcharts = candidate.dependencies.filter(({ metadata }) => !disabled.has(metadata.name));
  return {
    ...chart,
    metadata: { ...chart.metadata, dependencies: kept },
    dependencies: subcharts.map((subchart) =>
      enableDependencies(subchart, coalesced, `${path}${subchart.metadata.name}.`, warn),
    ),
  };
}

/** Charts that Chart.yaml does not mention come first, then those that it does, once for each mention. */
function selectSubcharts(chart: Chart): Chart[] {
  const wanted = chart.metadata.dependencies;
  const unmentioned = chart.dependencies.filter((subchart) => !wanted.some((dependency) => fits(subchart, dependency)));
  const mentioned = wanted.flatMap((dependency) => {
    const subchart = chart.dependencies.find((candidate) => fits(candidate, dependency));
    return subchart === undefined ? [] : [aliased(subchart, dependency.alias)];
  });
  return [...unmentioned, ...mentioned];
}

function fits(chart: Chart, { name, version }: ChartDependency): boolean {
  return chart.metadata.name === name && isInRange(version, chart.metadata.version);
}

function aliased(chart: Chart, alias: string): Chart {
  return alias === '' ? chart : { ...chart, metadata: { ...chart.metadata, name: alias } };
}

/** A condition that is set decides; else the tags do, of which one that is true is enough. */
function isEnabled(dependency: ChartDependency, values: GoMap, path: string, warn: Warn): boolean {
  return byCondition(dependency, values, path, warn) ?? byTags(dependency, values, warn);
}

function byCondition(dependency: ChartDependency, values: GoMap, path: string, warn: Warn): boolean | undefined {
  for (const condition of dependency.condition.trim().split(',')) {
    if (condition === '') continue;
    const value = scalarAt(values, path + condition);
    if (typeof value === 'boolean') return value;
    if (value !== undefined) warn(`Condition path '${condition}' for chart ${dependency.name} returned non-bool value`);
  }
  return undefined;
}

function byTags(dependency: ChartDependency, values: GoMap, warn: Warn): boolean {
  const tags = tableAt(values, 'tags');
  let off = false;
  for (const tag of dependency.tags) {
    const value = tags?.get(tag);
    if (value === true) return true;
    if (value === false) off = true;
    else if (value !== undefined) warn(`Tag '${tag}' for chart ${dependency.name} returned non-bool value`);
  }
  return !off;
}
