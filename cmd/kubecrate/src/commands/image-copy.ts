/** `kubecrate image copy`: copies images from an images directory into another one. */

import { Command } from 'commander';
import type { Context } from '../context.ts';
import {
  type ImagePlatformOptions,
  type ImageRunOptions,
  withImageLayout,
  withImagePlatforms,
  withImageRun,
} from './image-options.ts';

interface Options extends ImageRunOptions, ImagePlatformOptions {
  readonly from: string;
  readonly to: string;
  readonly srcPattern?: string;
}

export function imageCopyCommand(context: Context): Command {
  const command = new Command('copy')
    .description('Copy images from an images directory into another one.')
    .argument('[IMAGE...]', 'the manifests to take (default: every image of the directory)')
    .requiredOption('--from <DIR>', 'the directory that is read')
    .requiredOption('--to <DIR>', 'the directory that is written')
    .option('--src-pattern <EXPRESSION>', 'only images in whose name, registry/repository:reference, it is found');
  return withImageRun(withImageLayout(withImagePlatforms(command))).action(
    async (images: readonly string[], options: Options) => {
      const { runImageFlags } = await import('./image-flags.ts');
      const { from, to, srcPattern, platform, policy } = options;
      const values = {
        from: { path: from, manifests: images.length === 0 ? undefined : images },
        to: { path: to, src_pattern: srcPattern },
        platform,
        policy,
      };
      await runImageFlags('copy', values, options, context);
    },
  );
}
