/** What will be deployed, as the command line says it: charts, each with its values, and directories of manifests. */

import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { DeployedChart, Deployment } from '@kubecrate/discovery';
import { KubecrateError } from '@kubecrate/errors';
import { openDirectoryTree } from '@kubecrate/files';
import { requireDirectory } from './arguments.ts';
import type { Context } from './context.ts';
import { type ChartSourceOptions, isRemoteChart, openChart } from './open-chart.ts';
import { requireReleaseName } from './release-name.ts';
import { readValues, type ValueOptions } from './value-options.ts';

export interface DeploymentOptions extends ValueOptions, ChartSourceOptions {
  /** `CHART`, or `NAME=CHART` with the name of its release. */
  readonly chart?: readonly string[];
  readonly manifests?: readonly string[];
}

/**
 * Reads a deployment. A file of values is for all charts; as `NAME=FILE` for those alone whose release, or else whose chart, is called
 * so. Single values (`--set`) are for all charts.
 * @throws KubecrateError USAGE where nothing is deployed, for values without a chart, and for those of a chart that is not there
 */
export async function readDeployment(
  { chart: texts = [], manifests = [], ...options }: DeploymentOptions,
  context: Context,
): Promise<Deployment> {
  if (texts.length === 0 && manifests.length === 0) {
    throw new KubecrateError('USAGE', 'there is nothing to check', { hint: 'give --chart CHART or --manifests DIR' });
  }
  const { cwd } = context;
  return {
    charts: await readCharts(texts, options, context),
    manifests: await Promise.all(
      manifests.map(async (directory) => ({
        tree: openDirectoryTree(await requireDirectory(resolve(cwd, directory), 'the manifests')),
        path: shorten(directory),
      })),
    ),
  };
}

async function readCharts(
  texts: readonly string[],
  options: ValueOptions & ChartSourceOptions,
  context: Context,
): Promise<readonly DeployedChart[]> {
  const named = texts.map(parseNamed);
  // A version is for charts of registries; a local chart beside one has its own.
  const versioned = (path: string): ChartSourceOptions =>
    isRemoteChart(path) || !named.some((other) => isRemoteChart(other.path)) ? options : withoutVersion(options);
  const charts = [];
  for (const { release, path } of named) {
    const chart = await openChart(path, versioned(path), context);
    charts.push({ release, path: shorten(path), chart, name: release ?? chart.metadata.name });
  }
  const names = new Set(charts.map(({ name }) => name));
  const files = await Promise.all((options.values ?? []).map((text) => parseValues(text, names, context.cwd)));
  const readInput = once(() => buffer(context.stdin));
  const deployed: DeployedChart[] = [];
  for (const { release, path, chart, name } of charts) {
    const own = files.filter((file) => file.chart === undefined || file.chart === name).map(({ file }) => file);
    const values = await readValues({ ...options, values: own }, context, readInput);
    deployed.push({ chart, path, values, releaseName: release });
  }
  if (charts.length === 0 && (files.length > 0 || hasSingleValues(options))) {
    throw new KubecrateError('USAGE', 'values need --chart CHART');
  }
  return deployed;
}

/** `NAME=CHART`, or a chart alone. */
function parseNamed(text: string): { readonly release: string | undefined; readonly path: string } {
  const at = isRemoteChart(text) ? -1 : text.indexOf('=');
  if (at <= 0) return { release: undefined, path: text };
  return { release: requireReleaseName(text.slice(0, at)), path: text.slice(at + 1) };
}

/** `NAME=FILE`, or a file alone; a name that is none may still be part of the name of a file. */
async function parseValues(
  text: string,
  names: ReadonlySet<string>,
  cwd: string,
): Promise<{ readonly chart: string | undefined; readonly file: string }> {
  const at = text.indexOf('=');
  if (at <= 0) return { chart: undefined, file: text };
  const [chart, file] = [text.slice(0, at), text.slice(at + 1)];
  if (names.has(chart)) return { chart, file };
  if (await isThere(resolve(cwd, text))) return { chart: undefined, file: text };
  throw new KubecrateError(
    'USAGE',
    `there is no chart ${JSON.stringify(chart)} for the values ${JSON.stringify(file)}`,
    {
      hint: names.size === 0 ? 'give --chart CHART' : `charts here: ${[...names].join(', ')}`,
    },
  );
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

function withoutVersion({ version: _, ...options }: ChartSourceOptions): ChartSourceOptions {
  return options;
}

function hasSingleValues({ set, setString, setFile, setJson, setLiteral }: ValueOptions): boolean {
  return [set, setString, setFile, setJson, setLiteral].some((given) => (given ?? []).length > 0);
}

/** Standard input can be read once; several charts may want it. */
function once<T>(read: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= read();
    return answer;
  };
}

function shorten(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}
