/** `kubecrate image`: the image tasks of KubeKey, from a file or as flags. */

import { Command } from 'commander';
import type { Context } from '../context.ts';
import { imageCopyCommand } from './image-copy.ts';
import { imagePullCommand } from './image-pull.ts';
import { imagePushCommand } from './image-push.ts';
import { imageRunCommand } from './image-run.ts';

export function imageCommand(context: Context): Command {
  return new Command('image')
    .description('Move images between registries and images directories, as the image tasks of KubeKey do.')
    .addCommand(imageRunCommand(context))
    .addCommand(imagePullCommand(context))
    .addCommand(imagePushCommand(context))
    .addCommand(imageCopyCommand(context));
}
