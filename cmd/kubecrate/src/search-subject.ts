/** Finds the images that the argument of `list-images` needs, whatever it is. */

import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { BuildChartOptions } from '@kubecrate/builder';
import { readYamlMap, YamlConversionError } from '@kubecrate/charts';
import { type DeployedChart, type Discovery, discoverDeployment, discoverImages } from '@kubecrate/discovery';
import { fileError, isMissing, KubecrateError } from '@kubecrate/errors';
import { openDirectoryTree } from '@kubecrate/files';
import { machinePlatform, parsePlatforms } from './arguments.ts';
import type { Context } from './context.ts';
import { withImageTree } from './image-tree-of.ts';
import { lackingInTree } from './lacking-images.ts';
import { type ChartSourceOptions, isRemoteChart, openChart } from './open-chart.ts';
import { openStore } from './options.ts';
import { type PreviewOptions, previewContext, type SearchOptions } from './preview-context.ts';
import { findSubject } from './subject.ts';

export interface SearchSubjectOptions extends PreviewOptions, ChartSourceOptions {
  readonly platform?: readonly string[];
}

export interface Searched {
  readonly discovery: Discovery;
  /** Of a cluster image, the images that its own registry does not have. */
  readonly lacking: ReadonlySet<string> | undefined;
}

/** Searches a build context, a directory of files, a chart, or a cluster image. */
export async function searchSubject(
  subject: string,
  search: SearchOptions,
  options: SearchSubjectOptions,
  context: Context,
): Promise<Searched> {
  const { cwd, arch } = context;
  const path = resolve(cwd, subject);
  const [platform] = parsePlatforms(options.platform, arch);
  if (platform === undefined) throw new RangeError('there is always a platform');
  if (options.file !== undefined || (await kindOf(join(path, 'Kubefile'))) === 'file') {
    return known(await previewContext({ path: subject, platform }, search, options, context));
  }
  const kind = await kindOf(path);
  const isChart = isRemoteChart(subject) || (kind === 'file' ? /\.tgz$/i.test(path) : await isChartDirectory(path));
  if (isChart) return known(await searchChart(subject, search, options, context));
  if (kind === 'directory') return known(await searchDirectory(path, search, context));
  const wanted = options.platform === undefined ? undefined : platform;
  return await searchImage(subject, search, { ...options, wanted }, context);
}

function known(discovery: Discovery): Searched {
  return { discovery, lacking: undefined };
}

async function searchDirectory(
  path: string,
  { charts, ...lists }: SearchOptions,
  context: Context,
): Promise<Discovery> {
  const roots = await Promise.all(['application', 'charts', 'manifests'].map((name) => kindOf(join(path, name))));
  if (roots.every((kind) => kind !== 'directory') && lists.lists.length === 0) {
    throw new KubecrateError('NOT_FOUND', `there is nothing to search in ${JSON.stringify(path)}`, {
      hint: 'it has no Kubefile, no Chart.yaml, and none of the directories application, charts and manifests',
    });
  }
  return await discoverImages(openDirectoryTree(path), {
    ...charts,
    lists: lists.lists,
    ...(lists.ignored === undefined ? {} : { ignored: lists.ignored }),
    signal: context.signal,
  });
}

async function searchChart(
  subject: string,
  { charts, lists, ignored }: SearchOptions,
  options: ChartSourceOptions,
  context: Context,
): Promise<Discovery> {
  const { chartErrors, chartTests, kubeVersion, apiVersions } = charts;
  const chart = await openChart(subject, options, context);
  const deployed = valueSets(charts, [chart.metadata.name, subject]).map(
    (values): DeployedChart => ({ chart, path: subject.replace(/(?<=.)\/+$/, ''), values }),
  );
  const { signal } = context;
  return await discoverDeployment(
    { charts: deployed, manifests: [] },
    { chartErrors, chartTests, kubeVersion, apiVersions, lists, ignored, signal },
  );
}

/** The sets of values for a chart by any of its names; one that is empty where none is given. */
function valueSets(
  { chartValues = [] }: BuildChartOptions,
  names: readonly string[],
): readonly DeployedChart['values'][] {
  const sets = chartValues.map((given) => {
    if (!names.includes(given.chart)) {
      throw new KubecrateError(
        'INVALID_ARGUMENT',
        `there is no chart ${JSON.stringify(given.chart)} for the values ${JSON.stringify(given.file)}`,
        {
          hint: `charts here: ${names[0]}`,
        },
      );
    }
    return 'values' in given ? given.values : readValues(given);
  });
  return sets.length === 0 ? [new Map()] : sets;
}

function readValues({ file, text }: { readonly file: string; readonly text: string }): DeployedChart['values'] {
  try {
    return readYamlMap(text);
  } catch (error) {
    if (!(error instanceof YamlConversionError)) throw error;
    const message = `cannot read the values ${JSON.stringify(file)}: ${error.message}`;
    throw new KubecrateError('INVALID_ARGUMENT', message, { cause: error });
  }
}

async function searchImage(
  subject: string,
  { charts, lists, ignored }: SearchOptions,
  options: SearchSubjectOptions & { readonly wanted: ReturnType<typeof parsePlatforms>[number] | undefined },
  context: Context,
): Promise<Searched> {
  const { signal, arch } = context;
  const found = await findSubject(subject, () => openStore(options, context), context);
  const choice = { wanted: options.wanted, machine: machinePlatform(arch), signal };
  return await withImageTree(found, choice, async (tree) => {
    const settled = { ...charts, lists, ...(ignored === undefined ? {} : { ignored }), signal };
    const discovery = await discoverImages(tree, settled);
    const lacking = await lackingInTree(discovery.images, tree, { where: subject, signal });
    return { discovery, lacking: new Set(lacking.map(({ image }) => image)) };
  });
}

async function isChartDirectory(path: string): Promise<boolean> {
  return (await kindOf(join(path, 'Chart.yaml'))) === 'file';
}

async function kindOf(path: string): Promise<'file' | 'directory' | 'absent'> {
  try {
    return (await stat(path)).isDirectory() ? 'directory' : 'file';
  } catch (error) {
    if (isMissing(error)) return 'absent';
    throw fileError(`cannot read ${JSON.stringify(path)}`, error);
  }
}
