/** What a file of tasks says, before its templates are rendered. */

import type { MapNode, Node } from '@kubecrate/documents';
import type { KubecrateError } from '@kubecrate/errors';

/** What an `image` task does, in the order in which it does it; `move` is the form of KubeKey 4.0.5 with `src` and `dest`. */
export type ActionKind = 'pull' | 'copy' | 'push' | 'move';

/** One action of a task with its arguments as they are written. */
export interface TaskAction {
  readonly kind: ActionKind;
  readonly line: number;
  readonly arguments: MapNode;
}

/** A task that moves images. */
export interface ImageTask {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly actions: readonly TaskAction[];
  /** Conditions that all have to hold: bare expressions of templates. */
  readonly when: readonly { readonly text: string; readonly line: number }[];
  /** The task is done once for each value of it, as `.item`. */
  readonly loop?: Node;
  /** Variables of the play and of the task, outer ones first. */
  readonly variables: readonly MapNode[];
  readonly onError: 'stop' | 'go-on';
  /** What is wrong with how it is written, with file and line; a task with faults is not run. */
  readonly faults: readonly KubecrateError[];
}

/** A task of another module, which is not run. */
export interface OtherTask {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly module: string;
}

export interface TaskFile {
  /** In the order of the file. */
  readonly tasks: readonly ImageTask[];
  readonly others: readonly OtherTask[];
}
