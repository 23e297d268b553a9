/** `kubecrate list-images`: which images a context, a directory, a chart or an image needs, and why. */

import { type Probe, probeImages } from '@kubecrate/builder';
import { type DiscoveredImage, isAtLeast } from '@kubecrate/discovery';
import { Command } from 'commander';
import { collect, collectList, readListFile } from '../arguments.ts';
import { type ChartSearchOptions, readChartSearch, withChartSearch } from '../chart-search.ts';
import type { Context } from '../context.ts';
import { type ConfidenceOptions, withConfidence } from '../image-selection.ts';
import { withChartSource } from '../open-chart.ts';
import { type OutputOptions, openRegistries, withOutput, withStoreOption } from '../options.ts';
import type { SearchOptions } from '../preview-context.ts';
import { formatPlaces } from '../provenance.ts';
import { type Searched, type SearchSubjectOptions, searchSubject } from '../search-subject.ts';
import { count, writeJson } from '../text.ts';

interface Options extends SearchSubjectOptions, OutputOptions, ChartSearchOptions, ConfidenceOptions {
  readonly why?: boolean;
  readonly probe?: boolean;
  readonly imageList?: readonly string[];
  readonly ignoredImageList?: string;
}

export function listImagesCommand(context: Context): Command {
  const command = new Command('list-images')
    .description(
      'List the container images that a build would save, or that the files of a directory, a chart or a cluster image need.',
    )
    .argument(
      '[PATH|CHART|IMAGE]',
      'a build context, a directory laid out as a root file system, a chart (also oci://HOST/PATH/NAME), or a cluster image: a name of the store or a tarball',
      '.',
    )
    .option('--why', 'say where each image was found')
    .option('--probe', 'ask the registries of images that are possible at most whether they have them')
    .option('-f, --file <FILE>', 'the Kubefile of the context (default: PATH/Kubefile)')
    .option('--platform <OS/ARCH>', 'the platform to expand variables for', collectList)
    .option('--build-arg <NAME=VALUE>', 'a value for an ARG; may be repeated', collect)
    .option('--image-list <FILE>', 'more images, one a line; may be repeated', collect)
    .option('--ignored-image-list <FILE>', 'images to leave out')
    .action(async (subject: string, options: Options) => listImages(subject, options, context));
  withConfidence(command, 'how sure an image must be to be saved');
  return withOutput(withChartSource(withStoreOption(withChartSearch(command))));
}

async function listImages(subject: string, options: Options, context: Context): Promise<void> {
  const { stderr } = context;
  const search: SearchOptions = {
    charts: await readChartSearch(options, context),
    lists: await Promise.all((options.imageList ?? []).map((file) => readListFile(file, context))),
    ignored: options.ignoredImageList === undefined ? undefined : await readListFile(options.ignoredImageList, context),
  };
  const searched = await searchSubject(subject, search, options, context);
  for (const { severity, file, line, message } of searched.discovery.diagnostics) {
    stderr.write(`${severity}: ${file}${line === undefined ? '' : `:${line}`}: ${message}\n`);
  }
  const probes = options.probe === true ? await probePossible(searched, options, context) : new Map<string, Probe>();
  report(searched, probes, options, context);
}

async function probePossible(
  { discovery: { images } }: Searched,
  options: Options,
  context: Context,
): Promise<ReadonlyMap<string, Probe>> {
  const possible = images.filter(({ confidence }) => confidence === 'possible').map(({ image }) => image);
  if (possible.length === 0) return new Map();
  await using registries = await openRegistries(options, context);
  return await probeImages(possible, registries, { signal: context.signal });
}

function report(
  { discovery: { images, leftOut, charts }, lacking }: Searched,
  probes: ReadonlyMap<string, Probe>,
  { why, output, confidence: least }: Options,
  { stdout }: Context,
): void {
  const isSaved = ({ confidence }: DiscoveredImage): boolean => isAtLeast(confidence, least);
  if (output === 'json') {
    const listed = images.map((found) => {
      const probe = probes.get(found.image);
      return {
        ...found,
        saved: isSaved(found),
        ...(lacking === undefined ? {} : { present: !lacking.has(found.image) }),
        ...(probe === undefined ? {} : { probe: documentOf(probe) }),
      };
    });
    writeJson(stdout, { images: listed, leftOut, charts });
    return;
  }
  for (const found of images) {
    const { image, confidence } = found;
    const remarks = [
      ...(isSaved(found) ? [] : [`${confidence}: not saved unless listed`]),
      ...(lacking?.has(image) === true ? ['not in the image'] : []),
      ...formatProbe(probes.get(image)),
    ];
    stdout.write(`${image}${remarks.length === 0 ? '' : ` (${remarks.join('; ')})`}\n`);
    if (why === true) stdout.write(formatPlaces(found.found));
  }
  if (why !== true) return;
  for (const { image, by } of leftOut) stdout.write(`left out: ${image}, by ${by.file}:${by.line}\n`);
  stdout.write(`${count(images.length, 'image')}\n`);
}

function documentOf(probe: Probe): object {
  return probe.outcome === 'unknown'
    ? { outcome: probe.outcome, reason: probe.error.message }
    : { outcome: probe.outcome };
}

function formatProbe(probe: Probe | undefined): readonly string[] {
  switch (probe?.outcome) {
    case undefined:
      return [];
    case 'present':
      return ['its registry has it'];
    case 'absent':
      return ['its registry does not have it'];
    case 'unknown':
      return [`its registry does not say: ${probe.error.message}`];
  }
}
