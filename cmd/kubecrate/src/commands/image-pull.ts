/** `kubecrate image pull`: copies images from registries into an images directory. */

import { Command } from 'commander';
import type { Context } from '../context.ts';
import {
  type ImageLoginOptions,
  type ImagePlatformOptions,
  type ImageRunOptions,
  withImageLayout,
  withImageLogin,
  withImagePlatforms,
  withImageRun,
} from './image-options.ts';

interface Options extends ImageRunOptions, ImageLoginOptions, ImagePlatformOptions {
  readonly imagesDir?: string;
}

export function imagePullCommand(context: Context): Command {
  const command = new Command('pull')
    .description('Copy images from registries into an images directory.')
    .argument('IMAGE...', 'the manifests: NAME[:TAG][@DIGEST]')
    .option('--images-dir <DIR>', 'the directory (default: images in the variable binary_dir)');
  return withImageRun(withImageLayout(withImagePlatforms(withImageLogin(command)))).action(
    async (images: readonly string[], options: Options) => {
      const { runImageFlags } = await import('./image-flags.ts');
      const { imagesDir, platform, policy } = options;
      await runImageFlags('pull', { images_dir: imagesDir, manifests: images, platform, policy }, options, context);
    },
  );
}
