/** `kubecrate check`: says which images a deployment needs and a cluster image lacks. */

import { resolve } from 'node:path';
import { loadChart } from '@kubecrate/charts';
import { type Deployment, type DiscoveredImage, type Discovery, discoverDeployment } from '@kubecrate/discovery';
import { KubecrateError } from '@kubecrate/errors';
import { openDirectoryTree } from '@kubecrate/files';
import { Command } from 'commander';
import {
  collect,
  collectList,
  machinePlatform,
  parsePlatformOption,
  readListFile,
  requireDirectory,
} from '../arguments.ts';
import type { Context } from '../context.ts';
import { lackingImages } from '../lacking-images.ts';
import { type OutputOptions, openStore, type StoreOptions, withOutput, withStoreOption } from '../options.ts';
import { formatProvenance } from '../provenance.ts';
import { openServedContent } from '../served-content.ts';
import { findSubject } from '../subject.ts';
import { count, formatTable, writeJson } from '../text.ts';
import { readValues, type ValueOptions, withValueOptions } from '../value-options.ts';

interface Options extends StoreOptions, OutputOptions, ValueOptions {
  readonly chart?: string;
  readonly manifests?: readonly string[];
  readonly chartTests?: boolean;
  readonly kubeVersion?: string;
  readonly apiVersions?: readonly string[];
  readonly ignoredImageList?: string;
  readonly platform?: string;
}

export function checkCommand(context: Context): Command {
  const command = new Command('check')
    .description('Check that a cluster image has every image that a deployment needs.')
    .argument('IMAGE', 'a cluster image of the store, an archive, or a registry directory')
    .option('--chart <CHART>', 'the chart that will be installed: a directory or a .tgz')
    .option('--manifests <DIR>', 'a directory of manifests that will be applied; may be repeated', collect);
  return withOutput(withStoreOption(withValueOptions(command)))
    .option('--kube-version <VERSION>', 'the version of Kubernetes that the chart sees')
    .option('-a, --api-versions <VERSION,...>', 'more API versions that the chart sees; may be repeated', collectList)
    .option('--chart-tests', 'search the test hooks of the chart too')
    .option('--ignored-image-list <FILE>', 'images that need not be there')
    .option('--platform <OS/ARCH>', 'the platform of a cluster image that has several')
    .action((image: string, options: Options) => check(image, options, context));
}

async function check(image: string, options: Options, context: Context): Promise<void> {
  const { stdout, stderr, signal, arch } = context;
  const discovery = await discover(options, context);
  for (const { severity, file, line, message } of discovery.diagnostics) {
    stderr.write(`${severity}: ${file}${line === undefined ? '' : `:${line}`}: ${message}\n`);
  }
  await using served = await openServedContent(await findSubject(image, () => openStore(options, context), context), {
    access: 'read-only',
    wanted: options.platform === undefined ? undefined : parsePlatformOption(options.platform),
    machine: machinePlatform(arch),
    signal,
  });
  const lacking = await lackingImages(discovery.images, served.namespace, { signal });
  const missing = lacking.filter(({ confidence }) => confidence !== 'possible');
  const needed = discovery.images.filter(({ confidence }) => confidence !== 'possible').length;
  if (options.output === 'json') {
    const possible = lacking.filter(({ confidence }) => confidence === 'possible');
    writeJson(stdout, { image, needed, missing, possible });
  } else {
    for (const found of lacking) stdout.write(formatLacking(found));
  }
  if (missing.length > 0) {
    throw new KubecrateError('NOT_FOUND', `${image} lacks ${missing.length} of ${count(needed, 'image')}`, {
      hint: 'build it with --chart-values NAME=FILE and the same values, or list the images in manifests/imageList',
    });
  }
  if (options.output === 'text') stdout.write(`${image} has all: ${count(needed, 'image')}\n`);
}

async function discover(options: Options, context: Context): Promise<Discovery> {
  const { cwd, stdin, signal } = context;
  const { kubeVersion, apiVersions, chartTests, ignoredImageList } = options;
  return await discoverDeployment(await readDeployment(options, context), {
    kubeVersion,
    apiVersions,
    chartTests: chartTests === true ? 'include' : 'leave-out',
    ignored: ignoredImageList === undefined ? undefined : await readListFile(cwd, ignoredImageList, stdin),
    signal,
  });
}

async function readDeployment({ chart, manifests = [], ...values }: Options, context: Context): Promise<Deployment> {
  const { cwd, signal } = context;
  if (chart === undefined && manifests.length === 0) {
    throw new KubecrateError('USAGE', 'there is nothing to check', { hint: 'give --chart CHART or --manifests DIR' });
  }
  const given = await readValues(values, context);
  if (chart === undefined && given.size > 0) throw new KubecrateError('USAGE', 'values need --chart CHART');
  return {
    charts:
      chart === undefined
        ? []
        : [{ chart: await loadChart(resolve(cwd, chart), { signal }), path: shorten(chart), values: given }],
    manifests: await Promise.all(
      manifests.map(async (directory) => ({
        tree: openDirectoryTree(await requireDirectory(resolve(cwd, directory), 'the manifests')),
        path: shorten(directory),
      })),
    ),
  };
}

function shorten(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}

function formatLacking({ image, confidence, found }: DiscoveredImage): string {
  const head = confidence === 'possible' ? `possibly missing ${image}\n` : `missing ${image}\n`;
  return head + formatTable(found.map((place) => ['  ', formatProvenance(place), place.rule]));
}
