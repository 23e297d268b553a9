import { image, index, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { parsePlatform } from '@kubecrate/oci';
import { startServer } from '@kubecrate/server';
import { describe, expect, test } from 'vitest';
import { expandRules } from './expand-rules.ts';
import { parseFilter } from './filter.ts';
import { formatImages } from './format-images.ts';
import { destinationOf, planCopies } from './plan-copies.ts';
import { readAuth } from './read-auth.ts';
import { readRules } from './read-rules.ts';
import { openSyncRegistries } from './registries.ts';
import { runSync, type SyncOptions, type SyncResult } from './run-sync.ts';

const one = image({ seed: 'one' });
const both = index([image({ seed: 'a' }), image({ seed: 'b', platform: parsePlatform('linux/arm64') })]);
const RETRY = { attempts: 1, delayMs: 1, maximumDelayMs: 1, random: () => 0 };

/** Two registries, the second one behind a password, and the run of `rules` between them. */
async function sync(
  rules: (from: string, to: string) => string,
  auth: (from: string, to: string) => string = (_, to) => `${to}: {username: u, password: p}`,
  options: SyncOptions = {},
) {
  const source = memoryNamespace();
  await pushImage(source.repository('team/one'), one, 'v1');
  await pushImage(source.repository('team/one'), one, 'v2');
  await pushImage(source.repository('team/both'), both, 'v1');
  const destination = memoryNamespace();
  await using from = await startServer(source);
  await using to = await startServer(destination, { access: 'writable', users: [{ username: 'u', password: 'p' }] });
  const entries = await readAuth(auth(from.host, to.host), 'auth.yaml', {});
  await using registries = openSyncRegistries(entries, { retry: RETRY });
  const { rules: read } = await readRules(rules(from.host, to.host), 'images.yaml', { defaults: {}, environment: {} });
  const expansion = await expandRules(read, (repository) => registries.repository(repository).tags());
  const plan = planCopies(expansion.copies);
  const results = await runSync(plan, registries, { retry: RETRY, ...options });
  const again = await runSync(plan, registries, { retry: RETRY, ...options });
  const hosts = (text: string) => text.replaceAll(from.host, 'FROM').replaceAll(to.host, 'TO');
  const shown = ({ status, copy }: SyncResult) => `${status} ${hosts(destinationOf(copy))}`;
  return { results, shown: results.map(shown), again: again.map(shown), failed: expansion.failed, destination, hosts };
}

describe('runSync', () => {
  test('moves all tags, keeps digests, and finds nothing to do the second time', async () => {
    const { shown, again, destination } = await sync(
      (from, to) => `${from}/team/one: ${to}/x/one\n${from}/team/both:v1: ${to}/x/both:new`,
    );
    expect(shown).toEqual(['copied TO/x/one:v1', 'copied TO/x/one:v2', 'copied TO/x/both:new']);
    expect(again).toEqual(['unchanged TO/x/one:v1', 'unchanged TO/x/one:v2', 'unchanged TO/x/both:new']);
    expect((await destination.repository('x/one').resolve('v2')).digest).toBe(one.descriptor.digest);
    expect((await destination.repository('x/both').resolve('new')).digest).toBe(both.descriptor.digest);
  });

  test('an image is put under its digest alone', async () => {
    const { digest } = both.descriptor;
    const { shown, again, destination } = await sync((from, to) => `${from}/team/both@${digest}: ${to}/x/both`);
    expect(shown).toEqual([`copied TO/x/both@${digest}`]);
    expect(again).toEqual([`unchanged TO/x/both@${digest}`]);
    expect((await destination.repository('x/both').resolve(digest)).digest).toBe(digest);
  });

  test('one that fails does not stop the others; the failed list is a file of rules again', async () => {
    const { results, shown, failed, hosts } = await sync(
      (from, to) =>
        `${from}/team/one:gone: ${to}/x/a\n${from}/team/one:v1: [${to}/x/b, "${to}/x/c"]\n${from}/absent: ${to}/x/d\n`,
    );
    expect(shown).toEqual(['failed TO/x/a:gone', 'copied TO/x/b:v1', 'copied TO/x/c:v1']);
    expect(failed.map(({ rule }) => rule.line)).toEqual([3]);
    const copies = results.filter(({ status }) => status === 'failed').map(({ copy }) => copy);
    expect(hosts(formatImages(copies, 'yaml', { rules: failed }))).toBe(
      '"FROM/absent": "TO/x/d"\n"FROM/team/one:gone": "TO/x/a:gone"\n',
    );
  });

  test('wrong credentials for one destination leave the others done, and are not in the error', async () => {
    const { results, shown } = await sync(
      (from, to) => `${from}/team/one:v1: ${to}/good/one\n${from}/team/one:v2: ${to}/bad/one`,
      (_, to) => `${to}: {username: u, password: p}\n${to}/bad: {username: u, password: hunter2}`,
    );
    expect(shown).toEqual(['copied TO/good/one:v1', 'failed TO/bad/one:v2']);
    const [, failure] = results;
    const error = failure?.status === 'failed' ? (failure.error as Error) : expect.unreachable();
    expect(error).toMatchObject({ code: 'UNAUTHORIZED' });
    expect(`${error.message} ${String(error.cause)}`).not.toContain('hunter2');
  });

  test('a filter narrows indexes and leaves out images of other platforms', async () => {
    const { shown, destination } = await sync(
      (from, to) => `${from}/team/one:v1: ${to}/x/one\n${from}/team/both:v1: ${to}/x/both`,
      undefined,
      { filter: parseFilter({ arch: ['arm64'] }) },
    );
    expect(shown).toEqual(['filtered TO/x/one:v1', 'copied TO/x/both:v1']);
    expect((await destination.repository('x/both').resolve('v1')).digest).not.toBe(both.descriptor.digest);
  });

  test('rewriting pushes what is there already once more', async () => {
    const { again } = await sync((from, to) => `${from}/team/one:v1: ${to}/x/one`, undefined, { existing: 'rewrite' });
    expect(again).toEqual(['copied TO/x/one:v1']);
  });

  test('an aborted run rejects with its reason', async () => {
    const reason = new Error('enough');
    await expect(runSync([], openSyncRegistries([], {}), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('formatImages', () => {
  test('JSON and YAML read back as the same rules; several destinations are a list', async () => {
    const options = { defaults: {}, environment: {} };
    const { rules } = await readRules(
      `q.io/a:1: [q.io/b, q.io/c:2]\nq.io/d@sha256:${'0'.repeat(64)}: q.io/e`,
      'f',
      options,
    );
    const { copies } = await expandRules(rules, async function* () {});
    for (const format of ['json', 'yaml'] as const) {
      const text = formatImages(copies, format);
      const back = await expandRules((await readRules(text, 'g', options)).rules, async function* () {});
      expect(back.copies.map(destinationOf)).toEqual(copies.map(destinationOf));
      expect(formatImages(back.copies, format)).toBe(text);
    }
    expect(formatImages([], 'yaml')).toBe('{}\n');
    await expect(readRules(formatImages([], 'json'), 'g', options)).rejects.toThrow('no rules');
  });
});
