/** One of several parts of a run, each for a machine of its own. */

import { createHash } from 'node:crypto';
import { KubecrateError } from '@kubecrate/errors';
import type { RuleSet } from './rule.ts';

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
 * could be in each other's way. A rule that cannot be read belongs to one shard too.
 */
export function rulesOfShard({ rules, failed }: RuleSet, shard: Shard): RuleSet {
  return {
    rules: rules.filter(({ destination: { repository } }) =>
      isOf(shard, `${repository.domain}/${repository.repository}`),
    ),
    failed: failed.filter(({ rule }) => isOf(shard, rule.destinationText ?? rule.text)),
  };
}

function isOf({ index, count }: Shard, name: string): boolean {
  return createHash('sha256').update(name).digest().readUInt32BE(0) % count === index;
}
