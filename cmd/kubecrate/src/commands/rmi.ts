/** `kubecrate rmi`: removes images from the store. */

import { KubecrateError, messageOf, NotFoundError } from '@kubecrate/errors';
import type { ImageStore, RemovedImage } from '@kubecrate/image-store';
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { hintOf } from '../copy-outcome.ts';
import { openEmbedded } from '../embedded.ts';
import { findEmbedded } from '../find-embedded.ts';
import { familiarName } from '../image-table.ts';
import { type OutputOptions, openStore, type StoreOptions, withOutput, withStoreOption } from '../options.ts';
import { count, writeJson } from '../text.ts';

interface Options extends StoreOptions, OutputOptions {
  readonly force?: boolean;
}

/** What `--output json` says of an image that was removed, after its name. */
interface Removal {
  readonly untagged: readonly string[];
  readonly removed: RemovedImage['removed'] | readonly [];
  readonly freedBytes: number;
}

export function rmiCommand(context: Context): Command {
  const command = new Command('rmi')
    .description(
      'Remove images, with all their content that no other image needs; of several names, the one given; by an id, all names.',
    )
    .argument('IMAGE...', 'names, ids or beginnings of ids')
    .option('-f, --force', 'an image that is not there is no failure');
  return withOutput(withStoreOption(command)).action((images: readonly string[], options: Options) =>
    removeImages(images, options, context),
  );
}

async function removeImages(images: readonly string[], options: Options, context: Context): Promise<void> {
  const store = await openStore(options, context);
  const results: object[] = [];
  const failures: { readonly image: string; readonly error: KubecrateError }[] = [];
  for (const image of images) {
    try {
      const removal = await removeImage(store, image, context.signal);
      results.push({ image, ...removal });
      if (options.output !== 'text') continue;
      context.stdout.write(`Image "${image}" removed\n`);
      // An id takes all names of the image with it, as isula does it.
      const { untagged } = removal;
      if (untagged.length > 1) context.stderr.write(`its names are gone too: ${untagged.join(', ')}\n`);
    } catch (error) {
      if (context.signal.aborted) throw error;
      if (options.force === true && error instanceof NotFoundError) continue;
      if (!(error instanceof KubecrateError)) throw error;
      failures.push({ image, error });
      results.push({ image, error: { code: error.code, message: messageOf(error) } });
    }
  }
  if (options.output === 'json') writeJson(context.stdout, results);
  refuseFailures(failures, images.length);
}

/** @throws the failure of the only image as it is; KubecrateError PARTIAL_FAILURE that names each failure of several */
function refuseFailures(
  failures: readonly { readonly image: string; readonly error: KubecrateError }[],
  images: number,
): void {
  const [first] = failures;
  if (first === undefined) return;
  if (images === 1) throw first.error;
  const lines = failures.map(({ image, error }) => `  ${image}: ${messageOf(error)}${hintOf(error)}`);
  throw new KubecrateError(
    'PARTIAL_FAILURE',
    `cannot remove ${failures.length} of ${count(images, 'image')}:\n${lines.join('\n')}`,
  );
}

/** An image of the store, else the embedded image of that name or id, whose files stay. @throws NotFoundError */
async function removeImage(store: ImageStore, image: string, signal: AbortSignal): Promise<Removal> {
  try {
    return removalOf(await store.remove(image, { signal }));
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    const found = await findEmbedded(store, image, signal);
    if (found === undefined) throw error;
    const { imageName } = found.manifest;
    await (await openEmbedded(store)).remove(imageName, { signal });
    return { untagged: [imageName], removed: [], freedBytes: 0 };
  }
}

function removalOf({ untagged, removed, freed }: RemovedImage): Removal {
  return { untagged: untagged.map(familiarName), removed, freedBytes: freed.bytes };
}
