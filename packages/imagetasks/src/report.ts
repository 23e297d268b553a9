/** What a run of tasks did. */

import type { Descriptor } from '@kubecrate/oci';
import type { Action } from './action.ts';
import type { ImageTask } from './task.ts';

/** How one image ended. */
export interface ImageOutcome {
  /** `docker.io/library/nginx:1.25`; where it comes from a directory, the name it has there. */
  readonly source: string;
  /** Absent where the name of an image gives none. */
  readonly destination?: string;
  /** `skipped`: it has none of the wanted platforms, and the policy is to go on. `planned`: nothing moves in a dry run. */
  readonly status: 'copied' | 'unchanged' | 'skipped' | 'planned' | 'failed';
  readonly descriptor?: Descriptor;
  readonly error?: unknown;
}

/** How one action of a task ended. */
export interface ActionReport {
  readonly task: Pick<ImageTask, 'name' | 'file' | 'line'>;
  /** Absent where a task is wrong by itself. */
  readonly kind?: Action['kind'];
  /** The directory that is written by a pull, read by a push; of a copy, the one that is read; absent between registries. */
  readonly directory?: string;
  /** `not-run`: a task before it was to fill the directory, and nothing came into it. */
  readonly status: 'success' | 'failed' | 'not-run';
  /** In the order in which they are given, or of their names in the directory; those that have no destination last. */
  readonly images: readonly ImageOutcome[];
  /** Files of the directory that are no part of an image. */
  readonly strays: readonly { readonly path: string; readonly reason: string }[];
  /** Why the action as a whole failed; failures of single images are with the images. */
  readonly error?: unknown;
}
