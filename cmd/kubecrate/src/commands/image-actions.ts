/** Runs image actions, and says what they did. */

import { KubecrateError, messageOf } from '@kubecrate/errors';
import { type Action, type ActionReport, runActions, type Step } from '@kubecrate/imagetasks';
import type { Context } from '../context.ts';
import { readRegistryConfig } from '../options.ts';
import { errorFields } from '../reporters/json.ts';
import { openReporter } from '../reporters/reporter.ts';
import { writeJson } from '../text.ts';
import type { ImageRunOptions } from './image-options.ts';

/** @throws KubecrateError PARTIAL_FAILURE that names task and image of each failure, once everything else is done */
export async function runImageActions(
  steps: readonly Step[],
  options: ImageRunOptions,
  context: Context,
): Promise<void> {
  const { stdout, stderr, signal } = context;
  using reporter = await openReporter(options.progress, context, { verb: 'copied' });
  const reports: ActionReport[] = [];
  const running = runActions(steps, {
    registry: await readRegistryConfig(options, context),
    mode: options.dryRun === true ? 'dry-run' : 'run',
    ...(options.layout === undefined ? {} : { layout: options.layout }),
    signal,
    onEvent: reporter.onEvent,
  });
  for await (const report of running) {
    for (const { path, reason } of report.strays.slice(0, MOST_STRAYS))
      stderr.write(`warning: ${report.directory}/${path} is passed over: ${reason}\n`);
    if (report.strays.length > MOST_STRAYS)
      stderr.write(`warning: ${report.directory}: ${report.strays.length - MOST_STRAYS} more files are passed over\n`);
    if (options.output === 'text') for (const line of linesOf(report, steps[reports.length])) stdout.write(line);
    reports.push(report);
  }
  reporter[Symbol.dispose]();
  if (options.output === 'json') writeJson(stdout, reports.map(documentOf));
  refuseFailed(reports);
  if (options.output === 'text' && options.dryRun !== true) stdout.write('Success\n');
}

/** More than these tell nobody more; `--output json` has them all. */
const MOST_STRAYS = 10;

/** `copied SOURCE => DESTINATION`; directories hold an image under its own name, so theirs is shown instead. */
function linesOf({ images }: ActionReport, step: Step | undefined): readonly string[] {
  const action: Action | undefined = step !== undefined && 'action' in step ? step.action : undefined;
  const directory = action?.kind === 'pull' ? action.directory : action?.kind === 'copy' ? action.to : undefined;
  return images
    .filter(({ status }) => status !== 'failed')
    .map(({ status, source, destination }) => {
      const verb = status === 'planned' ? '' : `${status} `;
      return `${verb}${source} => ${directory ?? destination}\n`;
    });
}

function refuseFailed(reports: readonly ActionReport[]): void {
  const lines = reports.flatMap(failuresOf);
  if (lines.length === 0) return;
  throw new KubecrateError('PARTIAL_FAILURE', `not all images were moved:\n${lines.join('\n')}`, {
    hint: 'mend what is named above and run the same command again: what is there already is not copied again',
  });
}

function failuresOf(report: ActionReport): readonly string[] {
  const { status, images, error } = report;
  if (status === 'not-run')
    return [`  ${placeOf(report)} was not run: nothing came into ${JSON.stringify(report.directory)}`];
  // A task that is wrong by itself has its place, and its name, on each line of its error.
  if (report.kind === undefined) return [`  ${messageOf(error).replaceAll('\n', '\n  ')}${hintOf(error)}`];
  if (error !== undefined) return [`  ${placeOf(report)}: ${messageOf(error)}${hintOf(error)}`];
  return images
    .filter((image) => image.status === 'failed')
    .map((image) => `  ${placeOf(report)}: ${image.source}: ${messageOf(image.error)}${hintOf(image.error)}`);
}

/** `tasks.yaml:3: task "pull images": pull`; what comes of flags has no place. */
function placeOf({ task: { name, file, line }, kind }: ActionReport): string {
  if (file === 'command line') return name;
  return `${file}:${line}: ${name === '' ? 'task' : `task ${JSON.stringify(name)}`}: ${kind}`;
}

function hintOf(error: unknown): string {
  return error instanceof KubecrateError && error.hint !== undefined ? `\n    ${error.hint}` : '';
}

function documentOf({ task, kind, directory, status, images, strays, error }: ActionReport): object {
  return {
    task,
    action: kind,
    directory,
    status,
    images: images.map(({ source, destination, status, descriptor, error }) => ({
      source,
      destination,
      status,
      ...(descriptor === undefined
        ? {}
        : { mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size }),
      ...(error === undefined ? {} : { error: errorFields(error) }),
    })),
    strays,
    ...(error === undefined ? {} : { error: errorFields(error) }),
  };
}
