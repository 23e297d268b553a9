/** Copies to a plan: each destination once, conflicts refused, one shard of it where that is asked for. */

import { createHash } from 'node:crypto';
import { KubecrateError } from '@kubecrate/errors';
import { formatReference } from '@kubecrate/oci';
import type { SyncCopy } from './expand-rules.ts';

/** Part `index` (from 0) of `count` parts, as a Kubernetes Indexed Job counts its pods. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/**
 * Leaves out repeated copies and takes one shard. The shard of a copy depends on its destination repository alone, so that tags that
 * share layers stay together.
 * @throws KubecrateError CONFLICT where different sources have one destination, naming all of them
 */
export function planCopies(copies: readonly SyncCopy[], shard?: Shard): readonly SyncCopy[] {
  const byDestination = new Map<string, SyncCopy[]>();
  for (const copy of copies) {
    const name = destinationOf(copy);
    byDestination.set(name, [...(byDestination.get(name) ?? []), copy]);
  }
  const conflicts = [...byDestination].filter(([, group]) => new Set(group.map(sourceOf)).size > 1);
  if (conflicts.length > 0) throw conflict(conflicts);
  const unique = [...byDestination.values()].flatMap(([first]) => first ?? []);
  return shard === undefined ? unique : unique.filter((copy) => shardOf(copy, shard.count) === shard.index);
}

/** Reads `0/4`. @throws KubecrateError USAGE */
export function parseShard(text: string): Shard {
  const [, index = '', count = ''] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  if (count !== '' && Number(index) < Number(count)) return { index: Number(index), count: Number(count) };
  throw new KubecrateError('USAGE', `cannot read the shard ${JSON.stringify(text)}`, {
    hint: 'write it as index/count, the index from 0: 0/4, 1/4, 2/4, 3/4',
  });
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

function shardOf({ destination }: SyncCopy, count: number): number {
  const digest = createHash('sha256').update(`${destination.domain}/${destination.repository}`).digest();
  return digest.readUInt32BE(0) % count;
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
