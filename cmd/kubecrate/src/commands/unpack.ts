/** `kubecrate unpack`: writes the files of an image into a directory. */

import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { openImageTree, unpackTree } from '@kubecrate/packer';
import { Command } from 'commander';
import { machinePlatform, parsePlatformOption } from '../arguments.ts';
import { checkStoredImage } from '../check-stored-image.ts';
import type { Context } from '../context.ts';
import { leaseImages } from '../lease-images.ts';
import { type OutputOptions, openStore, type StoreOptions, withOutput, withStoreOption } from '../options.ts';
import { selectManifest } from '../stored-platforms.ts';
import { writeJson } from '../text.ts';

interface Options extends StoreOptions, OutputOptions {
  readonly platform?: string;
  readonly keepOwners?: boolean;
}

export function unpackCommand(context: Context): Command {
  const command = new Command('unpack')
    .description('Write the files of an image into a directory: of a cluster image, its registry directory among them.')
    .argument('IMAGE', 'a name, an id or the beginning of one')
    .argument('DIR', 'a directory that is new or empty')
    .option('--platform <OS/ARCH>', 'the platform of an image that has several (default: of this machine)')
    .option('--keep-owners', 'give files to the users that the image names, which only root may');
  return withOutput(withStoreOption(command)).action((image: string, directory: string, options: Options) =>
    unpackImage({ image, directory }, options, context),
  );
}

async function unpackImage(
  { image, directory }: { readonly image: string; readonly directory: string },
  options: Options,
  context: Context,
): Promise<void> {
  const { signal, arch, cwd, stdout } = context;
  const store = await openStore(options, context);
  const { descriptor } = await store.image(image, { signal });
  await checkStoredImage(store, image, options, context);
  await using _lease = await leaseImages(store, [descriptor], { signal });
  const wanted = options.platform === undefined ? undefined : parsePlatformOption(options.platform);
  const manifest = await selectManifest(
    store,
    { name: image, descriptor },
    { wanted, machine: machinePlatform(arch), signal },
  );
  await using tree = await openImageTree(store, manifest, { tempDirectory: tmpdir(), signal });
  const path = resolve(cwd, directory);
  await unpackTree(tree, path, { owners: options.keepOwners === true ? 'keep' : 'ignore', signal });
  if (options.output === 'json') writeJson(stdout, { image, digest: manifest.digest, directory: path });
  else stdout.write(`Image "${image}" unpacked to "${path}"\n`);
}
