/** Tasks to actions: conditions decided, loops unrolled, templates rendered, before anything moves. */

import type { FunctionMap, GoMap, GoValue } from '@kubecrate/gotemplate';
import type { Action } from './action.ts';
import { Arguments, type RenderContext } from './arguments.ts';
import { checkTemplates } from './check-templates.ts';
import { holds } from './render.ts';
import { resolveAction } from './resolve-action.ts';
import type { ImageTask } from './task.ts';
import { overlay, valueOfNode } from './variables.ts';

/** An action of a task, ready to run. */
export interface ResolvedAction {
  readonly task: Pick<ImageTask, 'name' | 'file' | 'line' | 'onError'>;
  readonly action: Action;
}

/** Tasks whose conditions do not hold are checked, and left out. @throws as {@link resolveAction} does */
export async function resolveTasks(
  tasks: readonly ImageTask[],
  variables: GoMap,
  functions: FunctionMap,
): Promise<readonly ResolvedAction[]> {
  for (const task of tasks) checkTemplates(task, functions);
  const resolved: ResolvedAction[] = [];
  for (const task of tasks) {
    const { name, file, line, onError, actions } = task;
    for (const scope of await scopesOf(task, variables, functions)) {
      if (!holds(task.when, scope, file, functions)) continue;
      for (const action of actions) {
        const context: RenderContext = { file, variables: scope, functions };
        resolved.push({ task: { name, file, line, onError }, action: await resolveAction(action, context) });
      }
    }
  }
  return resolved;
}

/** The variables of a task, once for each item of its loop. What is given from outside weighs more than what the file says. */
async function scopesOf(task: ImageTask, given: GoMap, functions: FunctionMap): Promise<readonly GoMap[]> {
  const inFile = task.variables.reduce<GoMap>((outer, node) => overlay(outer, asMap(valueOfNode(node))), new Map());
  const scope = overlay(inFile, given);
  if (task.loop === undefined) return [scope];
  const loop = { kind: 'map', line: task.line, entries: [{ key: 'loop', line: task.line, value: task.loop }] } as const;
  const items = await new Arguments(loop, 'task', { file: task.file, variables: scope, functions }).items('loop');
  return items.map((item) => overlay(scope, new Map([['item', valueOfNode(item)]])));
}

function asMap(value: GoValue): GoMap {
  return value instanceof Map ? value : new Map();
}
