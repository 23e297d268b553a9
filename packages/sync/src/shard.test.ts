import { describe, expect, test } from 'vitest';
import { readRules } from './read-rules.ts';
import { parseShard, rulesOfShard } from './shard.ts';

describe('rulesOfShard', () => {
  test('shards share all rules without overlap, and keep a destination together', async () => {
    const text = Array.from({ length: 40 }, (_, i) => `q.io/a/x${i}:1: q.io/b/x${i}\nq.io/c/x${i}:2: q.io/b/x${i}`);
    const read = await readRules(`${text.join('\n')}\nx:/(/: y`, 'f', { defaults: {}, environment: {} });
    const { rules } = read;
    const sets = [0, 1, 2].map((index) => rulesOfShard(read, { index, count: 3 }));
    expect(sets.flatMap(({ failed }) => failed)).toEqual(read.failed);
    const shards = sets.map((set) => set.rules);
    expect(shards.flat().sort((a, b) => a.line - b.line)).toEqual(rules);
    for (const shard of shards) {
      expect(shard.length).toBeGreaterThan(0);
      for (const { destination } of shard) {
        const { repository } = destination.repository;
        expect(shard.filter((rule) => rule.destination.repository.repository === repository)).toHaveLength(2);
      }
    }
    expect(rulesOfShard(read, { index: 0, count: 1 })).toEqual(read);
  });
});

test('a shard counts from zero', () => {
  expect(parseShard('0/4')).toEqual({ index: 0, count: 4 });
  for (const text of ['4/4', '1', '-1/4', '0/0', 'a/b', '1/4/5', '/4']) {
    expect(() => parseShard(text)).toThrowError(expect.objectContaining({ code: 'USAGE' }));
  }
});
