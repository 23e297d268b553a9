/** `kubecrate copy`: copies one image from any place that holds images to any other. */

import { copyImages } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import { Command } from 'commander';
import { collectList, machinePlatform, parsePlatformOption } from '../arguments.ts';
import type { Context } from '../context.ts';
import { type Copied, copiedIn, fieldsOf, refuseFailed } from '../copy-outcome.ts';
import { imageSignal, type TransferOptions, withTransfer } from '../options.ts';
import { openReporter } from '../reporters/reporter.ts';
import { writeJson } from '../text.ts';
import { type ChosenImage, chooseImage } from '../transports/choose-image.ts';
import { parseLocation } from '../transports/location.ts';
import { type OpenDestination, openDestination } from '../transports/open-destination.ts';
import { openSource } from '../transports/open-source.ts';
import { openPlaces, type Places } from '../transports/places.ts';

interface Options extends TransferOptions {
  readonly platform?: readonly string[];
  readonly all?: boolean;
}

export function copyCommand(context: Context): Command {
  const command = new Command('copy')
    .summary('Copy one image between two places: registries, stores, directories, archives, engines.')
    .description(
      'Copy one image between two places: docker://NAME, docker-daemon:NAME, store:NAME, oci:DIR[:NAME], oci-archive:FILE[:NAME], docker-archive:FILE[:NAME], registry-dir:DIR[:REPOSITORY:TAG], kubekey:DIR[:NAME].',
    )
    .argument('SOURCE', 'where the image is, for example docker://mysql:8')
    .argument('DESTINATION', 'where it goes, for example oci:layout; without a name it keeps its own')
    .option(
      '--platform <OS/ARCH>',
      'the platforms to copy of an image that has several (default: of this machine)',
      collectList,
    )
    .option('--all', 'copy all platforms that are there');
  return withTransfer(command).action((source: string, destination: string, options: Options) =>
    copyImage({ source, destination }, options, context),
  );
}

interface Ends {
  readonly source: string;
  readonly destination: string;
}

async function copyImage({ source, destination }: Ends, options: Options, context: Context): Promise<void> {
  const { cwd, stdout } = context;
  const [from, to] = [parseLocation(source, cwd), parseLocation(destination, cwd)];
  const platforms = platformsOf(options, context);
  const signal = await imageSignal(options, context);
  using reporter = await openReporter(options.progress, context, { verb: 'copied' });
  const { onEvent } = reporter;
  await using places = openPlaces(options, context, { signal, onEvent });
  await using opened = await openSource(from, places);
  await using target = await openDestination(to, opened.reference, places);
  const image = await chooseImage(opened, source, {
    platforms,
    reason: options.platform === undefined ? 'default' : 'asked',
    indexes: target.kind === 'target' ? target.indexes : 'whole',
    signal,
  });
  const moved = await move(image, target, source, places);
  if (options.output === 'json') writeJson(stdout, { source, destination, ...fieldsOf(moved) });
  else stdout.write(`Image "${source}" copied to "${destination}": ${moved.descriptor.digest}\n`);
}

type Moved = Pick<Copied, 'status' | 'descriptor'>;

async function move(
  image: ChosenImage,
  destination: OpenDestination,
  name: string,
  { signal, onEvent }: Places,
): Promise<Moved> {
  const { source, descriptor, platforms } = image;
  if (destination.kind === 'writer') {
    await destination.write(source, descriptor);
    return { status: 'copied', descriptor };
  }
  const { target, tag, referrers } = destination;
  const job = { image: name, source, reference: descriptor.digest, destination: target, tags: [tag] };
  const report = await copyImages([job], { platforms, referrers, signal, onEvent });
  refuseFailed(report, 'copy');
  const [copied] = copiedIn(report);
  return { status: copied?.status ?? 'copied', descriptor };
}

function platformsOf({ platform, all }: Options, { arch }: Context): ChosenImage['platforms'] {
  if (all === true && platform !== undefined) {
    throw new KubecrateError('USAGE', '--all and --platform exclude each other');
  }
  return all === true ? undefined : (platform?.map(parsePlatformOption) ?? [machinePlatform(arch)]);
}
