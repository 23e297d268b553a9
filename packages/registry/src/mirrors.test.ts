/** Where content is asked for: mirrors, rules, hosts.toml. Docker Hub stands in for nothing here: rules lead to servers of the tests. */

import path from 'node:path';
import { all, bytesOf, randomBytes, streamOf } from '@kubecrate/content/testing';
import { hasCode, type KubecrateError, NotFoundError } from '@kubecrate/errors';
import { descriptorOf, MEDIA_TYPES } from '@kubecrate/oci';
import { describe, expect, test } from 'vitest';
import type { MirrorRule, RegistryRule } from './config/registries-conf.ts';
import { temporaryDirectory } from './testing/temporary-directory.ts';
import { rejectionOf, testClient } from './testing/test-client.ts';
import { answer, apiError, type Handler, testServer } from './testing/test-server.ts';

const CONTENT = Buffer.from(randomBytes('mirrors', 100_000));
const BLOB = descriptorOf(MEDIA_TYPES.ociLayer, CONTENT);
const MANIFEST = Buffer.from(
  JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config: BLOB, layers: [] }),
);
const IMAGE = descriptorOf(MEDIA_TYPES.ociManifest, MANIFEST);

const full: Handler = (request, response) =>
  request.url.includes('/manifests/')
    ? answer(response, 200, MANIFEST, { 'content-type': IMAGE.mediaType, 'docker-content-digest': IMAGE.digest })
    : answer(response, 200, CONTENT);
const empty: Handler = (_request, response) => answer(response, 404, apiError('NAME_UNKNOWN', 'nothing here'));

function rule(
  location: string,
  mirrors: readonly (Partial<MirrorRule> & { location: string })[],
  more = {},
): RegistryRule {
  const defaults = { insecure: false, pulls: 'all' as const };
  return {
    prefix: 'registry.example.com',
    location,
    insecure: false,
    blocked: false,
    mirrors: mirrors.map((mirror) => ({ ...defaults, ...mirror })),
    ...more,
  };
}

