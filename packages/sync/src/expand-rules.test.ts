import { KubecrateError } from '@kubecrate/errors';
import { describe, expect, test } from 'vitest';
import { expandRules, type ListTags } from './expand-rules.ts';
import { destinationOf, planCopies, sourceOf } from './plan-copies.ts';
import { readRules } from './read-rules.ts';

const TAGS: Readonly<Record<string, readonly string[]>> = {
  'q.io/a/x': ['v1', 'latest', 'v2'],
  'q.io/a/one': ['only'],
  'q.io/a/none': [],
};

const listTags: ListTags = async function* ({ domain, repository }) {
  const tags = TAGS[`${domain}/${repository}`];
  if (tags === undefined) throw new KubecrateError('NOT_FOUND', `${domain}/${repository} is not there`);
  yield* tags;
};

const D = `sha256:${'0'.repeat(64)}`;

async function expand(text: string): ReturnType<typeof expandRules> {
  const { rules } = await readRules(text, 'images.yaml', { defaults: {}, environment: {} });
  return await expandRules(rules, listTags);
}

async function copiesOf(text: string): Promise<readonly string[]> {
  const { copies } = await expand(text);
  return copies.map((copy) => `${sourceOf(copy)} -> ${destinationOf(copy)}`);
}

describe('expandRules', () => {
  test.each([
    [
      'q.io/a/x: q.io/b/x',
      ['q.io/a/x:latest -> q.io/b/x:latest', 'q.io/a/x:v1 -> q.io/b/x:v1', 'q.io/a/x:v2 -> q.io/b/x:v2'],
    ],
    ['q.io/a/x:1,2: q.io/b/x', ['q.io/a/x:1 -> q.io/b/x:1', 'q.io/a/x:2 -> q.io/b/x:2']],
    ['q.io/a/x:1,2: q.io/b/x:a,b', ['q.io/a/x:1 -> q.io/b/x:a', 'q.io/a/x:2 -> q.io/b/x:b']],
    ['q.io/a/x:/^v/: q.io/b/x', ['q.io/a/x:v1 -> q.io/b/x:v1', 'q.io/a/x:v2 -> q.io/b/x:v2']],
    ['q.io/a/x:/a+/: q.io/b/x', ['q.io/a/x:latest -> q.io/b/x:latest']],
    ['q.io/a/x:/^v/: q.io/b/x:p,q', ['q.io/a/x:v1 -> q.io/b/x:p', 'q.io/a/x:v2 -> q.io/b/x:q']],
    ['q.io/a/one: q.io/b/x:1', ['q.io/a/one:only -> q.io/b/x:1']],
    ['q.io/a/none: q.io/b/x', []],
    ['q.io/a/none: q.io/b/x:1', []],
    [`q.io/a/x@${D}: q.io/b/x`, [`q.io/a/x@${D} -> q.io/b/x@${D}`]],
    [`q.io/a/x:v1@${D}: q.io/b/x`, [`q.io/a/x:v1@${D} -> q.io/b/x:v1`]],
    [`q.io/a/x@${D}: q.io/b/x:t`, [`q.io/a/x@${D} -> q.io/b/x:t`]],
  ])('%s', async (text, expected) => {
    expect(await copiesOf(text)).toEqual(expected);
  });

  test('a rule that cannot be expanded fails alone; one that stands for nothing is told', async () => {
    const { copies, failed, empty } = await expand(
      'q.io/gone: q.io/b/gone\nq.io/a/x: q.io/b/x:1\nq.io/a/none: q.io/b/n\nq.io/a/one: q.io/b/one\n',
    );
    expect(copies.map(sourceOf)).toEqual(['q.io/a/one:only']);
    expect(failed.map(({ rule, error }) => [rule.line, (error as Error).message])).toEqual([
      [1, 'q.io/gone is not there'],
      [2, expect.stringContaining('images.yaml:2: rule "q.io/a/x": the source stands for 3 tags (latest, v1, v2)')],
    ]);
    expect(empty.map(({ line }) => line)).toEqual([3]);
  });

  test('the tags of a repository are listed once', async () => {
    const listed: string[] = [];
    const { rules } = await readRules('q.io/a/x: [q.io/b/x, q.io/c/x]\nq.io/a/x:/v/: q.io/d/x', 'f', {
      defaults: {},
      environment: {},
    });
    await expandRules(rules, (repository) => {
      listed.push(repository.repository);
      return listTags(repository);
    });
    expect(listed).toEqual(['a/x']);
  });

  test('an aborted signal rejects with its reason', async () => {
    const reason = new Error('enough');
    await expect(expandRules([], listTags, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('planCopies', () => {
  test('the same copy of several rules is one', async () => {
    const { copies } = await expand('q.io/a/x: q.io/b/x\nq.io/a/x:v1: q.io/b/x\nq.io/a/x:v1,v2: q.io/b/x');
    expect(planCopies(copies).map(sourceOf)).toEqual(['q.io/a/x:latest', 'q.io/a/x:v1', 'q.io/a/x:v2']);
  });

  test('different images with one destination are refused, with the places of both', async () => {
    const { copies } = await expand(
      'coredns/coredns:1.9: r.io/mirror/coredns\nregistry.k8s.io/coredns/coredns:1.9: r.io/mirror/coredns',
    );
    expect(() => planCopies(copies)).toThrowError(
      expect.objectContaining({
        code: 'CONFLICT',
        message: [
          'different images have one destination:',
          '  r.io/mirror/coredns:1.9',
          '    from docker.io/coredns/coredns:1.9 (images.yaml:1)',
          '    from registry.k8s.io/coredns/coredns:1.9 (images.yaml:2)',
        ].join('\n'),
      }),
    );
  });
});
