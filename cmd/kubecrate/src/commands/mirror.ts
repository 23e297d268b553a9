/** `kubecrate mirror`: images into a registry directory. */

import { KubecrateError } from '@kubecrate/errors';
import { askedRepository } from '@kubecrate/oci';
import { type Naming, type RequestedImage, refuseFailures, type SavedImage, saveInto } from '@kubecrate/saver';
import { openRegistryDirectory } from '@kubecrate/stores';
import { Command, Option } from 'commander';
import { collect, collectList, parsePlatforms, parseReferenceArgument, readListFile } from '../arguments.ts';
import type { Context } from '../context.ts';
import {
  type OutputOptions,
  openRegistries,
  type ProgressOptions,
  type RegistryOptions,
  withOutput,
  withProgress,
  withRegistryOptions,
} from '../options.ts';
import { errorFields } from '../reporters/json.ts';
import { openReporter } from '../reporters/reporter.ts';
import { count, formatTable, writeJson } from '../text.ts';

interface Options extends RegistryOptions, ProgressOptions, OutputOptions {
  readonly dir: string;
  readonly platform?: readonly string[];
  readonly imageList?: readonly string[];
  readonly names: Naming;
  readonly missingPlatform: 'error' | 'warn';
}

export function mirrorCommand(context: Context): Command {
  const command = new Command('mirror')
    .description('Save images and charts into a registry directory that any stock registry serves.')
    .argument('[IMAGE...]', 'what to save')
    .requiredOption('--dir <DIR>', 'the root directory of the registry; it is made where it is not there')
    .option(
      '--platform <OS/ARCH,...>',
      'the platforms to save, or "all" (default: linux on the processor of this machine)',
      collectList,
    )
    .option('--image-list <FILE>', 'a list of images, one a line; "-" is standard input; may be repeated', collect)
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
    .action(async (images: readonly string[], options: Options) => mirror(images, options, context));
  return withOutput(withProgress(withRegistryOptions(command)));
}

async function mirror(images: readonly string[], options: Options, context: Context): Promise<void> {
  const all = options.platform?.length === 1 && options.platform[0] === 'all';
  const platforms = all ? undefined : parsePlatforms(options.platform, context.arch);
  const requested = await requestedImages(images, options, context);
  using reporter = await openReporter(options.progress, context);
  await using from = await openRegistries(options, context, reporter.onEvent);
  const destination = await openRegistryDirectory(options.dir, { access: 'write' });
  const saved = await saveInto(requested, destination, {
    from,
    naming: options.names,
    onMissingPlatform: options.missingPlatform,
    platforms,
    signal: context.signal,
    onEvent: reporter.onEvent,
  });
  reporter[Symbol.dispose]();
  report(saved, options, context);
  refuseFailures(saved);
}

async function requestedImages(
  images: readonly string[],
  { imageList = [] }: Options,
  context: Context,
): Promise<readonly RequestedImage[]> {
  const lists = await Promise.all(imageList.map((file) => readListFile(file, context)));
  const wanted = new Map(images.map((image) => [image, parseReferenceArgument(image)]));
  for (const { action, image, reference } of lists.flatMap(({ entries }) => entries)) {
    if (action === 'add') wanted.set(image, reference);
    else wanted.delete(image);
  }
  if (wanted.size === 0) {
    throw new KubecrateError('USAGE', 'nothing to save: name an image or give a list with --image-list <FILE>', {
      hint: 'kubecrate mirror --dir DIR mysql:8 ubuntu:22.04',
    });
  }
  return [...wanted].map(([image, reference]) => ({ image, reference, from: askedRepository(image, reference) }));
}

function report(saved: readonly SavedImage[], { output, dir }: Options, { stdout }: Context): void {
  const rows = saved.flatMap(({ named, result }) =>
    result.status === 'failed'
      ? []
      : [
          {
            image: named.image,
            repository: named.repository,
            tag: named.tag,
            digest: result.descriptor.digest,
            status: result.status,
          },
        ],
  );
  if (output === 'json') {
    const failed = saved.flatMap(({ named: { image, repository, tag }, result }) =>
      result.status === 'failed'
        ? [{ image, repository, tag, status: 'failed', error: errorFields(result.error) }]
        : [],
    );
    writeJson(stdout, { directory: dir, images: [...rows, ...failed] });
    return;
  }
  stdout.write(
    formatTable(
      rows.map(({ repository, tag, digest, status }) => [
        `${repository}${tag === undefined ? '' : `:${tag}`}`,
        digest,
        status,
      ]),
    ),
  );
  stdout.write(`${count(new Set(rows.map(({ image }) => image)).size, 'image')} in ${dir}\n`);
}
