/** Runs actions one after the other, the images of each at once. */

import { hasCode, KubecrateError, NotFoundError } from '@kubecrate/errors';
import { formatReference } from '@kubecrate/oci';
import { openKubekeyDirectory } from '@kubecrate/stores';
import type { Action, CopyAction, PushAction } from './action.ts';
import { NO_IMAGES, type StoredImage, type StoredImages } from './image-name.ts';
import { loginFor, type MoveOptions, moveImages } from './move-images.ts';
import { type PlannedImage, planImages, type RefusedImage } from './plan-images.ts';
import type { ActionReport, ImageOutcome } from './report.ts';
import type { ResolvedAction } from './resolve-tasks.ts';

export interface RunOptions extends MoveOptions {
  /** `dry-run` says what would move, and moves nothing. Default `run`. */
  readonly mode?: 'run' | 'dry-run';
}

/**
 * Runs everything and yields a report after each action. One image that fails stops neither the others of its action nor the actions
 * after it; an action that fails as a whole, or all of whose images fail, stops what comes after it, unless its task says
 * `ignore_errors`. Where it is known from the start that an action will be refused, nothing moves at all.
 * @throws the reason of `options.signal` where the run is aborted
 */
export async function* runActions(
  actions: readonly ResolvedAction[],
  options: RunOptions,
): AsyncGenerator<ActionReport> {
  const promised = new Map<string, StoredImage[]>();
  const refusal = options.mode === 'dry-run' ? undefined : await rehearse(actions, options);
  let hasFailed = false;
  for (const [at, { task, action }] of actions.entries()) {
    options.signal?.throwIfAborted();
    const { onError, ...named } = task;
    const directory = directoryOf(action);
    const report = { task: named, kind: action.kind, ...(directory === undefined ? {} : { directory }) };
    if (hasFailed || (refusal !== undefined && refusal.at !== at)) {
      yield { ...report, status: 'not-run', images: [], strays: [] };
      continue;
    }
    const outcome = refusal?.outcome ?? (await runAction(action, promised, options));
    yield { ...report, ...outcome };
    hasFailed = isVain(outcome) && onError === 'stop';
  }
}

/**
 * The first action that no run could carry out, found by planning all of them: a name that a template gives and that is none, one
 * destination for several images. What only the run can tell (a directory that is not there yet) is left to it.
 */
async function rehearse(
  actions: readonly ResolvedAction[],
  options: RunOptions,
): Promise<{ readonly at: number; readonly outcome: Outcome } | undefined> {
  const promised = new Map<string, StoredImage[]>();
  for (const [at, { task, action }] of actions.entries()) {
    const outcome = await runAction(action, promised, { ...options, mode: 'dry-run' });
    const errors = [outcome.error, ...outcome.images.map(({ error }) => error)].filter((error) => error !== undefined);
    if (isVain(outcome) && errors.every(isMistake) && task.onError === 'stop') return { at, outcome };
  }
  return undefined;
}

/** True for what the tasks say wrong, as against what is wrong in a registry or on a disk. */
function isMistake(error: unknown): boolean {
  return error instanceof KubecrateError && MISTAKES.has(error.code);
}

const MISTAKES: ReadonlySet<string> = new Set(['INVALID_TEMPLATE', 'INVALID_REFERENCE', 'INVALID_CONFIG', 'CONFLICT']);

/** True where nothing of an action came about. */
function isVain({ status, images, error }: Outcome): boolean {
  return status === 'failed' && (error !== undefined || images.every((image) => image.status === 'failed'));
}

type Outcome = Pick<ActionReport, 'status' | 'images' | 'strays' | 'error'>;

/** `promised` are the images that a dry run would have put into a directory by now. */
async function runAction(action: Action, promised: Map<string, StoredImage[]>, options: RunOptions): Promise<Outcome> {
  const { signal, mode = 'run' } = options;
  let strays: Outcome['strays'] = [];
  try {
    const found = isRead(action) ? await listDirectory(action, promised, options) : undefined;
    strays = found?.strays ?? [];
    const { planned, refused } = planImages(action, found ?? NO_IMAGES);
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

/** A directory that is not there yet holds nothing, where a dry run would have made it. */
async function listDirectory(
  action: PushAction | CopyAction,
  promised: ReadonlyMap<string, readonly StoredImage[]>,
  { signal, mode }: RunOptions,
): Promise<StoredImages & { readonly strays: Outcome['strays'] }> {
  const path = action.kind === 'copy' ? action.from : action.directory;
  const coming = promised.get(path) ?? [];
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
