/** Runs actions one after the other, the images of each at once. */

import { hasCode, NotFoundError } from '@kubecrate/errors';
import { formatReference } from '@kubecrate/oci';
import { openKubekeyDirectory } from '@kubecrate/stores';
import type { Action, CopyAction, PushAction } from './action.ts';
import { COMMAND_LINE } from './action-of-flags.ts';
import { Fillings, pathOf } from './fillings.ts';
import { NO_IMAGES, type StoredImage, type StoredImages } from './image-name.ts';
import { loginFor, type MoveOptions, moveImages } from './move-images.ts';
import { type PlannedImage, planImages, type RefusedImage, type VainPattern } from './plan-images.ts';
import type { ActionReport, ImageOutcome } from './report.ts';
import type { ResolvedAction, Step } from './resolve-tasks.ts';

export interface RunOptions extends MoveOptions {
  /** `dry-run` says what would move, and moves nothing. Default `run`. */
  readonly mode?: 'run' | 'dry-run';
}

/**
 * Runs everything and yields a report after each action. One image that fails stops neither the others of its action nor the actions
 * after it, and a task that is wrong stops no other. Only what reads a directory is not run where an action before it was to fill that
 * directory and nothing of it came about, unless the task of that action says `ignore_errors`.
 * @throws the reason of `options.signal` where the run is aborted
 */
export async function* runActions(steps: readonly Step[], options: RunOptions): AsyncGenerator<ActionReport> {
  const promised = new Map<string, StoredImage[]>();
  const fillings = new Fillings();
  for (const step of steps) {
    options.signal?.throwIfAborted();
    const { onError, ...task } = step.task;
    if ('error' in step) {
      if (onError === 'stop') fillings.failed(step.fills);
      yield { task, status: 'failed', images: [], strays: [], error: step.error };
      continue;
    }
    const { action } = step;
    const directory = directoryOf(action);
    const report = { task, kind: action.kind, ...(directory === undefined ? {} : { directory }) };
    if (isRead(action) && directory !== undefined && fillings.isVain(directory)) {
      fillings.failed(filledBy(action));
      yield { ...report, status: 'not-run', images: [], strays: [] };
      continue;
    }
    const outcome = await runAction(step, promised, options);
    if (!isVain(outcome)) fillings.done(filledBy(action));
    else if (onError === 'stop') fillings.failed(filledBy(action));
    yield { ...report, ...outcome };
  }
}

/** True where nothing of an action came about. */
function isVain({ status, images, error }: Outcome): boolean {
  return status === 'failed' && (error !== undefined || images.every((image) => image.status === 'failed'));
}

type Outcome = Pick<ActionReport, 'status' | 'images' | 'strays' | 'error'>;

/** `promised` are the images that a dry run would have put into a directory by now. */
async function runAction(
  { task, action }: ResolvedAction,
  promised: Map<string, StoredImage[]>,
  options: RunOptions,
): Promise<Outcome> {
  const { signal, mode = 'run' } = options;
  let strays: Outcome['strays'] = [];
  try {
    const found = isRead(action) ? await listDirectory(action, promised, options) : undefined;
    strays = found?.strays ?? [];
    const { planned, refused, vainPattern } = planImages(action, found ?? NO_IMAGES);
    if (vainPattern !== undefined) options.onEvent?.({ type: 'warning', message: told(vainPattern, task) });
    if (mode === 'dry-run') promise(promised, action, planned);
    if (mode === 'dry-run' && action.kind === 'push') loginFor(action, planned);
    const moved = mode === 'dry-run' ? planned.map(asPlanned) : await moveImages(action, planned, options);
    const images = [...moved, ...refused.map(asFailed)];
    const isFailed = images.some(({ status }) => status === 'failed');
    return { status: isFailed ? 'failed' : 'success', images, strays };
  } catch (error) {
    signal?.throwIfAborted();
    return { status: 'failed', images: [], strays, error };
  }
}

function told({ text, count }: VainPattern, { file, line }: ResolvedAction['task']): string {
  const place = file === COMMAND_LINE ? '' : `${file}:${line}: `;
  return `${place}the pattern ${JSON.stringify(text)} is found in no image, ${count} ${count === 1 ? 'was' : 'were'} looked at`;
}

/** A directory that is not there yet holds nothing, where a dry run would have made it. */
async function listDirectory(
  action: PushAction | CopyAction,
  promised: ReadonlyMap<string, readonly StoredImage[]>,
  { signal, mode }: RunOptions,
): Promise<StoredImages & { readonly strays: Outcome['strays'] }> {
  const path = action.kind === 'copy' ? action.from : action.directory;
  const coming = promised.get(pathOf(path)) ?? [];
  try {
    const directory = await openKubekeyDirectory(path, { access: 'read' });
    const { images, broken, manifests, strays } = await directory.images(signal === undefined ? {} : { signal });
    const names = new Set(images.map(formatReference));
    const all = [...images, ...coming.filter((image) => !names.has(formatReference(image)))];
    const mended = new Set(coming.map(formatReference));
    const left = broken.filter((image) => !mended.has(formatReference(image)));
    if (all.length === 0 && left.length === 0)
      throw new NotFoundError(`${JSON.stringify(path)} holds no image`, {
        hint: 'give the directory that image pull wrote, the one that holds blobs/',
      });
    return { images: all, broken: left, manifests, strays };
  } catch (error) {
    if (mode === 'dry-run' && coming.length > 0 && hasCode(error, 'NOT_FOUND'))
      return { ...NO_IMAGES, images: coming, strays: [] };
    throw error;
  }
}

function promise(promised: Map<string, StoredImage[]>, action: Action, planned: readonly PlannedImage[]): void {
  if (action.kind === 'push' || action.kind === 'transfer') return;
  const path = pathOf(action.kind === 'pull' ? action.directory : action.to);
  const images = planned.map(({ destination }) => ({
    ...destination,
    spellings: [`${destination.domain}/${destination.repository}:${destination.tag ?? destination.digest ?? ''}`],
  }));
  promised.set(path, [...(promised.get(path) ?? []), ...images]);
}

function isRead(action: Action): action is PushAction | CopyAction {
  return action.kind === 'push' || action.kind === 'copy';
}

function directoryOf(action: Action): string | undefined {
  if (action.kind === 'transfer') return undefined;
  return action.kind === 'copy' ? action.from : action.directory;
}

function filledBy(action: Action): readonly string[] {
  if (action.kind === 'pull') return [action.directory];
  return action.kind === 'copy' ? [action.to] : [];
}

function asPlanned({ source, destination }: PlannedImage): ImageOutcome {
  return { source: formatReference(source), destination: formatReference(destination), status: 'planned' };
}

function asFailed({ source, error }: RefusedImage): ImageOutcome {
  return { source: formatReference(source), status: 'failed', error };
}
