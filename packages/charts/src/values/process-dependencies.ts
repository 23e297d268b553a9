/** Which subcharts take part, under which names, and what they lend their parents: conditions, tags, aliases, import-values. */

import type { GoMap, GoValue } from '@kubecrate/gotemplate';
import type { Chart } from '../chart/chart.ts';
import { isInRange } from '../version.ts';
import { type ChartNode, chartNode, chartOf, type Requirement, setDependencies } from './chart-node.ts';
import { coalesceValues } from './coalesce.ts';
import { importValues } from './import-values.ts';
import { scalarAt, tableAt, type Warn } from './tables.ts';

/** The chart as it is rendered with these values of the user. Throws `INVALID_CHART`. */
export function processDependencies(chart: Chart, user: ReadonlyMap<string, GoValue>, warn: Warn): Chart {
  const node = chartNode(chart);
  enableDependencies(node, user, '', warn);
  importValues(node, warn);
  return chartOf(node);
}

function enableDependencies(node: ChartNode, values: ReadonlyMap<string, GoValue>, path: string, warn: Warn): void {
  if (node.requirements.length === 0) return;
  setDependencies(node, selectSubcharts(node));
  for (const requirement of node.requirements) requirement.enabled = true;
  const coalesced = coalesceValues(chartOf(node), values, 'coalesce', warn);
  applyTags(node.requirements, coalesced, warn);
  applyConditions(node.requirements, coalesced, path, warn);
  const disabled = new Set(node.requirements.filter(({ enabled }) => !enabled).map(({ name }) => name));
  const subcharts = node.dependencies.filter(({ name }) => !disabled.has(name));
  const kept = node.requirements.filter(({ name }) => !disabled.has(name));
  for (const subchart of subcharts) enableDependencies(subchart, coalesced, `${path}${subchart.name}.`, warn);
  node.requirements = kept;
  setDependencies(node, subcharts);
}

/** Charts that Chart.yaml does not mention come first, then those that it does, once for each mention. */
function selectSubcharts({ requirements, dependencies }: ChartNode): ChartNode[] {
  const unmentioned = dependencies.filter((subchart) => !requirements.some((wanted) => fits(subchart, wanted)));
  const mentioned = requirements.flatMap((wanted) => {
    const subchart = dependencies.find((candidate) => fits(candidate, wanted));
    const { alias } = wanted.entry;
    const selected = subchart === undefined ? [] : [{ ...subchart, name: alias || subchart.name }];
    wanted.name = alias || wanted.name;
    return selected;
  });
  return [...unmentioned, ...mentioned];
}

function fits({ name, chart }: ChartNode, wanted: Requirement): boolean {
  return name === wanted.name && isInRange(wanted.entry.version, chart.metadata.version);
}

/** Of the tags that are set, one that is true is enough. */
function applyTags(requirements: readonly Requirement[], values: GoMap, warn: Warn): void {
  const tags = tableAt(values, 'tags');
  if (tags === undefined) return;
  for (const requirement of requirements) {
    const set: boolean[] = [];
    for (const tag of requirement.entry.tags) {
      const value = tags.get(tag);
      if (typeof value === 'boolean') set.push(value);
      else if (value !== undefined) warn(`Tag '${tag}' for chart ${requirement.name} returned non-bool value`);
    }
    requirement.enabled = set.length === 0 || set.includes(true);
  }
}

/** The first condition that is set decides, whatever the tags say. */
function applyConditions(requirements: readonly Requirement[], values: GoMap, path: string, warn: Warn): void {
  for (const requirement of requirements) {
    for (const condition of requirement.entry.condition.trim().split(',')) {
      if (condition === '') continue;
      const value = scalarAt(values, path + condition);
      if (typeof value === 'boolean') {
        requirement.enabled = value;
        break;
      }
      if (value !== undefined) {
        warn(`Condition path '${condition}' for chart ${requirement.name} returned non-bool value`);
      }
    }
  }
}
