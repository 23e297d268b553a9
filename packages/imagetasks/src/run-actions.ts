/** Runs actions one after the other, the images of each at once. */

import { hasCode } from '@kubecrate/errors';
import { formatReference } from '@kubecrate/oci';
import { openKubekeyDirectory } from '@kubecrate/stores';
import type { Action, CopyAction, PushAction } from './action.ts';
import type { StoredImage } from './image-name.ts';
import { type MoveOptions, moveImages } from './move-images.ts';
import { type PlannedImage, planImages, type RefusedImage } from './plan-images.ts';
import type { ActionReport, ImageOutcome } from './report.ts';
import type { ResolvedAction } from './resolve-tasks.ts';

export interface RunOptions extends MoveOptions {
  /** `dry-run` says what would move, and moves nothing. Default `run`. */
  readonly mode?: 'run' | 'dry-run';
}

/**
 * Runs everything and yields a report after each action. One image that fails does not stop the others of its action; an action that
 * fails stops what comes after it, unless its task says `ignore_errors`.
 * @throws the reason of `options.signal` where the run is aborted
 */
export async function* runActions(
  actions: readonly ResolvedAction[],
  options: RunOptions,
): AsyncGenerator<ActionReport> {
  const promised = new Map<string, StoredImage[]>();
  let hasFailed = false;
  for (const { task, action } of actions) {
    options.signal?.throwIfAborted();
    const { onError, ...named } = task;
    const directory = directoryOf(action);
    const report = { task: named, kind: action.kind, ...(directory === undefined ? {} : { directory }) };
    if (hasFailed) {
      yield { ...report, status: 'not-run', images: [], strays: [] };
      continue;
    }
    const outcome = await runAction(action, promised, options);
    yield { ...report, ...outcome };
    hasFailed = outcome.status === 'failed' && onError === 'stop';
  }
}

type Outcome = Pick<ActionReport, 'status' | 'images' | 'strays' | 'error'>;

/** `promised` are the images that a dry run would have put into a directory by now. */
async function runAction(action: Action, promised: Map<string, StoredImage[]>, options: RunOptions): Promise<Outcome> {
  const { signal, mode = 'run' } = options;
  let strays: Outcome['strays'] = [];
  try {
    const found = isRead(action) ? await listDirectory(action, promised, options) : undefined;
    strays = found?.strays ?? [];
    const { planned, refused } = planImages(action, found?.images ?? []);
    if (mode === 'dry-run') promise(promised, action, planned);
    const moved = mode === 'dry-run' ? planned.map(asPlanned) : await moveImages(action, planned, options);
    const images = [...moved, ...refused.map(asFailed)];
    const isFailed = images.some(({ status }) => status === 'failed');
    return { status: isFailed ? 'failed' : 'success', images, strays };
  } catch (error) {
    signal?.throwIfAborted();
    return { status: 'failed', images: [], strays, error };
  }
}

/** A directory that is not there yet holds nothing, where a dry run would have made it. */
async function listDirectory(
  action: PushAction | CopyAction,
  promised: ReadonlyMap<string, readonly StoredImage[]>,
  { signal, mode }: RunOptions,
): Promise<{ readonly images: readonly StoredImage[]; readonly strays: Outcome['strays'] }> {
  const path = action.kind === 'copy' ? action.from : action.directory;
  const coming = promised.get(path) ?? [];
  try {
    const directory = await openKubekeyDirectory(path, { access: 'read' });
    const { images, strays } = await directory.images(signal === undefined ? {} : { signal });
    const names = new Set(images.map(formatReference));
    return { images: [...images, ...coming.filter((image) => !names.has(formatReference(image)))], strays };
  } catch (error) {
    if (mode === 'dry-run' && coming.length > 0 && hasCode(error, 'NOT_FOUND')) return { images: coming, strays: [] };
    throw error;
  }
}

function promise(promised: Map<string, StoredImage[]>, action: Action, planned: readonly PlannedImage[]): void {
  if (action.kind === 'push' || action.kind === 'transfer') return;
  const path = action.kind === 'pull' ? action.directory : action.to;
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

function asPlanned({ source, destination }: PlannedImage): ImageOutcome {
  return { source: formatReference(source), destination: formatReference(destination), status: 'planned' };
}

function asFailed({ source, error }: RefusedImage): ImageOutcome {
  return { source: formatReference(source), status: 'failed', error };
}
