/** The container images of a cluster image: found in its files, saved into the store. */

import { type DiscoveredImage, type Discovery, discoverImages } from '@kubecrate/discovery';
import type { FileTree } from '@kubecrate/files';
import { type Descriptor, type Digest, type Platform, parseReference } from '@kubecrate/oci';
import { framingOf, type LayerTree, openImageTree } from '@kubecrate/packer';
import { blobEntryOf, refuseFailures, type SavedImage, saveInto, viewStore } from '@kubecrate/saver';
import { type BuildChartOptions, type BuildOptions, type BuildTools, CHARTS_REPOSITORY } from './build-options.ts';
import { MIN_OWN_LAYER } from './registry-layers.ts';
import type { SavedChart } from './save-charts.ts';
import { selectImages } from './select-images.ts';
import type { StageImage } from './stage-image.ts';

export interface SavedContainerImages {
  readonly discovery: Discovery;
  /** Those that were to be saved: `possible` images are listed, and not saved unless the options say so. */
  readonly images: readonly DiscoveredImage[];
  readonly saved: readonly SavedImage[];
  /** The archives of `charts/`, but for those whose names images have. */
  readonly charts: readonly SavedChart[];
  /** The digests of single-blob layers that were computed while the blobs passed. */
  readonly framed: ReadonlyMap<Digest, Digest>;
}

/** Discovers what the files of the image need and brings it into the store. */
export async function saveContainerImages(
  image: StageImage,
  platform: Platform,
  options: BuildOptions,
  tools: BuildTools,
): Promise<SavedContainerImages> {
  const { store, registries, temporary, onEvent, signal } = tools;
  await using tree = await openTree(image, { store, temporary, signal });
  const discovery = await discoverTree(tree, options, signal);
  for (const { severity, file, line, message } of discovery.diagnostics) {
    if (severity === 'warning')
      onEvent({ type: 'warning', message: `${file}${line === undefined ? '' : `:${line}`}: ${message}` });
  }
  const images = options.mode === 'lite' ? [] : await selectImages(discovery, options, tools);
  const framed = new Map<Digest, Digest>();
  const saved = await saveInto(
    images.map(({ image: name }) => ({ image: name, reference: parseReference(name) })),
    viewStore(store),
    {
      from: registries,
      naming: options.naming,
      platforms: [platform],
      onMissingPlatform: options.onMissingPlatform,
      framingOf: (blob: Descriptor) =>
        blob.size < MIN_OWN_LAYER ? undefined : framingOf(blobEntryOf(blob).path, blob),
      onFramed: (blob, digest) => framed.set(blob.digest, digest),
      onEvent,
      signal,
    },
  );
  refuseFailures(saved);
  return { discovery, images, saved, framed, charts: await chartsIn(tree, { discovery, saved }, options, tools) };
}

/** An image that is listed by the name of a chart stands: its registry says what it is. */
async function chartsIn(
  tree: FileTree,
  { discovery, saved }: Pick<SavedContainerImages, 'discovery' | 'saved'>,
  { mode, chartsRepository, sourceDateEpoch }: BuildOptions,
  tools: BuildTools,
): Promise<readonly SavedChart[]> {
  if (mode === 'lite' || !discovery.charts.some(({ kind }) => kind === 'archive')) return [];
  // Whoever has no chart does not wait for what reads them.
  const { saveCharts } = await import('./save-charts.ts');
  const options = { repository: chartsRepository ?? CHARTS_REPOSITORY, created: sourceDateEpoch };
  const taken = new Set(saved.map(({ named: { repository, tag } }) => `${repository}:${tag}`));
  const charts = await saveCharts(tree, discovery.charts, options, tools);
  return charts.filter(({ named, result }) => !result.job.tags.some((tag) => taken.has(`${named.repository}:${tag}`)));
}

/** Finds what the files of an image need. */
export async function discoverIn(
  image: StageImage,
  options: DiscoveryOptions,
  tools: Pick<BuildTools, 'store' | 'temporary' | 'signal'>,
): Promise<Discovery> {
  await using tree = await openTree(image, tools);
  return await discoverTree(tree, options, tools.signal);
}

/** What of a build says what is searched for images, and how. */
type DiscoveryOptions = Pick<BuildOptions, 'imageLists' | 'ignored' | keyof BuildChartOptions>;

async function discoverTree(
  tree: FileTree,
  { imageLists, ignored, chartValues, chartErrors, chartTests, kubeVersion, apiVersions }: DiscoveryOptions,
  signal: AbortSignal | undefined,
): Promise<Discovery> {
  return await discoverImages(tree, {
    lists: imageLists,
    ...(ignored === undefined ? {} : { ignored }),
    chartValues,
    chartErrors,
    chartTests,
    kubeVersion,
    apiVersions,
    signal,
  });
}

async function openTree(
  image: StageImage,
  { store, temporary, signal }: Pick<BuildTools, 'store' | 'temporary' | 'signal'>,
): Promise<LayerTree> {
  const layers = image.layers.map(({ descriptor }) => descriptor);
  return await openImageTree(store, layers, { tempDirectory: temporary, signal });
}
