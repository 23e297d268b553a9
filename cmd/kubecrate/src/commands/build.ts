/** `kubecrate build`: a Kubefile and a context in, a cluster image in the local store out. */

import { resolve } from 'node:path';
import { type BuildResult, build, CHARTS_REPOSITORY } from '@kubecrate/builder';
import type { CopyEvent } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import { checkDestination } from '@kubecrate/files';
import { type Diagnostic, formatDiagnostics } from '@kubecrate/kubefile';
import { familiarReference, formatPlatform, withDefaultTag } from '@kubecrate/oci';
import type { Naming } from '@kubecrate/saver';
import { Command, Option } from 'commander';
import {
  collect,
  collectList,
  parseEpoch,
  parsePairs,
  parsePlatforms,
  parseReferenceArgument,
  readAuthListFile,
  readListFile,
} from '../arguments.ts';
import { openBuildRegistries } from '../build-registries.ts';
import { type ChartSearchOptions, readChartSearch, withChartSearch } from '../chart-search.ts';
import type { Context } from '../context.ts';
import { downloadFile } from '../download.ts';
import { openEngine } from '../engine.ts';
import { type ConfidenceOptions, readSelection, withConfidence } from '../image-selection.ts';
import { readKubefile } from '../kubefile-source.ts';
import {
  type OutputOptions,
  openStore,
  type ProgressOptions,
  type RegistryOptions,
  type StoreOptions,
  withOutput,
  withProgress,
  withRegistryOptions,
  withStoreOption,
} from '../options.ts';
import { openReporter } from '../reporters/reporter.ts';
import { writeImageArchive } from '../save-archive.ts';
import { count, writeJson } from '../text.ts';
import { VERSION } from '../version.ts';

interface Options
  extends RegistryOptions,
    StoreOptions,
    ProgressOptions,
    OutputOptions,
    ChartSearchOptions,
    ConfidenceOptions {
  readonly probe?: boolean;
  readonly tag?: readonly string[];
  readonly file?: string;
  readonly outputFile?: string;
  readonly platform?: readonly string[];
  readonly buildArg?: readonly string[];
  readonly label?: readonly string[];
  readonly annotation?: readonly string[];
  readonly imageList?: readonly string[];
  readonly imageListWithAuth?: readonly string[];
  readonly ignoredImageList?: string;
  readonly pull: keyof typeof PULL_POLICIES;
  readonly type: 'kube-installer' | 'app-installer';
  readonly buildMode: 'all' | 'lite';
  readonly names: Naming;
  readonly missingPlatform: 'error' | 'warn';
  readonly chartsRepository: string;
}

export function buildCommand(context: Context): Command {
  const command = new Command('build')
    .description('Build a cluster image from a Kubefile: files, container images and charts in one image.')
    .argument('[PATH]', 'the build context', '.')
    .option('-t, --tag <NAME>', 'a name for the image; may be repeated', collect)
    .option('-f, --file <FILE>', 'the Kubefile (default: PATH/Kubefile)')
    .option('-o, --output-file <FILE>', 'also write the image as one tarball')
    .option(
      '--platform <OS/ARCH,...>',
      'the platforms to build for (default: linux on the processor of this machine)',
      collectList,
    )
    .option('--build-arg <NAME=VALUE>', 'a value for an ARG; may be repeated', collect)
    .option('--label <NAME=VALUE>', 'a label of the image; may be repeated', collect)
    .option('--annotation <NAME=VALUE>', 'an annotation of the manifest; may be repeated', collect)
    .option('--image-list <FILE>', 'more images to save, one a line; may be repeated', collect)
    .option('--image-list-with-auth <FILE>', 'more images to save, with the credentials of their registries', collect)
    .option('--ignored-image-list <FILE>', 'images not to save, whatever asks for them')
    .addOption(
      new Option('--pull <POLICY>', 'when to pull the base image')
        .choices(Object.keys(PULL_POLICIES))
        .default('missing'),
    )
    .addOption(
      new Option('--type <TYPE>', 'what the image is for')
        .choices(['kube-installer', 'app-installer'])
        .default('kube-installer'),
    )
    .addOption(
      new Option('--build-mode <MODE>', 'lite saves no container images').choices(['all', 'lite']).default('all'),
    )
    .addOption(
      new Option('--names <NAMING>', 'drop the domain of images, or keep it')
        .choices(['plain', 'qualified'])
        .default('plain'),
    )
    .addOption(
      new Option('--missing-platform <MODE>', 'what an image without a wanted platform is')
        .choices(['error', 'warn'])
        .default('error'),
    )
    .option(
      '--charts-repository <PATH>',
      'what the names of the archives of charts/ begin with in the registry of the image',
      CHARTS_REPOSITORY,
    )
    .option('--probe', 'with --confidence possible: of those images, save only what their registries have')
    .option('--no-cache', 'accepted for compatibility: steps are never cached, content always is')
    .action(async (path: string, options: Options) => runBuild(path, options, context));
  withConfidence(command, 'how sure an image must be to be saved, see list-images');
  return withOutput(withProgress(withRegistryOptions(withStoreOption(withChartSearch(command)))));
}

