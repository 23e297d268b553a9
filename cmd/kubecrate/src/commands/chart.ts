/** `kubecrate chart`: Helm charts, rendered and moved without Helm. */

import { Command } from 'commander';
import type { Context } from '../context.ts';
import { chartPackageCommand } from './chart-package.ts';
import { chartPullCommand } from './chart-pull.ts';
import { chartPushCommand } from './chart-push.ts';
import { chartTemplateCommand } from './chart-template.ts';

export function chartCommand(context: Context): Command {
  return new Command('chart')
    .description('Render, package, push and pull Helm charts, as Helm does.')
    .addCommand(chartTemplateCommand(context))
    .addCommand(chartPackageCommand(context))
    .addCommand(chartPushCommand(context))
    .addCommand(chartPullCommand(context));
}