describe('rules of registries.conf', () => {
  test('lead to the mirror, which has another name for the repository', async () => {
    await using mirror = await testServer(full);
    await using registry = await testServer(full);
    await using opened = testClient({ registries: [rule(registry.host, [{ location: `${mirror.host}/cache` }])] });
    const repository = opened.client.repository('registry.example.com', 'a/b');
    expect(await repository.resolve('1')).toEqual(IMAGE);
    expect((await bytesOf(await repository.fetch(BLOB))).equals(CONTENT)).toBe(true);
    expect(mirror.requests.map(({ url }) => url)).toEqual([
      '/v2/cache/a/b/manifests/1',
      `/v2/cache/a/b/blobs/${BLOB.digest}`,
    ]);
    expect(registry.requests).toHaveLength(0);
  });

  test('lead past mirrors that have nothing, fail or are not there', async () => {
    await using nothing = await testServer(empty);
    await using failing = await testServer((_request, response) => answer(response, 500));
    await using registry = await testServer(full);
    const mirrors = [nothing.host, failing.host, '127.0.0.1:1'].map((location) => ({ location }));
    await using opened = testClient({ registries: [rule(registry.host, mirrors)] });
    const repository = opened.client.repository('registry.example.com', 'a/b');
    expect(await repository.resolve('1')).toEqual(IMAGE);
    await using directory = await temporaryDirectory();
    expect(await repository.fetchToFile(BLOB, { path: path.join(directory.path, 'blob') })).toEqual({});
    const warnings = opened.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
    expect(warnings.some((message) => message.includes(failing.host))).toBe(true);
    expect(warnings.some((message) => message.includes('127.0.0.1:1'))).toBe(true);
    expect(warnings.some((message) => message.includes(nothing.host))).toBe(false);
  });

  describe('and a listing of tags', () => {
    const lists =
      (tags: readonly string[], pages = 1): Handler =>
      (request, response) => {
        const page = Number(new URL(request.url, 'http://x').searchParams.get('page') ?? '1');
        const more =
          page < pages ? { link: `</v2${request.url.slice(3).split('?')[0]}?page=${page + 1}>; rel="next"` } : {};
        answer(response, 200, JSON.stringify({ tags: tags.map((tag) => `${tag}-${page}`) }), more);
      };
    const tagsOf = async (opened: ReturnType<typeof testClient>, options = {}): Promise<readonly string[]> =>
      all(opened.client.repository('registry.example.com', 'a/b').tags(options));

    test('comes from the mirror, all of it', async () => {
      await using mirror = await testServer(lists(['m'], 2));
      await using registry = await testServer(lists(['r']));
      await using opened = testClient({ registries: [rule(registry.host, [{ location: `${mirror.host}/cache` }])] });
      expect(await tagsOf(opened)).toEqual(['m-1', 'm-2']);
      expect(mirror.requests[0]?.url).toBe('/v2/cache/a/b/tags/list?n=1000');
      expect(registry.requests).toHaveLength(0);
      expect(await tagsOf(opened, { mirrors: 'never' })).toEqual(['r-1']);
      expect(await all(opened.client.destination('registry.example.com', 'a/b').tags())).toEqual(['r-1']);
    });

    test.each<[string, Handler]>([
      ['has nothing', empty],
      ['has no tags', lists([])],
      ['fails', (_request, response) => answer(response, 500)],
      [
        'fails after its first page',
        (request, response, seen) =>
          seen.length > 1 ? answer(response, 500) : lists(['m'], 2)(request, response, seen),
      ],
    ])('comes from the registry where the mirror %s', async (_what, handler) => {
      await using mirror = await testServer(handler);
      await using registry = await testServer(lists(['r'], 2));
      await using opened = testClient({ registries: [rule(registry.host, [{ location: mirror.host }])] });
      expect(await tagsOf(opened)).toEqual(['r-1', 'r-2']);
      expect(mirror.requests.length).toBeLessThan(3);
    });

    test('is asked of no mirror that is for digests', async () => {
      await using mirror = await testServer(lists(['m']));
      await using registry = await testServer(lists(['r']));
      const mirrors = [{ location: mirror.host, pulls: 'digest-only' as const }];
      await using opened = testClient({ registries: [rule(registry.host, mirrors)] });
      expect(await tagsOf(opened)).toEqual(['r-1']);
      expect(mirror.requests).toHaveLength(0);
    });
  });

  test('that lead to no address are refused', async () => {
    await using opened = testClient({ registries: [rule('registry.example.org:99999', [])] });
    const error = await rejectionOf(opened.client.repository('registry.example.com', 'a/b').resolve('1'));
    expect(error).toMatchObject({ code: 'INVALID_CONFIG', message: expect.stringContaining(':99999') });
  });

  test('end with what the registry itself says', async () => {
    await using mirror = await testServer(empty);
    await using registry = await testServer(empty);
    await using opened = testClient({ registries: [rule(registry.host, [{ location: mirror.host }])] });
    const error = await rejectionOf(opened.client.repository('registry.example.com', 'a/b').fetch(BLOB));
    expect(error).toBeInstanceOf(NotFoundError);
    expect((error as Error).message).toContain(registry.host);
  });

  test('keep mirrors for digests from being asked for tags, and the other way round', async () => {
    await using digests = await testServer(full);
    await using tags = await testServer(full);
    await using registry = await testServer(full);
    const mirrors = [
      { location: digests.host, pulls: 'digest-only' as const },
      { location: tags.host, pulls: 'tag-only' as const },
    ];
    await using opened = testClient({ registries: [rule(registry.host, mirrors)] });
    const repository = opened.client.repository('registry.example.com', 'a/b');
    await repository.resolve('1');
    await repository.resolve(IMAGE.digest);
    expect(tags.requests.map(({ url }) => url)).toEqual(['/v2/a/b/manifests/1']);
    expect(digests.requests.map(({ url }) => url)).toEqual([`/v2/a/b/manifests/${IMAGE.digest}`]);
  });

  test('never lead a write, or a read after it, to a mirror', async () => {
    await using mirror = await testServer(full);
    await using registry = await testServer((request, response, seen) =>
      request.method === 'PUT' ? answer(response, 201) : full(request, response, seen),
    );
    await using opened = testClient({ registries: [rule(registry.host, [{ location: mirror.host }])] });
    const repository = opened.client.repository('registry.example.com', 'a/b');
    expect(await repository.exists(BLOB)).toBe(true);
    await repository.push(IMAGE, streamOf(MANIFEST));
    await repository.resolve('1');
    expect(mirror.requests).toHaveLength(0);
  });

  test('block what they say', async () => {
    await using opened = testClient({ registries: [rule('registry.example.com', [], { blocked: true })] });
    const error = await rejectionOf(opened.client.repository('registry.example.com', 'a/b').resolve('1'));
    expect(hasCode(error, 'DENIED')).toBe(true);
  });

  test('with the longest prefix count, and wildcards stand for hosts', async () => {
    await using one = await testServer(full);
    await using two = await testServer(full);
    const registries = [
      rule(one.host, [], { prefix: '*.example.com' }),
      rule(`${two.host}/special`, [], { prefix: 'registry.example.com/team' }),
    ];
    await using opened = testClient({ registries });
    await opened.client.repository('registry.example.com', 'team/app').resolve('1');
    await opened.client.repository('registry.example.com', 'teams/app').resolve('1');
    expect(two.requests.map(({ url }) => url)).toEqual(['/v2/special/app/manifests/1']);
    expect(one.requests.map(({ url }) => url)).toEqual(['/v2/teams/app/manifests/1']);
  });
});

