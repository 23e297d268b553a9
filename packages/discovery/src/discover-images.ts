/** Discovers which images a root file system needs. */

import { hasCode } from '@kubecrate/errors';
import type { FileTree } from '@kubecrate/files';
import { Collector } from './collect.ts';
import type { DiscoverChartOptions } from './discover-charts.ts';
import type { ChartLocation, Discovery } from './discovery.ts';
import { type FoundManifest, findFiles, type Searched } from './find-files.ts';
import { type ImageList, readImageList } from './image-list.ts';
import { settle } from './settle.ts';
import { findTextImages } from './text-images.ts';
import { readTreeText } from './tree-text.ts';

export interface DiscoverOptions extends DiscoverChartOptions {
  /** Lists from outside of the tree (`--image-list`), the last one weighing most. */
  readonly lists?: readonly ImageList[];
  /** Images never wanted (`--ignored-image-list`), whoever lists them. */
  readonly ignored?: ImageList;
}

/**
 * Reads `manifests/imageList` and every YAML, JSON and `.tmpl` file under `manifests/` and `application/`, and renders every chart under
 * `charts/` and `application/`.
 *
 * What was found is then settled by lists, in this order of weight: the tree's own list, `lists`, `ignored`. In a list the later line
 * wins: `!image` leaves out what was found or listed before, a plain line puts it back. Images are compared by their whole names,
 * `latest` included: `!nginx` leaves out `docker.io/library/nginx:latest` and no other tag.
 *
 * @throws KubecrateError INVALID_LIST where a line of the tree's list is no reference; what a chart fails with, unless
 * `chartErrors` is `warn`
 */
export async function discoverImages(tree: FileTree, options: DiscoverOptions = {}): Promise<Discovery> {
  const { signal } = options;
  signal?.throwIfAborted();
  const collector = new Collector();
  const locations: ChartLocation[] = [];
  const lists: ImageList[] = [];
  for await (const searched of findFiles(tree, signal)) {
    if (searched.kind === 'chart') locations.push(searched.chart);
    else if (searched.kind === 'passed-over') remarkPassedOver(searched, collector);
    else if (searched.kind === 'list') lists.push(await readList(tree, searched, signal));
    else await searchManifest(tree, searched, collector, { shown: searched.path, signal });
  }
  const charts = await searchCharts(tree, locations, collector, options);
  const settled = settle(collector, [...lists, ...(options.lists ?? [])], options.ignored);
  return { ...settled, charts, diagnostics: collector.diagnostics() };
}

/** Whoever has no chart does not wait for the engine that renders them. */
async function searchCharts(
  tree: FileTree,
  locations: readonly ChartLocation[],
  collector: Collector,
  options: DiscoverChartOptions,
): Promise<readonly ChartLocation[]> {
  if (locations.length === 0 && (options.chartValues ?? []).length === 0) return [];
  const { discoverCharts } = await import('./discover-charts.ts');
  return await discoverCharts(tree, locations, collector, options);
}

async function readList(
  tree: FileTree,
  searched: Extract<Searched, { kind: 'list' }>,
  signal: AbortSignal | undefined,
): Promise<ImageList> {
  return readImageList(await readTreeText(tree, searched.content, signal), searched.path);
}

function remarkPassedOver({ path, reason }: Extract<Searched, { kind: 'passed-over' }>, collector: Collector): void {
  collector.remark({ severity: 'note', file: path, message: `it was not searched: ${reason}` });
}

/** Searches a file; `shown` is the name that its findings carry. */
export async function searchManifest(
  tree: FileTree,
  searched: FoundManifest,
  collector: Collector,
  { shown: file, signal }: { readonly shown: string; readonly signal: AbortSignal | undefined },
): Promise<void> {
  if (searched.kind === 'unreadable') {
    collector.remark({ severity: 'warning', file, message: `it was not searched: ${searched.reason}` });
    return;
  }
  try {
    const text = await readTreeText(tree, searched.content, signal);
    const source = { file, ...(searched.appName === undefined ? {} : { appName: searched.appName }) };
    const options = { format: searched.format, ...(signal === undefined ? {} : { signal }) };
    await findTextImages(text, collector.from(source, text), options);
  } catch (error) {
    if (!hasCode(error, 'LIMIT_EXCEEDED')) throw error;
    collector.remark({ severity: 'warning', file, message: `it was not searched: ${error.message}` });
  }
}
