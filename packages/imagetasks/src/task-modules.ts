/** Which keys of a task are its modules, and which of them are meant where they are misspelt. */

import { type Faults, field, type MapEntry, type MapNode } from '@kubecrate/documents';
import { nearestTo } from '@kubecrate/errors';
import type { ActionKind } from './task.ts';

/** Keys whose value is a list of tasks. */
export const TASK_LISTS: readonly string[] = ['pre_tasks', 'tasks', 'post_tasks', 'block', 'rescue', 'always'];

/** Keys of a task that are not modules; those of the second line change nothing here: what moves is retried anyway. */
export const TASK_KEYS: readonly string[] = [
  ...['name', 'when', 'loop', 'vars', 'ignore_errors'],
  ...[
    'register',
    'retries',
    'delay',
    'until',
    'tags',
    'run_once',
    'hosts',
    'gather_facts',
    'any_errors_fatal',
    'serial',
  ],
];

export const ACTIONS: readonly ActionKind[] = ['pull', 'copy', 'push'];

/** What an image task is known by. */
export const MODULES: readonly string[] = ['image', ...ACTIONS];

/** The entries that are no keys of every task. One that is misspelt is a fault, and is read as what was meant. */
export function modulesOf(map: MapNode, faults: Faults): readonly MapEntry[] {
  return map.entries.flatMap((entry) => {
    const { key, line, value } = entry;
    if (TASK_KEYS.includes(key)) return [];
    const meant = isMisspelt(key) ? nearestTo(key, MODULES) : listMeant(entry);
    if (meant === undefined) return [entry];
    faults.at(line, `unknown key ${JSON.stringify(key)}; did you mean ${JSON.stringify(meant)}?`);
    return MODULES.includes(meant) ? [{ key: meant, line, value }] : [];
  });
}

/** True for `pull`, `push` and `copy`; KubeKey has another module `copy`, for files, which has neither `from` nor `to`. */
export function isAction({ key, value }: MapEntry): boolean {
  if (key !== 'copy') return ACTIONS.some((action) => action === key);
  return field(value, 'from', 'to') !== undefined || value.kind !== 'map';
}

/** True for a key that is nearly a module of images. */
export function isMisspelt(key: string): boolean {
  return !MODULES.includes(key) && nearestTo(key, MODULES) !== undefined;
}

/** No other module has a list as its arguments. */
function listMeant({ key, value }: MapEntry): string | undefined {
  return value.kind === 'list' ? nearestTo(key, TASK_LISTS) : undefined;
}