test('registry-mirrors come before Docker Hub, and for Docker Hub only', async () => {
  await using mirror = await testServer(full);
  await using registry = await testServer(full);
  await using opened = testClient({ registryMirrors: [`http://${mirror.host}/`] });
  await opened.client.repository('docker.io', 'library/mysql').resolve('8');
  await opened.client.repository(registry.host, 'library/mysql').resolve('8');
  expect(mirror.requests.map(({ url }) => url)).toEqual(['/v2/library/mysql/manifests/8']);
  expect(registry.requests).toHaveLength(1);
});

describe('hosts.toml', () => {
  test('names hosts, their paths and headers, and what they are asked for', async () => {
    await using first = await testServer(full);
    await using second = await testServer(full);
    await using directory = await temporaryDirectory();
    await directory.write(
      'certs.d/registry.example.com/hosts.toml',
      [
        `server = "http://${second.host}"`,
        `[host."http://${first.host}/v2/proxied"]`,
        'capabilities = ["resolve"]',
        'override_path = true',
        `[host."http://${first.host}/v2/proxied".header]`,
        'x-team = "one"',
      ].join('\n'),
    );
    await using opened = testClient({ certificateDirectories: [path.join(directory.path, 'certs.d')] });
    const repository = opened.client.repository('registry.example.com', 'a/b');
    await repository.resolve('1');
    await repository.fetch(BLOB).then((stream) => stream.destroy());
    expect(first.requests.map(({ url }) => url)).toEqual(['/v2/proxied/a/b/manifests/1?ns=registry.example.com']);
    expect(first.requests[0]?.headers['x-team']).toBe('one');
    expect(second.requests.map(({ url }) => url)).toEqual([`/v2/a/b/blobs/${BLOB.digest}`]);
  });

  test('that is wrong is reported with its path', async () => {
    await using directory = await temporaryDirectory();
    const file = await directory.write('certs.d/registry.example.com/hosts.toml', 'server = [');
    await using opened = testClient({ certificateDirectories: [path.join(directory.path, 'certs.d')] });
    const error = (await rejectionOf(opened.client.ping('registry.example.com'))) as KubecrateError;
    expect(error.code).toBe('INVALID_CONFIG');
    expect(error.message).toContain(file);
  });
});

describe('listings', () => {
  /** Serves `names` three at a time, with links as registries write them. */
  function paged(names: readonly string[], link: (last: string, host: string) => string): Handler {
    return (request, response) => {
      const url = new URL(request.url, 'http://registry');
      const start = names.indexOf(url.searchParams.get('last') ?? '') + 1;
      const page = names.slice(start, start + 3);
      const more = start + 3 < names.length ? { link: link(page.at(-1) ?? '', request.headers.host ?? '') } : {};
      answer(response, 200, JSON.stringify({ tags: page, repositories: page }), more);
    };
  }
  const names = ['v10', 'v2', 'a', 'b', 'c', 'd', 'e'];

  test.each([
    ['relative to the host', (last: string) => `</v2/a/b/tags/list?last=${last}&n=3>; rel="next"`],
    ['relative to the page', (last: string) => `<list?last=${last}>; rel=next`],
    ['of an inner host', (last: string) => `<http://registry.internal:5000/v2/a/b/tags/list?last=${last}>; rel="next"`],
    ['among others', (last: string) => `</first>; rel="first", <list?last=${last}>; title="a, b"; rel="next"`],
  ])('of tags follow a link %s, and are in order', async (_what, link) => {
    await using server = await testServer(paged(names, link));
    await using opened = testClient();
    expect(await all(opened.client.repository(server.host, 'a/b').tags())).toEqual([...names].sort());
    expect(server.requests).toHaveLength(3);
  });

  test('that go round in circles end', async () => {
    await using server = await testServer((_request, response) =>
      answer(response, 200, '{"tags":["a"]}', { link: '<list?last=a>; rel="next"' }),
    );
    await using opened = testClient();
    const error = await rejectionOf(all(opened.client.repository(server.host, 'a/b').tags()));
    expect(hasCode(error, 'LIMIT_EXCEEDED')).toBe(true);
  });

  test('of repositories come from the catalog, which not every registry has', async () => {
    await using server = await testServer(paged(['a/b', 'c'], () => ''));
    await using closed = await testServer((_request, response) => answer(response, 404));
    await using opened = testClient();
    expect(await all(opened.client.namespace(server.host).repositories())).toEqual(['a/b', 'c']);
    const error = await rejectionOf(all(opened.client.namespace(closed.host).repositories()));
    expect(hasCode(error, 'UNSUPPORTED')).toBe(true);
  });

  test('of null tags are empty', async () => {
    await using server = await testServer((_request, response) => answer(response, 200, '{"name":"a/b","tags":null}'));
    await using opened = testClient();
    expect(await all(opened.client.repository(server.host, 'a/b').tags())).toEqual([]);
  });
});
