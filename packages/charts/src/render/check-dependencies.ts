/** What Helm looks at before it renders: is this a chart to install, and is all there that it needs? */

import { KubecrateError } from '@kubecrate/errors';
import type { Chart } from '../chart/chart.ts';

/** Throws `INVALID_CHART` with Helm's message, and what Chart.yaml says of a dependency that is missing. */
export function checkDependencies(chart: Chart): void {
  const { metadata } = chart;
  if (metadata.type !== '' && metadata.type !== 'application') {
    throw new KubecrateError(
      'INVALID_CHART',
      `cannot render chart ${JSON.stringify(metadata.name)}: ${metadata.type} charts are not installable`,
    );
  }
  checkPresent(chart);
}

/** Throws `INVALID_CHART` for dependencies of Chart.yaml that `charts/` does not have. */
export function checkPresent({ metadata, dependencies }: Pick<Chart, 'metadata' | 'dependencies'>): void {
  const present = new Set(dependencies.map((chart) => chart.metadata.name));
  const missing = metadata.dependencies.filter(({ name }) => !present.has(name));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(', ');
  const wanted = missing.map(
    ({ name, version, repository }) => `${name} ${version} from ${repository || 'no repository'}`,
  );
  throw new KubecrateError(
    'INVALID_CHART',
    `chart ${JSON.stringify(metadata.name)}: found in Chart.yaml, but missing in charts/ directory: ${names}`,
    { hint: `put it into charts/ (helm dependency build): Chart.yaml wants ${wanted.join('; ')}` },
  );
}
