/** Checks the templates of a task without rendering them: a mistake in the last task is told before the first one runs. */

import type { Node } from '@kubecrate/documents';
import type { FunctionMap } from '@kubecrate/gotemplate';
import { checkTemplate, isTemplate } from './render.ts';
import type { ImageTask } from './task.ts';

/** Every condition and argument, also where the conditions do not hold. @throws KubecrateError INVALID_TEMPLATE with file, line and field */
export function checkTemplates({ file, when, actions }: ImageTask, functions: FunctionMap): void {
  for (const { text, line } of when)
    checkTemplate(isTemplate(text) ? text : `{{ ${text} }}`, { file, line, field: 'when' }, functions);
  for (const { kind, arguments: given } of actions) {
    const root = kind === 'move' ? 'image' : kind;
    for (const { field, text, line } of textsOf(given, root))
      if (!isVerbatim(field)) checkTemplate(text, { file, line, field }, functions);
  }
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
