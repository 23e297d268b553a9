/** Checks the templates of a task without rendering them: a mistake in the last task is told before the first one runs. */

import type { Node } from '@kubecrate/documents';
import { KubecrateError } from '@kubecrate/errors';
import type { FunctionMap } from '@kubecrate/gotemplate';
import { checkTemplate, isTemplate } from './render.ts';
import type { ImageTask } from './task.ts';

/** What is wrong with conditions and arguments, also where the conditions do not hold; each error names file, line and field. */
export function templateFaults({ file, when, actions }: ImageTask, functions: FunctionMap): readonly KubecrateError[] {
  const conditions = when.map(({ text, line }) => ({
    text: isTemplate(text) ? text : `{{ ${text} }}`,
    line,
    field: 'when',
  }));
  const given = actions
    .flatMap(({ kind, arguments: map }) => textsOf(map, kind === 'move' ? 'image' : kind))
    .filter(({ field }) => !isVerbatim(field));
  return [...conditions, ...given].flatMap(({ text, line, field }) => {
    try {
      checkTemplate(text, { file, line, field }, functions);
      return [];
    } catch (error) {
      if (error instanceof KubecrateError) return [error];
      throw error;
    }
  });
}

/** A password may hold `{{` that no template closes; KubeKey takes such a text as it is. */
function isVerbatim(field: string): boolean {
  return /\.(?:username|password)$/.test(field);
}

interface FieldText {
  readonly field: string;
  readonly text: string;
  readonly line: number;
}

function textsOf(node: Node, field: string): readonly FieldText[] {
  if (node.kind === 'map') return node.entries.flatMap(({ key, value }) => textsOf(value, `${field}.${key}`));
  if (node.kind === 'list') return node.items.flatMap((item) => textsOf(item, field));
  return [{ field, text: node.text, line: node.line }];
}
