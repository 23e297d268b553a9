/** `kubecrate check`: says which images a deployment needs and a cluster image lacks. */

import { type DiscoveredImage, type Discovery, discoverDeployment, isAtLeast } from '@kubecrate/discovery';
import { KubecrateError } from '@kubecrate/errors';
import { Command } from 'commander';
import { collect, collectList, machinePlatform, parsePlatformOption, readListFile } from '../arguments.ts';
import type { Context } from '../context.ts';
import { type ConfidenceOptions, withConfidence } from '../image-selection.ts';
import { withImageTree } from '../image-tree-of.ts';
import { lackingImages, lackingInTree } from '../lacking-images.ts';
import { CHART_KINDS, withChartSource } from '../open-chart.ts';
import { type OutputOptions, openStore, type StoreOptions, withOutput, withStoreOption } from '../options.ts';
import { formatPlaces } from '../provenance.ts';
import { type DeploymentOptions, readDeployment } from '../read-deployment.ts';
import { openServedContent } from '../served-content.ts';
import { findSubject, type Subject } from '../subject.ts';
import { count, writeJson } from '../text.ts';
import { withValueOptions } from '../value-options.ts';

interface Options extends StoreOptions, OutputOptions, DeploymentOptions, ConfidenceOptions {
  readonly chartTests?: boolean;
  readonly kubeVersion?: string;
  readonly apiVersions?: readonly string[];
  readonly ignoredImageList?: string;
  readonly platform?: string;
}

export function checkCommand(context: Context): Command {
  const command = new Command('check')
    .description('Check that a cluster image has every image that a deployment needs.')
    .argument('IMAGE', 'a cluster image of the store, an archive that holds one, or a registry directory')
    .option(
      '--chart <[NAME=]CHART>',
      `a chart that will be installed, ${CHART_KINDS}; with NAME, the name of its release; may be repeated`,
      collect,
    )
    .option('--manifests <DIR>', 'a directory of manifests that will be applied; may be repeated', collect);
  withConfidence(command, 'how sure an image must be to make the check fail');
  return withOutput(withChartSource(withStoreOption(withValueOptions(command, VALUES))))
    .option('--kube-version <VERSION>', 'the version of Kubernetes that the chart sees')
    .option('-a, --api-versions <VERSION,...>', 'more API versions that the chart sees; may be repeated', collectList)
    .option('--chart-tests', 'search the test hooks of the chart too')
    .option('--ignored-image-list <FILE>', 'images that need not be there')
    .option('--platform <OS/ARCH>', 'the platform of a cluster image that has several')
    .action((image: string, options: Options) => check(image, options, context));
}

const VALUES =
  'a file of values, or - for standard input; with NAME, for the chart or release of that name, else for all charts; may be repeated, the last weighs most';

async function check(image: string, options: Options, context: Context): Promise<void> {
  const { stdout, stderr } = context;
  const discovery = await discover(options, context);
  for (const { severity, file, line, message } of discovery.diagnostics) {
    stderr.write(`${severity}: ${file}${line === undefined ? '' : `:${line}`}: ${message}\n`);
  }
  const subject = await findSubject(image, () => openStore(options, context), context);
  const lacking = await lackingIn(subject, discovery.images, options, context);
  const isNeeded = ({ confidence }: DiscoveredImage): boolean => isAtLeast(confidence, options.confidence);
  const missing = lacking.filter(isNeeded);
  const needed = discovery.images.filter(isNeeded).length;
  if (options.output === 'json') {
    const possible = lacking.filter((found) => !isNeeded(found));
    writeJson(stdout, { image, needed, missing, possible });
  } else {
    for (const found of lacking) stdout.write(formatLacking(found, isNeeded(found) ? 'missing' : 'possibly missing'));
  }
  if (missing.length > 0) {
    throw new KubecrateError('NOT_FOUND', `${image} lacks ${missing.length} of ${count(needed, 'image')}`, {
      hint: 'build it with --chart-values NAME=FILE and the same values, or list the images in manifests/imageList',
    });
  }
  if (options.output === 'text') stdout.write(`${image} has all: ${count(needed, 'image')}\n`);
}

/** Of an image only what its registry serves counts: its own names say nothing about what is in it. */
async function lackingIn(
  subject: Subject,
  images: readonly DiscoveredImage[],
  { platform }: Options,
  { signal, arch }: Context,
): Promise<readonly DiscoveredImage[]> {
  const wanted = platform === undefined ? undefined : parsePlatformOption(platform);
  const choice = { wanted, machine: machinePlatform(arch), signal };
  if (subject.kind === 'registry-directory') {
    await using served = await openServedContent(subject, { access: 'read-only', ...choice });
    return await lackingImages(images, served.namespace, { signal });
  }
  const where = subject.kind === 'image' ? subject.name : subject.path;
  return await withImageTree(subject, choice, (tree) => lackingInTree(images, tree, { where, signal }));
}

async function discover(options: Options, context: Context): Promise<Discovery> {
  const { signal } = context;
  const { kubeVersion, apiVersions, chartTests, ignoredImageList } = options;
  return await discoverDeployment(await readDeployment(options, context), {
    kubeVersion,
    apiVersions,
    chartTests: chartTests === true ? 'include' : 'leave-out',
    ignored: ignoredImageList === undefined ? undefined : await readListFile(ignoredImageList, context),
    signal,
  });
}

function formatLacking({ image, found }: DiscoveredImage, what: 'missing' | 'possibly missing'): string {
  return `${what} ${image}\n${formatPlaces(found)}`;
}
