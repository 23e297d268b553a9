/** `kubecrate image run`: runs the image tasks of a task list or a playbook. */

import { Command } from 'commander';
import { readNamedFile } from '../arguments.ts';
import type { Context } from '../context.ts';
import { type ImageRunOptions, withImageLayout, withImageRun } from './image-options.ts';

export function imageRunCommand(context: Context): Command {
  const command = new Command('run')
    .description('Run the image tasks of a task list or a playbook, one after the other.')
    .argument('FILE', 'the tasks, as YAML');
  return withImageRun(withImageLayout(command)).action((file: string, options: ImageRunOptions) =>
    runTasks(file, options, context),
  );
}

async function runTasks(file: string, options: ImageRunOptions, context: Context): Promise<void> {
  const [{ runImageActions }, { readTemplateScope }, { readTasks, resolveTasks }] = await Promise.all([
    import('./image-actions.ts'),
    import('./image-scope.ts'),
    import('@kubecrate/imagetasks'),
  ]);
  const { variables, functions } = await readTemplateScope(options, context);
  const { tasks, others } = await readTasks(await readNamedFile(context.cwd, file, 'the tasks'), file);
  for (const other of others) {
    const name = other.name === '' ? 'a task' : `task ${JSON.stringify(other.name)}`;
    context.stderr.write(`warning: ${file}:${other.line}: ${name} of the module ${other.module} is not run\n`);
  }
  await runImageActions(await resolveTasks(tasks, variables, functions), options, context);
}
