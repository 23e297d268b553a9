/** Other versions in a Chart.yaml: `helm package --version --app-version`. */

import { KubecrateError } from '@kubecrate/errors';
import { createBudget } from '@kubecrate/gotemplate';
import type { ChartFile, ChartMetadata } from '../chart/chart.ts';
import { metadataObject } from '../render/chart-object.ts';
import { mustToYaml } from '../render/to-yaml.ts';
import { isVersion } from '../version.ts';

export interface ChartVersions {
  /** The version of the chart. */
  readonly version?: string | undefined;
  /** The version of what it installs. */
  readonly appVersion?: string | undefined;
}

/**
 * The files and what they say of the chart with these versions; nothing is touched where none is given.
 * Chart.yaml is then written anew from what is known of it, as Helm does: its comments and unknown fields are gone.
 * @throws KubecrateError INVALID_ARGUMENT for what is no version
 */
export function rewriteVersions(
  files: readonly ChartFile[],
  metadata: ChartMetadata,
  { version, appVersion }: ChartVersions,
): { readonly files: readonly ChartFile[]; readonly metadata: ChartMetadata } {
  if (version === undefined && appVersion === undefined) return { files, metadata };
  if (version !== undefined && !isVersion(version)) {
    throw new KubecrateError('INVALID_ARGUMENT', `${JSON.stringify(version)} is no version of a chart`, {
      hint: 'write it as 1.2.3, 1.2.3-rc.1 or 1.2.3+build',
    });
  }
  const changed = { ...metadata, version: version ?? metadata.version, appVersion: appVersion ?? metadata.appVersion };
  // The dependencies of a chart of the first kind are in its requirements.yaml.
  const written = changed.apiVersion === 'v1' ? { ...changed, dependencies: [] } : changed;
  const data = Buffer.from(`${mustToYaml(metadataObject(written), createBudget())}\n`);
  return {
    files: files.map((file) => (file.name === 'Chart.yaml' ? { name: file.name, data } : file)),
    metadata: changed,
  };
}
