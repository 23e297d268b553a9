/** A chart directory into the archive that Helm installs: `helm package`, with the same bytes every time. */

import type { Readable } from 'node:stream';
import { KubecrateError } from '@kubecrate/errors';
import { gzipReproducible, openDirectoryTree, type TarInput, type TreeEntry, writeTar } from '@kubecrate/files';
import { GoError, readJson } from '@kubecrate/gotemplate';
import { buildChart } from '../chart/build-chart.ts';
import type { Chart, ChartFile, ChartMetadata } from '../chart/chart.ts';
import { createLoadBudget, type LoadLimits } from '../chart/load-budget.ts';
import { named } from '../chart/load-chart.ts';
import { readChartTree } from '../chart/read-tree.ts';
import { checkPresent } from '../render/check-dependencies.ts';
import { type ChartVersions, rewriteVersions } from './rewrite-versions.ts';

export interface PackageOptions extends ChartVersions {
  /** The time of every file in the archive, in seconds since 1970; 0 unless given. */
  readonly mtime?: number;
  readonly limits?: LoadLimits;
  readonly signal?: AbortSignal;
}

export interface PackagedChart {
  readonly metadata: ChartMetadata;
  /** `name-version.tgz`. */
  readonly filename: string;
  readonly archive: Readable;
}

/**
 * Packs the chart in a directory: what `.helmignore` leaves, Chart.yaml first, then the other files by name. They are packed as they
 * are; only a Chart.yaml that gets another version is written anew.
 * Throws as `loadChart` does, `INVALID_CHART` for a dependency that is missing in `charts/`, `INVALID_ARGUMENT` for what is no version.
 */
export async function packageChart(directory: string, options: PackageOptions = {}): Promise<PackagedChart> {
  return named(directory, async () => {
    const budget = createLoadBudget(options.limits, options.signal);
    const files = await readChartTree(openDirectoryTree(directory), '', budget);
    const chart = await buildChart(files, createLoadBudget(options.limits, options.signal));
    checkPresent(chart);
    checkSchema(chart);
    const { metadata, files: packed } = rewriteVersions(files, chart.metadata, options);
    const archive = gzipReproducible(writeTar(entriesOf(metadata.name, packed, options.mtime ?? 0)));
    return { metadata, filename: `${metadata.name}-${metadata.version}.tgz`, archive };
  });
}

/** Helm packs any schema that is JSON. */
function checkSchema({ schema }: Chart): void {
  if (schema === undefined) return;
  try {
    readJson(schema);
  } catch (error) {
    if (!(error instanceof GoError)) throw error;
    throw new KubecrateError('INVALID_CHART', 'failed to save: Invalid JSON in values.schema.json', { cause: error });
  }
}

function* entriesOf(name: string, files: readonly ChartFile[], mtime: number): Generator<TarInput> {
  const rank = (file: ChartFile): string => (file.name === 'Chart.yaml' ? '' : file.name);
  for (const file of files.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))) {
    const path = `${name}/${file.name}`;
    const entry: TreeEntry = { path, type: 'file', size: file.data.byteLength, mode: 0o644, uid: 0, gid: 0, mtime };
    yield { entry, bytes: file.data };
  }
}
