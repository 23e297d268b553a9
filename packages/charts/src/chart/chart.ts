/** A Helm chart in memory. */

import type { GoMap, GoValue } from '@kubecrate/gotemplate';

/** A file of a chart; its name is relative to the chart, with `/` between its parts. */
export interface ChartFile {
  readonly name: string;
  readonly data: Buffer;
}

/** What Chart.yaml says. Texts that it leaves out are empty. */
export interface ChartMetadata {
  readonly name: string;
  readonly home: string;
  readonly sources: readonly string[];
  readonly version: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly maintainers: readonly ChartMaintainer[];
  readonly icon: string;
  readonly apiVersion: string;
  readonly condition: string;
  readonly tags: string;
  readonly appVersion: string;
  readonly deprecated: boolean;
  readonly annotations: ReadonlyMap<string, string>;
  readonly kubeVersion: string;
  readonly dependencies: readonly ChartDependency[];
  readonly type: string;
}

export interface ChartMaintainer {
  readonly name: string;
  readonly email: string;
  readonly url: string;
}

/** An entry of `dependencies` in Chart.yaml, or in requirements.yaml of a v1 chart. */
export interface ChartDependency {
  readonly name: string;
  /** A range of versions. */
  readonly version: string;
  readonly repository: string;
  /** Paths of values, separated by commas. */
  readonly condition: string;
  readonly tags: readonly string[];
  readonly enabled: boolean;
  readonly importValues: readonly GoValue[];
  readonly alias: string;
}

export interface Chart {
  readonly metadata: ChartMetadata;
  /** Everything below `templates/`, partials and notes included. */
  readonly templates: readonly ChartFile[];
  /** What values.yaml says. */
  readonly values: GoMap;
  /** The text of values.schema.json. */
  readonly schema: string | undefined;
  /** Files that are none of the others: what `.Files` and `crds/` offer. */
  readonly files: readonly ChartFile[];
  /** The charts below `charts/`. */
  readonly dependencies: readonly Chart[];
  /** Where Helm has it (`top/charts/sub`), once dependencies are processed: a chart in one that has an alias may keep its path. */
  readonly path?: string;
}

/** True for a chart that only lends its named templates to others. */
export function isLibrary(chart: Chart): boolean {
  return chart.metadata.type.toLowerCase() === 'library';
}
