/** `kubecrate sync`: carries out the rules of image-syncer. */

import { Command, Option } from 'commander';
import { collect, collectList, collectPlatforms } from '../arguments.ts';
import type { Context } from '../context.ts';
import {
  type OutputOptions,
  type ProgressOptions,
  type RegistryOptions,
  withOutput,
  withProgress,
  withRegistryOptions,
} from '../options.ts';

/** The command line of `sync`; `config` is image-syncer's file here, not the configuration of kubecrate. */
export interface SyncOptions extends RegistryOptions, ProgressOptions, OutputOptions {
  readonly images?: readonly string[];
  readonly auth?: string;
  readonly registry?: string;
  readonly namespace?: string;
  readonly proc?: string;
  readonly retries?: string;
  readonly os?: readonly string[];
  readonly arch?: readonly string[];
  readonly platform?: readonly string[];
  readonly force?: boolean;
  readonly shard?: string;
  readonly watch?: string;
  readonly dryRun?: boolean;
  readonly outputSuccessImages?: string;
  readonly outputFailedImages?: string;
  readonly outputImagesFormat: 'yaml' | 'json';
}

export function syncCommand(context: Context): Command {
  const command = new Command('sync')
    .description("Copy images between registries by image-syncer's rules, all at once.")
    .option('--images <FILE>', 'the rules, "source": "destination", as YAML or JSON; may be repeated', collect)
    .option('--auth <FILE>', 'user names and passwords by registry, namespace or repository')
    .option('--config <FILE>', 'rules and passwords in one file, under "images" and "auth"')
    .option('--registry <HOST>', 'where rules with an empty destination go (default: $DEFAULT_REGISTRY)')
    .option('--namespace <NAME>', 'the namespace of empty destinations (default: $DEFAULT_NAMESPACE)')
    .option('-p, --proc <COUNT>', 'how many blobs move at once (default: 32)')
    .option('-r, --retries <COUNT>', 'how often what fails in passing is tried again (default: 3)')
    .option('--os <OS,...>', 'take the images of these systems only; may be repeated', collectList)
    .option('--arch <ARCH,...>', 'take the images of these processors only; may be repeated', collectList)
    .option(
      '--platform <OS/ARCH,...>',
      'take the images of these platforms only, or all; may be repeated',
      collectPlatforms,
    )
    .option('--force', 'push what the destination has already once more')
    .option('--shard <INDEX/COUNT>', 'do one part of the work, counted from 0: 0/4, 1/4, 2/4, 3/4')
    .option('--watch <INTERVAL>', 'do it again after 30s, 10m or 6h, until it is stopped; the files are read anew')
    .option('--dry-run', 'say what would be copied, and copy nothing')
    .option('--output-success-images <FILE>', 'write what is at its destination as a file of rules')
    .option('--output-failed-images <FILE>', 'write what failed as a file of rules, to be given to --images again')
    .addOption(
      new Option('--output-images-format <FORMAT>', 'how those files are written')
        .choices(['yaml', 'json'])
        .default('yaml'),
    );
  return withOutput(withProgress(withRegistryOptions(command))).action(async (options: SyncOptions) => {
    const { syncImages } = await import('./sync-images.ts');
    await syncImages(options, context);
  });
}
