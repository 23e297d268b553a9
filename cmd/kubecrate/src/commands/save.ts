/** `kubecrate save`: writes images of the store into one archive. */

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ImageStore } from '@kubecrate/image-store';
import { type NamedImage, type WrittenFormat, writeArchive } from '@kubecrate/stores';
import { Command, Option } from 'commander';
import { machinePlatform, parsePlatformOption } from '../arguments.ts';
import { checkStoredImage } from '../check-stored-image.ts';
import type { Context } from '../context.ts';
import { orRefuseEmbedded } from '../find-embedded.ts';
import { familiarName } from '../image-table.ts';
import { leaseImages } from '../lease-images.ts';
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
import { selectManifest } from '../stored-platforms.ts';
import { writeJson } from '../text.ts';

interface Options extends StoreOptions, ProgressOptions, OutputOptions {
  readonly outputFile: string;
  readonly format: WrittenFormat;
  readonly platform?: string;
}

export function saveCommand(context: Context): Command {
  const command = new Command('save')
    .description('Write images into one archive, which kubecrate, docker, podman and skopeo read.')
    .argument('IMAGE...', 'names, ids or beginnings of ids')
    .requiredOption('-o, --output-file <FILE>', 'the archive to write')
    .addOption(
      new Option('--format <FORMAT>', 'what to write')
        .choices(['oci-archive', 'docker-archive'])
        .default('oci-archive'),
    )
    .option('--platform <OS/ARCH>', 'the platform to save of an image that has several (default: all that are stored)');
  return withOutput(withProgress(withStoreOption(command))).action((images: readonly string[], options: Options) =>
    saveImages(images, options, context),
  );
}

async function saveImages(images: readonly string[], options: Options, context: Context): Promise<void> {
  const store = await openStore(options, context);
  const signal = await imageSignal(options, context);
  const file = resolve(context.cwd, options.outputFile);
  using reporter = await openReporter(options.progress, context);
  const chosen: NamedImage[] = [];
  for (const image of images) chosen.push(await chooseImage(store, image, { options, context, signal }));
  const saved = mergeNames(chosen);
  await using _lease = await leaseImages(
    store,
    saved.map(({ descriptor }) => descriptor),
    { signal },
  );
  const { format } = options;
  const platform = machinePlatform(context.arch);
  await writeArchive(store, saved, file, { format, platform, signal, onEvent: reporter.onEvent });
  if (options.output === 'json') {
    const { size } = await stat(file);
    const list = saved.map(({ descriptor, names }) => ({ names: names.map(familiarName), digest: descriptor.digest }));
    writeJson(context.stdout, { file, format: options.format, size, images: list });
  } else {
    for (const image of images) context.stdout.write(`Image "${image}" saved to "${file}"\n`);
  }
}

interface Choosing {
  readonly options: Options;
  readonly context: Context;
  readonly signal: AbortSignal;
}

/** An image with the name it was asked for by; by an id, with all its names. */
async function chooseImage(
  store: ImageStore,
  text: string,
  { options, context, signal }: Choosing,
): Promise<NamedImage> {
  const { descriptor, names } = await orRefuseEmbedded(store, { image: text, verb: 'save', signal }, () =>
    store.image(text, { signal }),
  );
  await checkStoredImage(store, text, options, context);
  const asked = names.filter((name) => name === spelledOut(text));
  const wanted = options.platform === undefined ? undefined : parsePlatformOption(options.platform);
  const chosen =
    wanted === undefined
      ? descriptor
      : await selectManifest(
          store,
          { name: text, descriptor },
          { wanted, machine: machinePlatform(context.arch), signal },
        );
  return { descriptor: chosen, names: asked.length > 0 ? asked : names };
}

/** One image asked for by several names is saved once, with all of them. */
function mergeNames(images: readonly NamedImage[]): readonly NamedImage[] {
  const merged = new Map<string, NamedImage>();
  for (const { descriptor, names } of images) {
    const before = merged.get(descriptor.digest)?.names ?? [];
    merged.set(descriptor.digest, { descriptor, names: [...new Set([...before, ...names])] });
  }
  return [...merged.values()];
}
