/** `kubecrate prune`: frees what no image of the store needs. */

import { Command } from 'commander';
import type { Context } from '../context.ts';
import { type OutputOptions, openStore, type StoreOptions, withOutput, withStoreOption } from '../options.ts';
import { count, formatBytes, writeJson } from '../text.ts';

interface Options extends StoreOptions, OutputOptions {
  readonly keepUnnamed?: boolean;
}

export function pruneCommand(context: Context): Command {
  const command = new Command('prune')
    .description(
      'Free what no image needs: images without a name, downloads kept for the next build, rests of broken-off runs.',
    )
    .option('--keep-unnamed', 'keep images that have no name');
  return withOutput(withStoreOption(command)).action((options: Options) => prune(options, context));
}

async function prune(options: Options, context: Context): Promise<void> {
  const store = await openStore(options, context);
  const unnamed = options.keepUnnamed === true ? 'keep' : 'remove';
  const freed = await store.prune({ unnamed, signal: context.signal });
  if (options.output === 'json') writeJson(context.stdout, freed);
  else context.stdout.write(`freed ${formatBytes(freed.bytes)} in ${count(freed.digests.length, 'blob')}\n`);
}
