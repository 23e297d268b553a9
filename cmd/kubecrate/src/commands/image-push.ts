/** `kubecrate image push`: copies images from an images directory to registries. */

import { Command } from 'commander';
import type { Context } from '../context.ts';
import { type ImageLoginOptions, type ImageRunOptions, withImageLogin, withImageRun } from './image-options.ts';

interface Options extends ImageRunOptions, ImageLoginOptions {
  readonly imagesDir?: string;
  readonly srcPattern?: string;
  readonly dest: string;
}

export function imagePushCommand(context: Context): Command {
  const command = new Command('push')
    .description('Copy the images of an images directory to registries.')
    .requiredOption(
      '--dest <TEMPLATE>',
      'where each image goes; .module.image.src.reference has its registry, repository and reference',
    )
    .option('--images-dir <DIR>', 'the directory (default: images in the variable binary_dir)')
    .option('--src-pattern <EXPRESSION>', 'only images in whose name, registry/repository:reference, it is found');
  return withImageRun(withImageLogin(command)).action(async (options: Options) => {
    const { runImageFlags } = await import('./image-flags.ts');
    const { imagesDir, srcPattern, dest } = options;
    await runImageFlags('push', { images_dir: imagesDir, src_pattern: srcPattern, dest }, options, context);
  });
}
