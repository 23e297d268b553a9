/** Tasks to actions: conditions decided, loops unrolled, templates rendered, before anything moves. */

import { KubecrateError } from '@kubecrate/errors';
import type { FunctionMap, GoMap, GoValue } from '@kubecrate/gotemplate';
import type { Action } from './action.ts';
import { Arguments, type RenderContext } from './arguments.ts';
import { templateFaults } from './check-templates.ts';
import { directoryToFill } from './directory-to-fill.ts';
import { holds } from './render.ts';
import { resolveAction } from './resolve-action.ts';
import type { ImageTask } from './task.ts';
import { taskFault } from './task-fault.ts';
import { overlay, valueOfNode } from './variables.ts';

type TaskPlace = Pick<ImageTask, 'name' | 'file' | 'line' | 'onError'>;

/** An action of a task, ready to run. */
export interface ResolvedAction {
  readonly task: TaskPlace;
  readonly action: Action;
}

/** A task, or one round of its loop, that is wrong by itself; the others are not. */
export interface RefusedTask {
  readonly task: TaskPlace;
  /** All that is wrong with it, each with file and line. */
  readonly error: KubecrateError;
  /** The directories that it was to fill, as far as they are known. */
  readonly fills: readonly string[];
}

export type Step = ResolvedAction | RefusedTask;

/** Tasks whose conditions do not hold are checked, and left out. A task that is wrong comes back with what is wrong. */
export async function resolveTasks(
  tasks: readonly ImageTask[],
  variables: GoMap,
  functions: FunctionMap,
): Promise<readonly Step[]> {
  const steps: Step[] = [];
  for (const task of tasks) steps.push(...(await stepsOf(task, variables, functions)));
  return steps;
}

async function stepsOf(task: ImageTask, given: GoMap, functions: FunctionMap): Promise<readonly Step[]> {
  const scope = scopeOf(task, given);
  const faults = [...task.faults, ...templateFaults(task, functions)];
  if (faults.length > 0) return [refused(task, faults, scope, functions)];
  const scopes = await attempt(() => roundsOf(task, scope, functions));
  if (scopes instanceof KubecrateError) return [refused(task, [scopes], scope, functions)];
  const rounds = await Promise.all(scopes.map((round) => roundOf(task, round, functions)));
  return rounds.flat();
}

async function roundOf(task: ImageTask, scope: GoMap, functions: FunctionMap): Promise<readonly Step[]> {
  const { name, file, line, onError, when, actions } = task;
  const isMeant = await attempt(async () => holds(when, scope, file, functions));
  if (isMeant instanceof KubecrateError) return [refused(task, [isMeant], scope, functions)];
  if (!isMeant) return [];
  const context: RenderContext = { file, variables: scope, functions };
  const resolved = await Promise.all(actions.map((action) => attempt(() => resolveAction(action, context))));
  const errors = resolved.filter((one) => one instanceof KubecrateError);
  if (errors.length > 0) return [refused(task, errors, scope, functions)];
  return resolved.flatMap((action) =>
    action instanceof KubecrateError ? [] : [{ task: { name, file, line, onError }, action }],
  );
}

function refused(
  task: ImageTask,
  errors: readonly KubecrateError[],
  variables: GoMap,
  functions: FunctionMap,
): RefusedTask {
  const { name, file, line, onError, actions } = task;
  const fills = actions.flatMap((action) => directoryToFill(action, { file, variables, functions }) ?? []);
  return { task: { name, file, line, onError }, error: taskFault(task, errors), fills };
}

async function attempt<T>(work: () => Promise<T>): Promise<T | KubecrateError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof KubecrateError) return error;
    throw error;
  }
}

/** The variables of a task. What is given from outside weighs more than what the file says. */
function scopeOf(task: ImageTask, given: GoMap): GoMap {
  const inFile = task.variables.reduce<GoMap>((outer, node) => overlay(outer, asMap(valueOfNode(node))), new Map());
  return overlay(inFile, given);
}

/** The variables once for each item of the loop of a task. */
async function roundsOf(task: ImageTask, scope: GoMap, functions: FunctionMap): Promise<readonly GoMap[]> {
  if (task.loop === undefined) return [scope];
  const loop = { kind: 'map', line: task.line, entries: [{ key: 'loop', line: task.line, value: task.loop }] } as const;
  const items = await new Arguments(loop, 'task', { file: task.file, variables: scope, functions }).items('loop');
  return items.map((item) => overlay(scope, new Map([['item', valueOfNode(item)]])));
}

function asMap(value: GoValue): GoMap {
  return value instanceof Map ? value : new Map();
}
