/** Lists of images as files: YAML or JSON maps from sources to destinations, which are files of rules again. */

import { formatReference } from '@kubecrate/oci';
import type { SyncCopy } from './expand-rules.ts';
import { destinationOf, sourceOf } from './plan-copies.ts';
import type { FailedRule } from './rule.ts';

export type ImagesFormat = 'yaml' | 'json';

/**
 * Copies, and rules that never became any, as a file of rules: what failed is tried again by giving this file.
 * Sources are in the order they came in; one with several destinations has a list of them.
 */
export function formatImages(
  copies: readonly SyncCopy[],
  format: ImagesFormat,
  options: { readonly rules?: readonly FailedRule[] } = {},
): string {
  const images = new Map<string, string[]>();
  const add = (source: string, destination: string): void => {
    const destinations = images.get(source) ?? [];
    images.set(source, destinations.includes(destination) ? destinations : [...destinations, destination]);
  };
  for (const { rule } of options.rules ?? []) {
    const destination = writtenDestination(rule);
    if (destination !== undefined) add(rule.text, destination);
  }
  for (const copy of copies) add(sourceOf(copy), destinationOf(copy));
  return format === 'json' ? asJson(images) : asYaml(images);
}

/** With default destination and variables in place, so that the file stands alone; as it is written where it could not be read. */
function writtenDestination(rule: FailedRule['rule']): string | undefined {
  if (!('destination' in rule)) return rule.destinationText;
  const { repository, tags } = rule.destination;
  const name = formatReference(repository);
  return tags === undefined ? name : `${name}:${tags.join(',')}`;
}

function asJson(images: ReadonlyMap<string, readonly string[]>): string {
  const entries = [...images].map(([source, list]) => [source, list.length === 1 ? list[0] : list]);
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}

/** Strings of JSON are strings of YAML. */
function asYaml(images: ReadonlyMap<string, readonly string[]>): string {
  if (images.size === 0) return '{}\n';
  const lines = [...images].flatMap(([source, [first, ...others]]) => {
    const key = JSON.stringify(source);
    if (others.length === 0) return [`${key}: ${JSON.stringify(first)}`];
    return [`${key}:`, ...[first, ...others].map((destination) => `  - ${JSON.stringify(destination)}`)];
  });
  return `${lines.join('\n')}\n`;
}
