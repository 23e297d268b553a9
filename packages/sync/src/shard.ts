/** One of several parts of a run, each for a machine of its own. */

import { createHash } from 'node:crypto';
import { KubecrateError } from '@kubecrate/errors';
import type { Rule } from './rule.ts';

/** Part `index` (from 0) of `count` parts, as a Kubernetes Indexed Job counts its pods. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Reads `0/4`. @throws KubecrateError USAGE */
export function parseShard(text: string): Shard {
  const [, index = '', count = ''] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  if (count !== '' && Number(index) < Number(count)) return { index: Number(index), count: Number(count) };
  throw new KubecrateError('USAGE', `cannot read the shard ${JSON.stringify(text)}`, {
    hint: 'write it as index/count, the index from 0: 0/4, 1/4, 2/4, 3/4',
  });
}

/**
 * The rules of one shard. It depends on the destination repository alone: tags that share layers stay together, and so do rules that
 * could be in each other's way.
 */
export function rulesOfShard(rules: readonly Rule[], { index, count }: Shard): readonly Rule[] {
  return rules.filter(({ destination: { repository } }) => {
    const digest = createHash('sha256').update(`${repository.domain}/${repository.repository}`).digest();
    return digest.readUInt32BE(0) % count === index;
  });
}
