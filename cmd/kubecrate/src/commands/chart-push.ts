/** `kubecrate chart push`: a chart into a registry, as `helm push` does it. */

import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type ChartArtifact, chartArtifact, loadChartArchive, packageChart } from '@kubecrate/charts';
import { copyImages } from '@kubecrate/content';
import { fileError, isMissing, KubecrateError } from '@kubecrate/errors';
import { formatReference, isTag } from '@kubecrate/oci';
import { Command } from 'commander';
import { parseEpoch } from '../arguments.ts';
import { parseChartAddress } from '../chart-address.ts';
import type { Context } from '../context.ts';
import { copiedIn, refuseFailed } from '../copy-outcome.ts';
import {
  imageSignal,
  type OutputOptions,
  openRegistries,
  type ProgressOptions,
  type RegistryOptions,
  withOutput,
  withProgress,
  withRegistryOptions,
} from '../options.ts';
import { openReporter } from '../reporters/reporter.ts';
import { writeJson } from '../text.ts';

interface Options extends RegistryOptions, ProgressOptions, OutputOptions {}

export function chartPushCommand(context: Context): Command {
  const command = new Command('push')
    .description('Push a chart to a registry, with the .prov file beside it; its version is its tag, _ for +.')
    .argument('FILE.tgz|DIR', 'an archive, or a chart directory, which is packed first')
    .argument('oci://HOST/PATH', 'what the name of the chart is put behind');
  return withOutput(withProgress(withRegistryOptions(command))).action(
    (chart: string, destination: string, options: Options) => push({ chart, destination }, options, context),
  );
}

async function push(
  { chart, destination }: { readonly chart: string; readonly destination: string },
  options: Options,
  context: Context,
): Promise<void> {
  const artifact = await readArtifact(resolve(context.cwd, chart), context);
  const { tag } = artifact;
  const { domain, repository } = parseChartAddress(destination, artifact.name);
  if (!isTag(tag)) {
    throw new KubecrateError('INVALID_REFERENCE', `cannot push ${artifact.name}: its version ${tag} is no tag`);
  }
  const signal = await imageSignal(options, context);
  // The other commands of charts start without all that builds.
  const { chartStore } = await import('@kubecrate/builder');
  using reporter = await openReporter(options.progress, context, { verb: 'pushed' });
  await using registries = await openRegistries(options, context, reporter.onEvent);
  const job = {
    image: chart,
    source: await chartStore(artifact, { signal }),
    reference: tag,
    destination: registries.destination(domain, repository),
    tags: [tag],
  };
  const report = await copyImages([job], { signal, onEvent: reporter.onEvent });
  const name = formatReference({ domain, repository, tag });
  for (const { descriptor, status } of copiedIn(report)) {
    const { mediaType, digest, size } = descriptor;
    if (options.output === 'json') writeJson(context.stdout, { chart: name, status, mediaType, digest, size });
    else context.stdout.write(`Pushed: ${name}\nDigest: ${digest}\n`);
  }
  refuseFailed(report, 'push');
}

async function readArtifact(path: string, { env, signal }: Context): Promise<ChartArtifact> {
  const epoch = env['SOURCE_DATE_EPOCH'];
  const file = await stat(path).catch((error: unknown) => {
    throw fileError(`cannot read the chart ${JSON.stringify(path)}`, error);
  });
  if (file.isDirectory()) {
    const seconds = parseEpoch(epoch);
    const { metadata, archive } = await packageChart(path, { mtime: seconds, signal });
    return chartArtifact(metadata, await buffer(archive), { created: new Date(seconds * 1000) });
  }
  const archive = await readFile(path, { signal }).catch((error: unknown) => {
    throw fileError(`cannot read the chart ${JSON.stringify(path)}`, error);
  });
  const { metadata } = await loadChartArchive(path, archive, { signal });
  const provenance = await readBeside(`${path}.prov`);
  return chartArtifact(metadata, archive, {
    created: epoch === undefined ? file.mtime : new Date(parseEpoch(epoch) * 1000),
    ...(provenance === undefined ? {} : { provenance }),
  });
}

async function readBeside(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError(`cannot read the provenance ${JSON.stringify(path)}`, error);
  }
}
