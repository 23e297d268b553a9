/** `kubecrate load`: takes the images of an archive into the store. */

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  type CopyJob,
  type CopyReport,
  type CopyResult,
  copyImages,
  type ReadOnlyTarget,
  subjectOfTag,
} from '@kubecrate/content';
import { fileError, KubecrateError, toldWith } from '@kubecrate/errors';
import { formatReference, withDefaultTag } from '@kubecrate/oci';
import { type NamedImage, openArchive, openOciLayout } from '@kubecrate/stores';
import { Command, Option } from 'commander';
import { parseReferenceArgument } from '../arguments.ts';
import type { Context } from '../context.ts';
import { type Copied, copiedIn, fieldsOf, refuseFailed } from '../copy-outcome.ts';
import { familiarName } from '../image-table.ts';
import {
  imageSignal,
  type OutputOptions,
  openStore,
  type ProgressOptions,
  type StoreOptions,
  withOutput,
  withProgress,
  withStoreOption,
} from '../options.ts';
import { openReporter } from '../reporters/reporter.ts';
import { spelledOut } from '../spelled-out.ts';
import { writeJson } from '../text.ts';
import { loadEmbedded } from './load-embedded.ts';

interface Options extends StoreOptions, ProgressOptions, OutputOptions {
  readonly input: string;
  readonly tag?: string;
  readonly type: 'docker' | 'embedded';
}

export function loadCommand(context: Context): Command {
  const command = new Command('load')
    .description('Take the images of an archive into the store.')
    .requiredOption(
      '-i, --input <FILE>',
      'what docker save, podman save, skopeo or kubecrate save wrote, the directory of an OCI layout, or the manifest of an embedded image',
    )
    .option('--tag <NAME>', 'the name of the image, in place of those in the archive; for an archive of one image')
    .addOption(new Option('-t, --type <TYPE>', 'what the file is').choices(['docker', 'embedded']).default('docker'));
  return withOutput(withProgress(withStoreOption(command))).action((options: Options) =>
    options.type === 'embedded' ? loadEmbedded(options, context) : loadImages(options, context),
  );
}

async function loadImages(options: Options, context: Context): Promise<void> {
  const file = resolve(context.cwd, options.input);
  const store = await openStore(options, context);
  const signal = await imageSignal(options, context);
  await using _lease = await store.lease({ signal });
  using reporter = await openReporter(options.progress, context, { verb: 'loaded' });
  await using work = await store.workDirectory();
  await using archive = await openImages(file, work.path, signal);
  const images = namesFor((await archive.images({ signal })).filter(isNoCompanion), options, file);
  const jobs = images.map(
    ({ descriptor, names }): CopyJob => ({
      image: names[0] === undefined ? descriptor.digest : familiarOr(names[0]),
      source: archive,
      reference: descriptor.digest,
      destination: store,
      tags: names.flatMap((name) => spelledOut(name) ?? []),
    }),
  );
  const report = named(await copyImages(jobs, { signal, onEvent: reporter.onEvent }), file);
  const loaded = copiedIn(report);
  for (const { job, descriptor } of loaded) {
    if (job.tags.length > 0) continue;
    await store.keep(descriptor, { signal });
    const hint = `kubecrate tag ${descriptor.digest} NAME`;
    reporter.onEvent({
      type: 'warning',
      message: `an image of ${file} has no whole name: to give it one, run: ${hint}`,
    });
  }
  refuseFailed(report, 'load');
  if (options.output === 'json') writeJson(context.stdout, loaded.map(reportOf));
  else {
    // A copy is told of as it happens; what is stored already is named here.
    for (const { job, status, descriptor } of loaded) {
      if (status !== 'copied')
        for (const name of job.tags) reporter.write(`there already: ${familiarName(name)} ${descriptor.digest}\n`);
    }
    context.stdout.write(`Load image from "${file}" success\n`);
  }
}

/** What an archive fails with, with its name. */
function named({ results }: CopyReport, file: string): CopyReport {
  const told = (result: CopyResult): CopyResult =>
    result.status !== 'failed'
      ? result
      : { ...result, error: toldWith(`cannot load ${result.job.image} from ${JSON.stringify(file)}`, result.error) };
  return { results: results.map(told) };
}

interface OpenedImages extends ReadOnlyTarget, AsyncDisposable {
  images(options: { readonly signal: AbortSignal }): Promise<readonly NamedImage[]>;
}

/** A file that is compressed as a whole is unpacked on the disk of the store, which has room for images. */
async function openImages(path: string, temporaryDirectory: string, signal: AbortSignal): Promise<OpenedImages> {
  const found = await stat(path).catch((error: unknown) => {
    throw fileError(`cannot load ${JSON.stringify(path)}`, error);
  });
  if (!found.isDirectory()) return await openArchive(path, { signal, temporaryDirectory });
  const layout = await openOciLayout(path, { access: 'read', signal });
  return Object.assign(layout, { [Symbol.asyncDispose]: async () => undefined });
}

function namesFor(images: readonly NamedImage[], { tag }: Options, file: string): readonly NamedImage[] {
  if (images.length === 0) throw new KubecrateError('INVALID_ARCHIVE', `${JSON.stringify(file)} holds no image`);
  if (tag === undefined) return images.map((image) => ({ ...image, names: image.names.filter(isWholeName) }));
  const [image, ...others] = images;
  if (image === undefined || others.length > 0 || image.names.length > 1) {
    throw new KubecrateError('USAGE', 'Can not use --tag option because more than one image found in tar archive', {
      hint: `it has ${images
        .flatMap(({ names }) => names)
        .map(familiarOr)
        .join(', ')}`,
    });
  }
  return [{ ...image, names: [formatReference(withDefaultTag(parseReferenceArgument(tag)))] }];
}

/** A signature beside an image, which comes along with it. */
function isNoCompanion({ names }: NamedImage): boolean {
  return names.length === 0 || !names.every((name) => subjectOfTag(name) !== undefined);
}

/** A layout may call an image by a tag alone (`latest`), which names no image anywhere else. */
function isWholeName(name: string): boolean {
  return /[/:@]/.test(name) && spelledOut(name) !== undefined;
}

function familiarOr(name: string): string {
  return spelledOut(name) === undefined ? name : familiarName(name);
}

function reportOf(result: Copied): object {
  return { names: result.job.tags.map(familiarName), ...fieldsOf(result) };
}
