/** `kubecrate manifest`: images of several platforms, made of images of one. */

import { Command } from 'commander';
import type { Context } from '../context.ts';
import { type TransferOptions, withTransfer } from '../options.ts';
import { addToIndex, createIndex } from './manifest-index.ts';
import { inspectManifest } from './manifest-inspect.ts';
import { pushCommand } from './push.ts';

export function manifestCommand(context: Context): Command {
  const group = new Command('manifest').description('Make, show and push images of several platforms.');
  const subcommand = (name: string, description: string): Command =>
    withTransfer(new Command(name).description(description));
  group.addCommand(
    subcommand('create', 'Make an image of several platforms out of images of one, in the store.')
      .argument('INDEX', 'the name it gets')
      .argument('[IMAGE...]', MEMBER)
      .option('--replace', 'take the name from the image that has it')
      .action((index: string, images: readonly string[], options: TransferOptions & { readonly replace?: boolean }) =>
        createIndex({ index, images, existing: options.replace === true ? 'replace' : 'refuse' }, options, context),
      ),
  );
  group.addCommand(
    subcommand('add', 'Add images to an image of several platforms; one of the same platform is replaced.')
      .argument('INDEX', 'its name in the store')
      .argument('<IMAGE...>', MEMBER)
      .action((index: string, images: readonly string[], options: TransferOptions) =>
        addToIndex({ index, images }, options, context),
      ),
  );
  group.addCommand(
    subcommand('inspect', 'Print the manifest or the index of an image, byte by byte.')
      .argument('IMAGE', MEMBER)
      .action((image: string, options: TransferOptions) => inspectManifest(image, options, context)),
  );
  return group.addCommand(pushCommand(context).description('Copy an image of several platforms to a registry.'));
}

const MEMBER = 'an image of the store, or of any other place that `copy` knows: docker://NAME';
