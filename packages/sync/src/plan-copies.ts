/** Copies to a plan: each destination once, conflicts refused. */

import { KubecrateError } from '@kubecrate/errors';
import { formatReference } from '@kubecrate/oci';
import type { SyncCopy } from './expand-rules.ts';

/**
 * Leaves out repeated copies.
 * @throws KubecrateError CONFLICT where different sources have one destination, naming all of them
 */
export function planCopies(copies: readonly SyncCopy[]): readonly SyncCopy[] {
  const byDestination = new Map<string, SyncCopy[]>();
  for (const copy of copies) {
    const name = destinationOf(copy);
    byDestination.set(name, [...(byDestination.get(name) ?? []), copy]);
  }
  const conflicts = [...byDestination].filter(([, group]) => new Set(group.map(sourceOf)).size > 1);
  if (conflicts.length > 0) throw conflict(conflicts);
  return [...byDestination.values()].flatMap(([first]) => first ?? []);
}

/** The source as it is asked for: `quay.io/a/b:1`. */
export function sourceOf({ source }: SyncCopy): string {
  return formatReference(source);
}

/** The destination with its tag, or with the digest of the source where it gets none. */
export function destinationOf({ source, destination, tags }: SyncCopy): string {
  const [tag] = tags;
  if (tag !== undefined) return formatReference({ ...destination, tag });
  return formatReference(source.digest === undefined ? destination : { ...destination, digest: source.digest });
}

const MAX_SHOWN = 20;

function conflict(conflicts: readonly (readonly [string, readonly SyncCopy[]])[]): KubecrateError {
  const lines = conflicts.slice(0, MAX_SHOWN).flatMap(([destination, group]) => {
    const sources = new Map(group.map((copy) => [sourceOf(copy), copy.rule]));
    return [
      `  ${destination}`,
      ...[...sources].map(([source, { file, line }]) => `    from ${source} (${file}:${line})`),
    ];
  });
  if (conflicts.length > MAX_SHOWN) lines.push(`  and ${conflicts.length - MAX_SHOWN} more`);
  return new KubecrateError('CONFLICT', ['different images have one destination:', ...lines].join('\n'), {
    hint: 'give one of them another repository or tag',
  });
}
