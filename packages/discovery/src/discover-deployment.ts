/** Finds the images of what will be deployed: charts with the values they are installed with, and manifests. */

import type { Chart } from '@kubecrate/charts';
import { KubecrateError } from '@kubecrate/errors';
import type { FileTree } from '@kubecrate/files';
import type { GoMap } from '@kubecrate/gotemplate';
import { Collector } from './collect.ts';
import type { DiscoverChartOptions } from './discover-charts.ts';
import { searchManifest } from './discover-images.ts';
import type { Discovery } from './discovery.ts';
import { findManifests } from './find-files.ts';
import type { ImageList } from './image-list.ts';
import { settle } from './settle.ts';

export interface Deployment {
  readonly charts: readonly DeployedChart[];
  readonly manifests: readonly DeployedManifests[];
}

export interface DeployedChart {
  readonly chart: Chart;
  /** What the places of its images begin with: the path of the chart. */
  readonly path: string;
  /** What it is installed with, over its own values. */
  readonly values: GoMap;
  /** What templates see as the name of the release; `release-name` unless given. */
  readonly releaseName?: string | undefined;
}

/** Every YAML, JSON and `.tmpl` file of a tree. */
export interface DeployedManifests {
  readonly tree: FileTree;
  /** What the places of their images begin with: the path of the directory. */
  readonly path: string;
}

export interface DiscoverDeploymentOptions
  extends Pick<DiscoverChartOptions, 'chartErrors' | 'chartTests' | 'kubeVersion' | 'apiVersions' | 'signal'> {
  /** More images that are needed, or not (`!image`), the last list weighing most. */
  readonly lists?: readonly ImageList[] | undefined;
  /** Images that are not needed, whoever names them. */
  readonly ignored?: ImageList | undefined;
}

/** @throws ChartRenderError, unless errors of charts are warnings; KubecrateError INVALID_LIST for an exclusion among the ignored */
export async function discoverDeployment(
  { charts, manifests }: Deployment,
  options: DiscoverDeploymentOptions = {},
): Promise<Discovery> {
  const { chartErrors = 'error', chartTests: tests = 'leave-out', kubeVersion, apiVersions } = options;
  const { lists = [], ignored, signal } = options;
  signal?.throwIfAborted();
  const collector = new Collector();
  if (charts.length > 0) {
    const [{ findChartImages }, { remarkUnrendered }] = await Promise.all([
      import('./chart-images.ts'),
      import('./discover-charts.ts'),
    ]);
    for (const { chart, path, values, releaseName } of charts) {
      const location = { path, kind: 'directory' } as const;
      const given = { values: [{ file: path, values }], tests, releaseName, kubeVersion, apiVersions, signal };
      try {
        await findChartImages(chart, location, collector, given);
      } catch (error) {
        signal?.throwIfAborted();
        if (chartErrors === 'error' || !(error instanceof KubecrateError)) throw error;
        remarkUnrendered(path, error, collector);
      }
    }
  }
  for (const { tree, path } of manifests) {
    for await (const found of findManifests(tree, signal)) {
      await searchManifest(tree, found, collector, { shown: `${path}/${found.path}`, signal });
    }
  }
  return { ...settle(collector, lists, ignored), charts: [], diagnostics: collector.diagnostics() };
}
