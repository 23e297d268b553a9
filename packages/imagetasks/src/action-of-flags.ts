/** An action without a file: the same arguments as flags of the command line. */

import { Faults, type MapNode, type Node } from '@kubecrate/documents';
import type { FunctionMap, GoMap } from '@kubecrate/gotemplate';
import type { Action } from './action.ts';
import { checkArguments } from './check-arguments.ts';
import { resolveAction } from './resolve-action.ts';
import type { ActionKind } from './task.ts';

/** Arguments by the names that tasks give them: `{ images_dir: '/i', manifests: ['nginx'], auths: [{ registry: 'q.io', ... }] }`. */
export interface FlagValues {
  readonly [name: string]: FlagValue;
}

export type FlagValue = string | boolean | undefined | readonly FlagValue[] | FlagValues;

/** Templates in values are rendered, as they are in a file. @throws as {@link resolveAction} does */
export async function actionOfFlags(
  kind: ActionKind,
  values: FlagValues,
  { variables, functions }: { readonly variables: GoMap; readonly functions: FunctionMap },
): Promise<Action> {
  const map = mapOf(values);
  const faults = new Faults(COMMAND_LINE);
  checkArguments(kind, map, faults);
  faults.throwIfAny('USAGE', `cannot ${kind} with these arguments`);
  return await resolveAction({ kind, line: 1, arguments: map }, { file: COMMAND_LINE, variables, functions });
}

/** What stands for the name of a file where there is none. */
export const COMMAND_LINE = 'command line';

function mapOf(values: FlagValues): MapNode {
  const entries = Object.entries(values).flatMap(([key, value]) => {
    return value === undefined ? [] : [{ key, line: 1, value: nodeOf(value) }];
  });
  return { kind: 'map', line: 1, entries };
}

function nodeOf(value: Exclude<FlagValue, undefined>): Node {
  if (typeof value === 'string') return { kind: 'scalar', line: 1, text: value, type: 'string', style: 'inline' };
  if (typeof value === 'boolean')
    return { kind: 'scalar', line: 1, text: String(value), type: 'other', style: 'inline' };
  if (!isList(value)) return mapOf(value);
  return { kind: 'list', line: 1, items: value.flatMap((item) => (item === undefined ? [] : [nodeOf(item)])) };
}

function isList(value: readonly FlagValue[] | FlagValues): value is readonly FlagValue[] {
  return Array.isArray(value);
}
