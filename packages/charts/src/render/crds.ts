/** The custom resource definitions that a chart brings along, unrendered. */

import { posix } from 'node:path';
import { decodeString } from '@kubecrate/gotemplate';
import type { Chart } from '../chart/chart.ts';

/** A file of `crds/`. */
export interface CrdFile {
  /** `chart/crds/x.yaml`. */
  readonly source: string;
  readonly content: string;
}

/** The files of a chart, then those of the charts in it. */
export function crdFiles(chart: Chart, above: string = chart.metadata.name): CrdFile[] {
  const path = chart.path ?? above;
  const own = chart.files.filter(({ name }) => name.startsWith('crds/') && /\.(ya?ml|json)$/i.test(name));
  return [
    ...own.map(({ name, data }) => ({ source: posix.join(path, name), content: decodeString(data) })),
    ...chart.dependencies.flatMap((inner) => crdFiles(inner, posix.join(path, 'charts', inner.metadata.name))),
  ];
}
