/** Finds the images of all charts of a tree. */

import { isLibrary } from '@kubecrate/charts';
import { KubecrateError } from '@kubecrate/errors';
import type { FileTree } from '@kubecrate/files';
import { findChartImages } from './chart-images.ts';
import { loadChartAt, type ReadyValues, type ValuesText, valuesBeside } from './chart-source.ts';
import type { Collector } from './collect.ts';
import type { ChartLocation } from './discovery.ts';

/** Values for a chart of the tree; several for one chart are sets of their own, and the images of all are found. */
export type ChartValues = (ValuesText | ReadyValues) & {
  /** The chart's name, or its path in the tree. */
  readonly chart: string;
};

export interface DiscoverChartOptions {
  /** They stand in place of values that lie beside the chart. */
  readonly chartValues?: readonly ChartValues[] | undefined;
  /** What a chart that cannot be loaded or rendered is: an error, or a warning that images may be missing. Default `error`. */
  readonly chartErrors?: 'error' | 'warn' | undefined;
  /** Whether hooks that test a release count. Default `leave-out`. */
  readonly chartTests?: 'leave-out' | 'include' | undefined;
  /** The Kubernetes that charts see, as Helm's `--kube-version` and `--api-versions`. */
  readonly kubeVersion?: string | undefined;
  readonly apiVersions?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Returns the locations that are charts. @throws KubecrateError as loading and rendering do, unless errors are warnings */
export async function discoverCharts(
  tree: FileTree,
  locations: readonly ChartLocation[],
  collector: Collector,
  options: DiscoverChartOptions,
): Promise<readonly ChartLocation[]> {
  const { chartErrors = 'error', signal } = options;
  const charts: ChartLocation[] = [];
  const named = new Set<string>();
  for (const location of locations) {
    signal?.throwIfAborted();
    const { path } = location;
    try {
      const chart = await loadChartAt(tree, location, signal);
      charts.push(location);
      const { name } = chart.metadata;
      for (const known of [path, name]) named.add(known);
      if (isLibrary(chart)) continue;
      const given = (options.chartValues ?? []).filter((values) => values.chart === name || values.chart === path);
      const beside = given.length > 0 ? undefined : await valuesBeside(tree, location, chart, signal);
      await findChartImages(chart, location, collector, {
        values: beside === undefined ? given : [beside],
        tests: options.chartTests ?? 'leave-out',
        kubeVersion: options.kubeVersion,
        apiVersions: options.apiVersions,
        signal,
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof KubecrateError)) throw error;
      if (isNoChart(location, error)) {
        collector.remark({
          severity: 'note',
          file: path,
          message: `it is no chart, and was not searched: ${error.message}`,
        });
      } else if (chartErrors === 'error') {
        throw located(path, error);
      } else {
        remarkUnrendered(path, error, collector);
      }
    }
  }
  refuseUnknown(options.chartValues ?? [], named);
  return charts;
}

/** The warning for a chart of which images may be missing, with those of it that are known. */
export function remarkUnrendered(path: string, error: KubecrateError, collector: Collector): void {
  const named = collector.imagesBelow(path);
  const known = named.length === 0 ? '' : `; it names ${named.join(', ')}`;
  const message = `images of this chart may be missing: ${error.message}${known}`;
  collector.remark({ severity: 'warning', file: path, message });
}

/** An application may bring archives of any kind; those of `charts/` are charts. */
function isNoChart({ kind, path }: ChartLocation, { code }: KubecrateError): boolean {
  const codes = ['INVALID_CHART', 'INVALID_ARCHIVE', 'UNSAFE_PATH', 'LIMIT_EXCEEDED'];
  return kind === 'archive' && !path.startsWith('charts/') && codes.includes(code);
}

/** The error with the path of the chart, where its message does not have it. */
function located(path: string, error: KubecrateError): KubecrateError {
  const message = error.message.includes(path) ? error.message : `${path}: ${error.message}`;
  const hint =
    error.hint ?? 'correct the chart, give it values with --chart-values, or go on without it with --chart-errors=warn';
  return new KubecrateError(error.code, message, { cause: error, hint });
}

function refuseUnknown(values: readonly ChartValues[], named: ReadonlySet<string>): void {
  const unknown = values.find(({ chart }) => !named.has(chart));
  if (unknown === undefined) return;
  const known = [...named].sort().join(', ');
  throw new KubecrateError(
    'INVALID_ARGUMENT',
    `there is no chart ${JSON.stringify(unknown.chart)} for the values ${JSON.stringify(unknown.file)}`,
    {
      hint: known === '' ? 'there is no chart at all' : `charts here: ${known}`,
    },
  );
}