async function runBuild(path: string, options: Options, context: Context): Promise<void> {
  const { cwd, env, signal } = context;
  const names = (options.tag ?? []).map((name) => withDefaultTag(parseReferenceArgument(name)));
  if (names.length === 0)
    throw new KubecrateError('USAGE', 'the image needs a name', { hint: 'kubecrate build -t NAME:TAG PATH' });
  const withDigest = names.find(({ digest }) => digest !== undefined);
  if (withDigest !== undefined)
    throw new KubecrateError(
      'USAGE',
      `cannot name an image ${familiarReference(withDigest)}: a digest comes of the content`,
    );
  const platforms = parsePlatforms(options.platform, context.arch);
  const selection = readSelection(options);
  if (options.outputFile !== undefined) await checkDestination(resolve(cwd, options.outputFile));
  const kubefile = await readKubefile(cwd, path, options.file);
  const authenticated = await Promise.all((options.imageListWithAuth ?? []).map((file) => readAuthListFile(cwd, file)));
  const imageLists = await Promise.all((options.imageList ?? []).map((file) => readListFile(file, context)));
  const charts = await readChartSearch(options, context);
  using reporter = await openReporter(options.progress, context);
  const { onEvent } = reporter;
  const store = await openStore(options, context);
  await using work = await store.workDirectory();
  await using registries = await openBuildRegistries(options, authenticated.flat(), context, onEvent);
  const result = await build(
    {
      context: kubefile.context,
      kubefile,
      names,
      platforms,
      buildArgs: parsePairs('--build-arg', options.buildArg, env),
      labels: parsePairs('--label', options.label),
      annotations: parsePairs('--annotation', options.annotation),
      imageLists: [...imageLists, ...registries.lists],
      ignored:
        options.ignoredImageList === undefined ? undefined : await readListFile(options.ignoredImageList, context),
      type: options.type,
      mode: options.buildMode,
      pull: PULL_POLICIES[options.pull],
      naming: options.names,
      onMissingPlatform: options.missingPlatform,
      sourceDateEpoch: parseEpoch(env['SOURCE_DATE_EPOCH']),
      version: VERSION,
      ...charts,
      ...selection,
      chartsRepository: options.chartsRepository.replace(/^\/+|\/+$/g, ''),
    },
    {
      store,
      registries,
      download: (url, options) => downloadFile(url, context, options.signal),
      engine: () => openEngine(context),
      temporary: work.path,
      onEvent,
      onOutput: reporter.write,
      signal,
    },
  );
  if (options.outputFile !== undefined) {
    await writeImageArchive(store, { descriptor: result.descriptor, names }, options.outputFile, context, onEvent);
  }
  if (options.progress === 'json') for (const warning of result.warnings) onEvent(eventOf(warning, kubefile.file));
  else if (result.warnings.length > 0)
    reporter.write(`${formatDiagnostics(result.warnings, kubefile.text, kubefile.file)}\n`);
  reporter[Symbol.dispose]();
  report(result, names.map(familiarReference), options, context);
}

function eventOf({ message, range, hint }: Diagnostic, file: string): CopyEvent {
  const place = range === undefined ? file : `${file}:${range.start.line}:${range.start.column}`;
  return { type: 'warning', message: `${place}: ${message}${hint === undefined ? '' : `; ${hint}`}` };
}

/** sealer's words for the policy beside ours. */
const PULL_POLICIES = {
  missing: 'missing',
  true: 'missing',
  ifmissing: 'missing',
  always: 'always',
  never: 'never',
  false: 'never',
  ifnewer: 'newer',
} as const;

function report(
  { descriptor, platforms }: BuildResult,
  names: readonly string[],
  options: Options,
  { stdout }: Context,
): void {
  const built = platforms.map(({ platform, descriptor: { digest }, saved, charts }) => ({
    platform: formatPlatform(platform),
    digest,
    images: saved,
    charts,
  }));
  if (options.output === 'json') {
    writeJson(stdout, {
      names,
      digest: descriptor.digest,
      platforms: built,
      ...(options.outputFile === undefined ? {} : { file: options.outputFile }),
    });
    return;
  }
  for (const { platform, images, charts } of built) {
    const what = count(new Set(images.map(({ image }) => image)).size, 'container image');
    stdout.write(`${platform}: ${what}${charts.length === 0 ? '' : `, ${count(charts.length, 'chart')}`}\n`);
  }
  for (const name of names) stdout.write(`built ${name} ${descriptor.digest}\n`);
  if (options.outputFile !== undefined) stdout.write(`written to ${options.outputFile}\n`);
}
