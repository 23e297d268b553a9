/** A chart while its dependencies are sorted out. Helm does that in place, and charts made of one by aliases share what is in it: so do these. */

import { posix } from 'node:path';
import type { GoMap, GoValue } from '@kubecrate/gotemplate';
import type { Chart, ChartDependency } from '../chart/chart.ts';

export interface ChartNode {
  readonly chart: Chart;
  readonly name: string;
  values: GoMap;
  /** What Chart.yaml says of dependencies; the entries are shared by the charts that are made of one. */
  requirements: readonly Requirement[];
  dependencies: readonly ChartNode[];
  parent: ChartNode | undefined;
}

/** An entry of `dependencies`, as far as Helm changes it. */
export interface Requirement {
  readonly entry: ChartDependency;
  name: string;
  enabled: boolean;
  imports: ImportValues;
}

/** What an entry imports: as Chart.yaml has it, then as Helm writes it down, which it does not understand a second time. */
export type ImportValues =
  | { readonly state: 'given'; readonly entries: readonly GoValue[] }
  | { readonly state: 'done'; readonly entries: readonly GoMap[] };

/** The charts of a chart that was loaded. */
export function chartNode(chart: Chart, parent?: ChartNode): ChartNode {
  const node: ChartNode = {
    chart,
    name: chart.metadata.name,
    values: chart.values,
    requirements: chart.metadata.dependencies.map((entry) => ({
      entry,
      name: entry.name,
      enabled: entry.enabled,
      imports: { state: 'given', entries: entry.importValues },
    })),
    dependencies: [],
    parent,
  };
  node.dependencies = chart.dependencies.map((inner) => chartNode(inner, node));
  return node;
}

/** Puts charts into a chart. A chart that is in two is, for its path, in the last. */
export function setDependencies(node: ChartNode, dependencies: readonly ChartNode[]): void {
  for (const inner of dependencies) inner.parent = node;
  node.dependencies = dependencies;
}

/** The chart as it stands. */
export function chartOf(node: ChartNode): Chart {
  const dependencies = node.requirements.map(({ entry, name, enabled, imports }) => ({
    ...entry,
    name,
    enabled,
    importValues: imports.entries,
  }));
  return {
    ...node.chart,
    metadata: { ...node.chart.metadata, name: node.name, dependencies },
    values: node.values,
    dependencies: node.dependencies.map(chartOf),
    path: pathOf(node),
  };
}

function pathOf({ name, parent }: ChartNode): string {
  return parent === undefined ? name : posix.join(pathOf(parent), 'charts', name);
}
