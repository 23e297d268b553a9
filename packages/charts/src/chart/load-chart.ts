/** Loading a chart: a directory or an archive on disk, or inside any tree of files. */

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { fileError, KubecrateError } from '@kubecrate/errors';
import { type FileTree, openDirectoryTree } from '@kubecrate/files';
import { buildChart } from './build-chart.ts';
import type { Chart } from './chart.ts';
import { createLoadBudget, type LoadBudget, type LoadLimits } from './load-budget.ts';
import { readChartArchive } from './read-archive.ts';
import { readChartTree } from './read-tree.ts';

export interface LoadChartOptions {
  readonly limits?: LoadLimits;
  readonly signal?: AbortSignal;
}

/**
 * Loads the chart at `path`: a directory with a Chart.yaml, or a `.tgz`.
 * Throws `INVALID_CHART` with Helm's message, `NOT_FOUND`, `UNSAFE_PATH`, `INVALID_ARCHIVE`, `LIMIT_EXCEEDED`.
 */
export async function loadChart(path: string, options: LoadChartOptions = {}): Promise<Chart> {
  return named(path, async () => {
    const budget = createLoadBudget(options.limits, options.signal);
    options.signal?.throwIfAborted();
    if (await isDirectory(path)) return readTree(openDirectoryTree(path), '', budget);
    return buildChart(await readChartArchive(createReadStream(path), budget), budget);
  });
}

/** Loads the chart in a directory of a tree; as {@link loadChart}. */
export async function loadChartFromTree(
  tree: FileTree,
  directory: string,
  options: LoadChartOptions = {},
): Promise<Chart> {
  return named(directory, () => readTree(tree, directory, createLoadBudget(options.limits, options.signal)));
}

/** Loads the chart in an archive; `name` is what errors call it. As {@link loadChart}. */
export async function loadChartArchive(
  name: string,
  archive: Readable | Buffer,
  options: LoadChartOptions = {},
): Promise<Chart> {
  return named(name, async () => {
    const budget = createLoadBudget(options.limits, options.signal);
    return buildChart(await readChartArchive(archive, budget), budget);
  });
}

/** Builds the chart of files in memory, by their names in the chart (`templates/x.yaml`). As {@link loadChart}. */
export async function chartFromFiles(
  files: Readonly<Record<string, string | Buffer>>,
  options: LoadChartOptions = {},
): Promise<Chart> {
  const budget = createLoadBudget(options.limits, options.signal);
  const contents = Object.entries(files).map(([name, content]) => ({ name, data: Buffer.from(content) }));
  for (const { name, data } of contents) budget.file(name, data.byteLength);
  return buildChart(contents, budget);
}

async function readTree(tree: FileTree, directory: string, budget: LoadBudget): Promise<Chart> {
  return buildChart(await readChartTree(tree, directory, budget), budget);
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw fileError('cannot look at it', error);
  }
}

/** Runs `load` and puts the name of the chart before the message of an error. */
export async function named<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof KubecrateError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new KubecrateError(error.code, `cannot load chart ${JSON.stringify(name)}: ${error.message}`, {
      cause: error,
      ...hint,
    });
  }
}
