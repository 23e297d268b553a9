/** Reads task lists and playbooks of KubeKey, for their `image` tasks. */

import {
  checkKeys,
  Faults,
  type MapEntry,
  type MapNode,
  type Node,
  parseDocument,
  readBoolean,
  readMap,
  readText,
  splitDocuments,
  textField,
} from '@kubecrate/documents';
import { KubecrateError } from '@kubecrate/errors';
import { checkArguments, isMoveKey } from './check-arguments.ts';
import type { ActionKind, ImageTask, OtherTask, TaskAction, TaskFile } from './task.ts';
import { ACTIONS, isAction, isMisspelt, MODULES, modulesOf, TASK_KEYS, TASK_LISTS } from './task-modules.ts';

/**
 * Reads a list of tasks, a playbook (a list of plays with `tasks`), or a single task. `pull`, `push` and `copy` may stand under
 * `image` or directly in the task, as the documentation has it; `src` and `dest` stand under `image`, as from KubeKey 4.0.5 on.
 * A task that is wrong by itself is among the tasks, with its faults.
 * @throws KubecrateError INVALID_CONFIG that names every fault with its line, where the file does not parse or holds no image task
 */
export async function readTasks(text: string, file: string): Promise<TaskFile> {
  const reading: Reading = { faults: new Faults(file), tasks: [], others: [] };
  for (const document of splitDocuments(text.replace(/^\uFEFF/, ''))) {
    const { root, problem } = await parseDocument(document);
    if (root === undefined) reading.faults.at(problem ?? document.line, problem?.message ?? 'it is no YAML');
    else readList(root.kind === 'list' ? root.items : [root], [], reading);
  }
  reading.faults.throwIfAny('INVALID_CONFIG', `cannot read the tasks of ${JSON.stringify(file)}`);
  if (reading.tasks.length === 0) throw noTask(file);
  return { tasks: reading.tasks, others: reading.others };
}

function noTask(file: string): KubecrateError {
  return new KubecrateError('INVALID_CONFIG', `${JSON.stringify(file)} holds no image task`, {
    hint: 'a task is written as "- image: {pull: {images_dir: DIR, manifests: [NAME]}}"; rules of image-syncer are for kubecrate sync --images',
  });
}

interface Reading {
  /** What makes the whole file unusable. */
  readonly faults: Faults;
  readonly tasks: ImageTask[];
  readonly others: OtherTask[];
}

function readList(items: readonly Node[], variables: readonly MapNode[], reading: Reading): void {
  for (const item of items) {
    const own = new Faults(reading.faults.file);
    const map = readMap(item, 'a task', own);
    if (map === undefined) {
      reading.tasks.push(faultyTask(item.line, own));
      continue;
    }
    const lists = map.entries.filter(({ key }) => TASK_LISTS.includes(key));
    const given = entryOf(map, 'vars');
    const vars = given && readMap(given.value, 'vars', lists.length === 0 ? own : reading.faults);
    const inner = vars === undefined ? variables : [...variables, vars];
    for (const { key, value } of lists) {
      if (value.kind === 'list') readList(value.items, inner, reading);
      else reading.faults.at(value.line, `${key} should be a list of tasks`);
    }
    if (lists.length === 0) readTask(map, inner, { ...reading, faults: own });
    // A condition on a block or a play holds for its tasks; running them without it would be wrong.
    else if (entryOf(map, 'when') !== undefined) {
      reading.faults.at(map.line, 'a condition on several tasks is not supported; write it at each of them');
    }
  }
}

/** What should be a task and cannot be read as one. */
function faultyTask(line: number, faults: Faults): ImageTask {
  const { file } = faults;
  return { name: '', file, line, actions: [], when: [], variables: [], onError: 'stop', faults: errorsOf(faults) };
}

function errorsOf({ lines }: Faults): readonly KubecrateError[] {
  return lines.map((line) => new KubecrateError('INVALID_CONFIG', line));
}

/** `reading.faults` are those of this task alone. */
function readTask(map: MapNode, variables: readonly MapNode[], reading: Reading): void {
  const { faults, tasks, others } = reading;
  const name = textField(map, 'name') ?? '';
  const { file } = faults;
  const { line } = map;
  const modules = modulesOf(map, faults);
  const image = modules.find(({ key }) => key === 'image');
  const direct = modules.filter(isAction);
  const [module] = modules;
  if (image === undefined && direct.length === 0) {
    if (module === undefined && faults.count === 0) faults.at(line, 'a task without a module');
    if (module !== undefined && faults.count === 0) others.push({ name, file, line, module: module.key });
    else tasks.push({ ...faultyTask(line, faults), name });
    return;
  }
  checkKeys({ ...map, entries: map.entries.filter(({ key }) => !isMisspelt(key)) }, [...TASK_KEYS, ...MODULES], faults);
  const loop = entryOf(map, 'loop')?.value;
  const ignored = entryOf(map, 'ignore_errors');
  const task = {
    ...{ name, file, line },
    actions: [...(image === undefined ? [] : readImage(image, faults)), ...readActions(direct, faults)].sort(byKind),
    when: readConditions(map, faults),
    ...(loop === undefined ? {} : { loop }),
    variables,
    onError: ignored !== undefined && readBoolean(ignored, faults) ? 'go-on' : 'stop',
  } as const;
  tasks.push({ ...task, faults: errorsOf(faults) });
}

function readImage(image: MapEntry, faults: Faults): readonly TaskAction[] {
  const map = readMap(image.value, 'image', faults);
  if (map === undefined) return [];
  const later = map.entries.find(({ key }) => isMoveKey(key));
  if (later !== undefined) {
    const mixed = map.entries.find(({ key }) => ACTIONS.includes(key as ActionKind));
    if (mixed !== undefined) faults.at(mixed.line, `${mixed.key} cannot stand beside ${later.key}`);
    else checkArguments('move', map, faults);
    return [{ kind: 'move', line: image.line, arguments: map }];
  }
  checkKeys(map, ACTIONS, faults);
  if (map.entries.length === 0) faults.at(map.line, 'image has neither pull nor push nor copy');
  return readActions(map.entries, faults);
}

function readActions(entries: readonly MapEntry[], faults: Faults): readonly TaskAction[] {
  return entries.flatMap(({ key, line, value }) => {
    if (!ACTIONS.includes(key as ActionKind)) return [];
    const kind = key as ActionKind;
    const map = readMap(value, kind, faults);
    if (map === undefined) return [];
    checkArguments(kind, map, faults);
    return [{ kind, line, arguments: map }];
  });
}

function byKind(a: TaskAction, b: TaskAction): number {
  return ACTIONS.indexOf(a.kind) - ACTIONS.indexOf(b.kind);
}

function readConditions(map: MapNode, faults: Faults): ImageTask['when'] {
  const entry = entryOf(map, 'when');
  if (entry === undefined) return [];
  const nodes = entry.value.kind === 'list' ? entry.value.items : [entry.value];
  return nodes.flatMap((value) => {
    if (value.kind === 'scalar') return [{ text: value.text, line: value.line }];
    readText({ ...entry, value }, faults);
    return [];
  });
}

function entryOf(map: MapNode, key: string): MapEntry | undefined {
  return map.entries.find((entry) => entry.key === key);
}
