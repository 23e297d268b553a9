/** A chart of the tree, loaded, with the values that lie beside it. */

import { type Chart, loadChartArchive, loadChartFromTree } from '@kubecrate/charts';
import type { FileTree } from '@kubecrate/files';
import type { GoMap } from '@kubecrate/gotemplate';
import type { ChartLocation } from './discovery.ts';
import { readTreeText } from './tree-text.ts';

/** Values that a chart is rendered with, over its own. */
export interface ValuesText {
  /** The path of the file, for messages. */
  readonly file: string;
  readonly text: string;
}

/** Values that were put together already. */
export interface ReadyValues {
  /** Where they come from, for messages. */
  readonly file: string;
  readonly values: GoMap;
}

export async function loadChartAt(
  tree: FileTree,
  { path, kind }: ChartLocation,
  signal: AbortSignal | undefined,
): Promise<Chart> {
  const options = signal === undefined ? {} : { signal };
  if (kind === 'directory') return await loadChartFromTree(tree, path, options);
  return await loadChartArchive(path, await tree.open(path, options), options);
}

/** `charts/mysql.values.yaml` beside `charts/mysql` or `charts/mysql-8.8.19.tgz`; the full name goes first. */
export async function valuesBeside(
  tree: FileTree,
  { path }: ChartLocation,
  chart: Chart,
  signal: AbortSignal | undefined,
): Promise<ValuesText | undefined> {
  const stem = path.replace(/\.tgz$/i, '');
  const named = `${path.slice(0, path.lastIndexOf('/') + 1)}${chart.metadata.name}`;
  for (const file of [stem, named].flatMap((base) => [`${base}.values.yaml`, `${base}.values.yml`])) {
    if ((await tree.stat(file))?.type === 'file') return { file, text: await readTreeText(tree, file, signal) };
  }
  return undefined;
}
