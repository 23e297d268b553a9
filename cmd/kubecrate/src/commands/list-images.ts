/** `kubecrate list-images`: which images a context, a directory or an image needs, and why. */

import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type BuildChartOptions, previewImages } from '@kubecrate/builder';
import { type Discovery, discoverImages, type ImageList } from '@kubecrate/discovery';
import { isMissing } from '@kubecrate/errors';
import { openDirectoryTree } from '@kubecrate/files';
import { formatPlatform, type Platform } from '@kubecrate/oci';
import { openImageTree } from '@kubecrate/packer';
import { Command } from 'commander';
import { collect, collectList, parsePairs, parsePlatforms, readListFile } from '../arguments.ts';
import { type ChartSearchOptions, readChartSearch, withChartSearch } from '../chart-search.ts';
import type { Context } from '../context.ts';
import { downloadFile } from '../download.ts';
import { openEngine } from '../engine.ts';
import { readKubefile } from '../kubefile-source.ts';
import { type OutputOptions, openStore, type StoreOptions, withOutput, withStoreOption } from '../options.ts';
import { formatProvenance } from '../provenance.ts';
import { openReporter } from '../reporters/reporter.ts';
import { selectManifest } from '../stored-platforms.ts';
import { count, formatTable, writeJson } from '../text.ts';
import { VERSION } from '../version.ts';

interface Options extends StoreOptions, OutputOptions, ChartSearchOptions {
  readonly why?: boolean;
  readonly file?: string;
  readonly platform?: readonly string[];
  readonly buildArg?: readonly string[];
  readonly imageList?: readonly string[];
  readonly ignoredImageList?: string;
}

/** What is said from outside of the tree: lists, and how its charts are searched. */
interface Lists {
  readonly charts: BuildChartOptions;
  readonly lists: readonly ImageList[];
  readonly ignored: ImageList | undefined;
}

export function listImagesCommand(context: Context): Command {
  const command = new Command('list-images')
    .description(
      'List the container images that a build would save, or that the files of a directory or a cluster image need.',
    )
    .argument(
      '[PATH|IMAGE]',
      'a build context, a directory laid out as a root file system, or an image of the store',
      '.',
    )
    .option('--why', 'say where each image was found')
    .option('-f, --file <FILE>', 'the Kubefile of the context (default: PATH/Kubefile)')
    .option('--platform <OS/ARCH>', 'the platform to expand variables for', collectList)
    .option('--build-arg <NAME=VALUE>', 'a value for an ARG; may be repeated', collect)
    .option('--image-list <FILE>', 'more images, one a line; may be repeated', collect)
    .option('--ignored-image-list <FILE>', 'images to leave out')
    .action(async (subject: string, options: Options) => listImages(subject, options, context));
  return withOutput(withStoreOption(withChartSearch(command)));
}

async function listImages(subject: string, options: Options, context: Context): Promise<void> {
  const { cwd, stdin, stderr } = context;
  const lists: Lists = {
    charts: await readChartSearch(options, context),
    lists: await Promise.all((options.imageList ?? []).map((file) => readListFile(cwd, file, stdin))),
    ignored:
      options.ignoredImageList === undefined ? undefined : await readListFile(cwd, options.ignoredImageList, stdin),
  };
  const discovery = await discover(subject, lists, options, context);
  for (const { severity, file, line, message } of discovery.diagnostics) {
    stderr.write(`${severity}: ${file}${line === undefined ? '' : `:${line}`}: ${message}\n`);
  }
  report(discovery, options, context);
}

async function discover(subject: string, lists: Lists, options: Options, context: Context): Promise<Discovery> {
  const directory = resolve(context.cwd, subject);
  const [platform] = parsePlatforms(options.platform, context.arch);
  if (platform === undefined) throw new RangeError('there is always a platform');
  if (options.file !== undefined || (await isFile(join(directory, 'Kubefile')))) {
    return await preview(subject, platform, lists, options, context);
  }
  const discoverOptions = {
    ...lists.charts,
    lists: lists.lists,
    ...(lists.ignored === undefined ? {} : { ignored: lists.ignored }),
    signal: context.signal,
  };
  if (await isDirectory(directory)) return await discoverImages(openDirectoryTree(directory), discoverOptions);
  const store = await openStore(options, context);
  const image = await store.image(subject, { signal: context.signal });
  const choice = { name: subject, descriptor: image.descriptor };
  const { signal } = context;
  const manifest = await selectManifest(store, choice, {
    wanted: options.platform === undefined ? undefined : platform,
    machine: platform,
    signal,
  });
  await using tree = await openImageTree(store, manifest, {
    tempDirectory: join(store.directory, 'tmp'),
    signal: context.signal,
  });
  return await discoverImages(tree, discoverOptions);
}

async function preview(
  subject: string,
  platform: Platform,
  lists: Lists,
  options: Options,
  context: Context,
): Promise<Discovery> {
  const kubefile = await readKubefile(context.cwd, subject, options.file);
  const store = await openStore(options, context);
  using reporter = await openReporter('plain', context);
  return await previewImages(
    {
      context: kubefile.context,
      kubefile,
      names: [],
      platforms: [platform],
      buildArgs: parsePairs('--build-arg', options.buildArg, context.env),
      labels: {},
      annotations: {},
      imageLists: lists.lists,
      ignored: lists.ignored,
      type: 'kube-installer',
      mode: 'lite',
      pull: 'never',
      naming: 'plain',
      onMissingPlatform: 'warn',
      sourceDateEpoch: 0,
      version: VERSION,
      ...lists.charts,
    },
    {
      store,
      registries: { repository: () => refuseFetch(platform) },
      download: (url, { signal }) => downloadFile(url, context, signal),
      engine: () => openEngine(context),
      temporary: join(store.directory, 'tmp'),
      onEvent: reporter.onEvent,
      onOutput: (text) => void context.stderr.write(text),
      signal: context.signal,
    },
  );
}

/** Looking never fetches: with the policy `never`, nothing asks for a registry. */
function refuseFetch(platform: Platform): never {
  throw new RangeError(`a look for images of ${formatPlatform(platform)} asked for a registry`);
}

function report({ images, leftOut, charts }: Discovery, { why, output }: Options, { stdout }: Context): void {
  if (output === 'json') {
    writeJson(stdout, { images, leftOut, charts });
    return;
  }
  for (const { image, confidence, found } of images) {
    stdout.write(`${image}${confidence === 'possible' ? ' (possible: not saved unless listed)' : ''}\n`);
    if (why === true) stdout.write(formatTable(found.map((place) => ['  ', formatProvenance(place), place.rule])));
  }
  if (why !== true) return;
  for (const { image, by } of leftOut) stdout.write(`left out: ${image}, by ${by.file}:${by.line}\n`);
  stdout.write(`${count(images.length, 'image')}\n`);
}

async function isFile(path: string): Promise<boolean> {
  return (await kindOf(path)) === 'file';
}

async function isDirectory(path: string): Promise<boolean> {
  return (await kindOf(path)) === 'directory';
}

async function kindOf(path: string): Promise<'file' | 'directory' | 'absent'> {
  try {
    return (await stat(path)).isDirectory() ? 'directory' : 'file';
  } catch (error) {
    if (isMissing(error)) return 'absent';
    throw error;
  }
}
