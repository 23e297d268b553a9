/** Images that a list of parameters spells in parts: `{ name: image.repository, value: a/b }` and `{ name: image.tag, value: v1 }`. */

import { type ListNode, type MapNode, textField } from '@kubecrate/documents';
import type { Unplaced } from './argument-images.ts';
import { composeReference } from './compose-reference.ts';

/** A candidate with the index of the parameter that names the repository. */
export interface ParameterImage {
  readonly index: number;
  readonly candidate: Unplaced;
}

/** Those of a list such as `spec.source.helm.parameters` of an Argo CD Application. */
export function imagesOfParameters(list: ListNode): readonly ParameterImage[] {
  const groups = new Map<string, Map<string, string>>();
  const repositories = new Map<string, { readonly index: number; readonly line: number }>();
  for (const [index, item] of list.items.entries()) {
    if (item.kind !== 'map') continue;
    const [, group = '', part = ''] = PARAMETER.exec(textField(item, 'name') ?? '') ?? [];
    const value = textField(item, 'value');
    if (part === '' || value === undefined) continue;
    const parts = groups.get(group) ?? new Map<string, string>();
    groups.set(group, parts.set(part, value));
    if (part === 'repository') repositories.set(group, { index, line: lineOf(item) });
  }
  return [...repositories].flatMap(([group, { index, line }]) => {
    const parts = groups.get(group);
    const repository = parts?.get('repository');
    const tag = parts?.get('tag');
    const digest = parts?.get('digest');
    if (repository === undefined || (tag === undefined && digest === undefined)) return [];
    const text = composeReference({ registry: parts?.get('registry'), repository, tag, digest });
    return [{ index, candidate: { text, line, rule: 'image-map', confidence: 'likely' } }];
  });
}

const PARAMETER = /^(|.{1,200}\.)(registry|repository|tag|digest)$/;

function lineOf(item: MapNode): number {
  return item.entries.find(({ key }) => key === 'value')?.value.line ?? item.line;
}
