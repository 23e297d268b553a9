/** A chart that the command line names: a directory, an archive, or `oci://HOST/PATH` in a registry. */

import { resolve } from 'node:path';
import { type Chart, loadChart, loadChartArchive } from '@kubecrate/charts';
import { KubecrateError } from '@kubecrate/errors';
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { imageSignal, openRegistries, type RegistryOptions, withRegistryOptions } from './options.ts';

export interface ChartSourceOptions extends RegistryOptions {
  readonly version?: string;
}

/** What arguments that name a chart may be. */
export const CHART_KINDS = 'a directory, a .tgz or oci://HOST/PATH/NAME';

export function withChartSource(command: Command): Command {
  const version = 'the version of a chart of a registry, or a range of versions (default: the newest release)';
  return withRegistryOptions(command.option('--version <VERSION>', version));
}

export function isRemoteChart(text: string): boolean {
  return text.startsWith('oci://');
}

/** Loads a chart. @throws KubecrateError as `loadChart` and as registries do; USAGE for a version of a chart that is a file */
export async function openChart(text: string, options: ChartSourceOptions, context: Context): Promise<Chart> {
  const { cwd, signal } = context;
  if (!isRemoteChart(text)) {
    if (options.version === undefined) return await loadChart(resolve(cwd, text), { signal });
    throw new KubecrateError('USAGE', `--version is for charts of registries, and ${JSON.stringify(text)} is a file`, {
      hint: 'leave it out, or give oci://HOST/PATH/NAME',
    });
  }
  const { findRemoteChart, readRemoteChart } = await import('./remote-chart.ts');
  const within = await imageSignal(options, context);
  await using registries = await openRegistries(options, context);
  const remote = await findRemoteChart(text, options.version, registries, within);
  return await loadChartArchive(remote.name, await readRemoteChart(remote, { signal: within }), { signal });
}
