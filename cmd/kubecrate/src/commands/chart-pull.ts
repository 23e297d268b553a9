/** `kubecrate chart pull`: a chart out of a registry, as `helm pull` does it. */

import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { chartTag, versionOfTag } from '@kubecrate/charts';
import { type Fetcher, readManifest, verifying } from '@kubecrate/content';
import { fileError, KubecrateError } from '@kubecrate/errors';
import { openAtomicFile } from '@kubecrate/files';
import { type Descriptor, formatReference, hexOf, MEDIA_TYPES } from '@kubecrate/oci';
import { Command } from 'commander';
import { type ChartAddress, parseChartAddress } from '../chart-address.ts';
import { chooseTag } from '../chart-version.ts';
import type { Context } from '../context.ts';
import { shownPath } from '../kubefile-source.ts';
import {
  imageSignal,
  type OutputOptions,
  openRegistries,
  type RegistryOptions,
  withOutput,
  withRegistryOptions,
} from '../options.ts';
import { openReporter } from '../reporters/reporter.ts';
import { writeJson } from '../text.ts';

interface Options extends RegistryOptions, OutputOptions {
  readonly version?: string;
  readonly destination: string;
  readonly prov?: boolean;
}

export function chartPullCommand(context: Context): Command {
  const command = new Command('pull')
    .description('Fetch a chart from a registry as NAME-VERSION.tgz.')
    .argument('oci://HOST/PATH/NAME', 'the chart')
    .option('--version <VERSION>', 'a version, or a range of versions (default: the newest release)')
    .option('-d, --destination <DIR>', 'where the archive goes; made where it is missing', '.')
    .option('--prov', 'fetch the .prov file too; it is an error where there is none');
  return withOutput(withRegistryOptions(command)).action((chart: string, options: Options) =>
    pull(chart, options, context),
  );
}

async function pull(chart: string, options: Options, context: Context): Promise<void> {
  const { cwd, stdout } = context;
  const address = parseChartAddress(chart);
  const signal = await imageSignal(options, context);
  using reporter = await openReporter('plain', context);
  await using registries = await openRegistries(options, context, reporter.onEvent);
  const repository = registries.repository(address.domain, address.repository);
  const wanted = await referenceOf(address, options, () => repository.tags({ signal }));
  const found = await repository.resolve(wanted.digest ?? wanted.tag ?? '', { signal });
  const { manifest } = await readManifest(repository, found, { signal });
  const name = formatReference(wanted);
  const layerOf = (mediaType: string): Descriptor => {
    const layer =
      manifest.kind === 'manifest' ? manifest.layers.find((each) => each.mediaType === mediaType) : undefined;
    if (layer !== undefined) return layer;
    throw new KubecrateError('UNSUPPORTED', `cannot pull ${name}: it has no layer of type ${mediaType}`, {
      hint: mediaType === MEDIA_TYPES.helmChart ? 'it is no chart; images are for kubecrate pull' : 'leave out --prov',
    });
  };
  const archive = layerOf(MEDIA_TYPES.helmChart);
  const provenance = options.prov === true ? layerOf(MEDIA_TYPES.helmProvenance) : undefined;
  const path = join(await makeDirectory(resolve(cwd, options.destination)), fileNameOf(wanted));
  await write(repository, archive, path, signal);
  if (provenance !== undefined) await write(repository, provenance, `${path}.prov`, signal);
  if (options.output === 'json') writeJson(stdout, { chart: name, digest: found.digest, file: path });
  else stdout.write(`Pulled: ${name}\nDigest: ${found.digest}\nwritten to ${shownPath(cwd, path)}\n`);
}

/** What is asked for: a digest, a tag that is written out, or the version that is chosen among the tags there are. */
async function referenceOf(
  address: ChartAddress,
  { version }: Options,
  tags: () => AsyncIterable<string>,
): Promise<ChartAddress> {
  const { tag, digest } = address;
  const asked = tag ?? digest;
  if (asked !== undefined && version !== undefined && chartTag(version) !== asked) {
    throw new KubecrateError('USAGE', `the chart has two versions: ${asked} and ${version}`);
  }
  return asked === undefined ? { ...address, tag: await chooseTag(address, version, tags) } : address;
}

/** `mysql-8.8.19.tgz`; both parts are checked for what registries take, and have no `/`. */
function fileNameOf({ repository, tag, digest }: ChartAddress): string {
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  return `${name}-${tag === undefined ? `sha256-${digest === undefined ? '' : hexOf(digest)}` : versionOfTag(tag)}.tgz`;
}

async function makeDirectory(path: string): Promise<string> {
  await mkdir(path, { recursive: true }).catch((error: unknown) => {
    throw fileError(`cannot make the directory ${JSON.stringify(path)}`, error);
  });
  return path;
}

async function write(source: Fetcher, content: Descriptor, path: string, signal: AbortSignal): Promise<void> {
  await using file = await openAtomicFile(path, { signal });
  await pipeline(await source.fetch(content, { signal }), verifying(content), file.writable(), { signal });
  await file.commit();
}
