/** Whether what COPY, ADD and APP take out of the context is there: said with everything else that is wrong, before anything is fetched. */

import { KubecrateError, messageOf } from '@kubecrate/errors';
import type { FileTree, IgnoreMatcher, TreeOptions } from '@kubecrate/files';
import type { Diagnostic, EvaluatedStage, ExpandedInstruction, PathSource } from '@kubecrate/kubefile';
import { findEntries } from './find-entries.ts';

export interface SourceContext extends TreeOptions {
  readonly context: FileTree;
  readonly ignore: IgnoreMatcher | undefined;
  /** The text of the Kubefile. */
  readonly text: string;
  /** What is wrong already: a source is told once. */
  readonly reported: readonly Diagnostic[];
}

/** Every source that is missing, leaves the context, or is left out by the ignore file. */
export async function checkSources(
  stages: readonly EvaluatedStage[],
  checked: SourceContext,
): Promise<readonly Diagnostic[]> {
  const places = new Set(checked.reported.map(placeOf));
  const sources = stages
    .flatMap(({ instructions }) => instructions.flatMap(contextSources))
    .filter((source) => !places.has(placeOf(source)));
  const found = await Promise.all(sources.map((source) => checkSource(source, checked)));
  return found.flatMap((diagnostic) => diagnostic ?? []);
}

function placeOf({ range }: Pick<Diagnostic, 'range'>): string {
  return `${range?.start.line}:${range?.start.column}`;
}

function contextSources(instruction: ExpandedInstruction): readonly PathSource[] {
  switch (instruction.keyword) {
    case 'COPY':
      return instruction.from === undefined ? pathsAmong(instruction.sources) : [];
    case 'ADD':
    case 'APP':
    case 'CNI':
    case 'CSI':
      return pathsAmong(instruction.sources);
    default:
      return [];
  }
}

function pathsAmong(sources: readonly { readonly type: string }[]): readonly PathSource[] {
  return sources.filter((source): source is PathSource => source.type === 'path');
}

async function checkSource(
  { path, range }: PathSource,
  { context, ignore, text, signal }: SourceContext,
): Promise<Diagnostic | undefined> {
  const line = text.replace(/^\uFEFF/, '').split('\n')[range.start.line - 1] ?? '';
  // A variable may get its value from the base image, which is not here yet.
  if (
    line
      .slice(range.start.column - 1, range.end.line === range.start.line ? range.end.column - 1 : undefined)
      .includes('$')
  ) {
    return undefined;
  }
  try {
    await findEntries({ kind: 'path', tree: context, path, ignore }, { signal });
    return undefined;
  } catch (error) {
    if (!(error instanceof KubecrateError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    return { severity: 'error', code: 'source', message: messageOf(error), range, ...hint };
  }
}
