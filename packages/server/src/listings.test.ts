import type { MemoryStore, Namespace } from '@kubecrate/content';
import {
  blob,
  image,
  index,
  memoryNamespace,
  pushBlob,
  pushImage,
  referrer,
  wrapping,
} from '@kubecrate/content/testing';
import { hexOf, MEDIA_TYPES } from '@kubecrate/oci';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningServer, startServer } from './index.ts';

const tagged = image({ seed: 'tagged' });
const TAGS = ['1.0', '1.1', 'V2', 'latest', 'x+y'.replace('+', '_'), 'z'];

let namespace: Namespace<MemoryStore>;
let server: RunningServer;
beforeAll(async () => {
  namespace = memoryNamespace();
  for (const tag of TAGS) await pushImage(namespace.repository('team/app'), tagged, tag);
  for (const name of ['a', 'a/b', 'team/other', 'z']) await pushImage(namespace.repository(name), tagged, 'v1');
  server = await startServer(namespace);
});
afterAll(() => server.close());

/** Follows the Link headers from `path` on. */
async function pages(
  path: string,
): Promise<{ readonly body: Record<string, unknown>; readonly link: string | null }[]> {
  const found = [];
  for (let next: string | null = path; next !== null; ) {
    const response: Response = await fetch(`${server.url}${next}`);
    expect(response.status).toBe(200);
    const link = response.headers.get('link');
    found.push({ body: (await response.json()) as Record<string, unknown>, link });
    next = link === null ? null : (/^<([^>]+)>; rel="next"$/.exec(link)?.[1] ?? 'not a link');
  }
  return found;
}

describe('the tags of a repository', () => {
  test('come all at once, in order', async () => {
    expect(await pages('/v2/team/app/tags/list')).toEqual([{ body: { name: 'team/app', tags: TAGS }, link: null }]);
  });

  test.each([1, 2, 4, 6, 7])('come in pages of %i', async (n) => {
    const found = await pages(`/v2/team/app/tags/list?n=${n}`);
    expect(found.flatMap(({ body }) => body['tags'])).toEqual(TAGS);
    expect(found).toHaveLength(Math.ceil(TAGS.length / n));
  });

  test('begin after the last one, which need not be there', async () => {
    expect((await pages('/v2/team/app/tags/list?last=1.05'))[0]?.body['tags']).toEqual(TAGS.slice(1));
    expect((await pages('/v2/team/app/tags/list?last=zz'))[0]?.body['tags']).toEqual([]);
  });

  test('are none where none are wanted', async () => {
    expect(await pages('/v2/team/app/tags/list?n=0')).toEqual([{ body: { name: 'team/app', tags: [] }, link: null }]);
  });

  test.each(['-1', 'x', '', '1.5', '99999999999'])('are refused in pages of %s', async (n) => {
    const response = await fetch(`${server.url}/v2/team/app/tags/list?n=${n}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ code: 'PAGINATION_NUMBER_INVALID' }] });
  });

  test('of a repository that is not there are NAME_UNKNOWN', async () => {
    for (const name of ['nobody', 'team', 'zz']) {
      const response = await fetch(`${server.url}/v2/${name}/tags/list`);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ errors: [{ code: 'NAME_UNKNOWN' }] });
    }
  });
});

test('the catalog comes in pages', async () => {
  const names = ['a', 'a/b', 'team/app', 'team/other', 'z'];
  expect((await pages('/v2/_catalog'))[0]?.body['repositories']).toEqual(names);
  const found = await pages('/v2/_catalog?n=2');
  expect(found.map(({ body }) => body['repositories'])).toEqual([names.slice(0, 2), names.slice(2, 4), names.slice(4)]);
});

describe('referrers', () => {
  const sbom = referrer(tagged.descriptor, { annotations: { made: 'by us' } });
  const signature = referrer(tagged.descriptor, { artifactType: 'application/vnd.example.sig', text: 'signature' });
  const listed = [sbom, signature].map(({ descriptor }, i) => ({
    ...descriptor,
    artifactType: ['application/vnd.example.sbom', 'application/vnd.example.sig'][i],
  }));
  const path = `/v2/team/app/referrers/${tagged.descriptor.digest}`;

  test('are an empty index where there are none, or no such repository', async () => {
    for (const wanted of [path, path.replace('team/app', 'nobody')]) {
      const response = await fetch(`${server.url}${wanted}`);
      expect([response.status, response.headers.get('content-type')]).toEqual([200, MEDIA_TYPES.ociIndex]);
      expect(await response.json()).toEqual({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [] });
    }
    expect((await fetch(`${server.url}/v2/team/app/referrers/v1`)).status).toBe(400);
  });

  test('are those under the fallback tag', async () => {
    const entries = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: listed };
    const fallback = blob(MEDIA_TYPES.ociIndex, JSON.stringify(entries));
    const store = namespace.repository('team/fallback');
    await pushBlob(store, fallback);
    await store.tag(fallback.descriptor, `sha256-${hexOf(tagged.descriptor.digest)}`);
    const response = await fetch(`${server.url}${path.replace('team/app', 'team/fallback')}`);
    expect(await response.json()).toEqual(entries);
  });

  test('are those that the target lists, filtered by their type', async () => {
    const lister = wrapping<MemoryStore & { referrers?: () => AsyncGenerator<object> }>(
      namespace.repository('team/app'),
      {
        referrers: async function* () {
          yield* listed;
        },
      },
    );
    const target = new Proxy(lister, { has: (inner, name) => name === 'referrers' || name in inner });
    await using listing = await startServer({ ...namespace, repository: () => target });
    const all = await fetch(`${listing.url}${path}`);
    expect(all.headers.get('oci-filters-applied')).toBeNull();
    expect(await all.json()).toMatchObject({ manifests: listed });
    const one = await fetch(`${listing.url}${path}?artifactType=application/vnd.example.sig`);
    expect(one.headers.get('oci-filters-applied')).toBe('artifactType');
    expect(await one.json()).toMatchObject({ manifests: [listed[1]] });
  });

  test('that are no index are none', async () => {
    const store = namespace.repository('team/strange');
    await pushImage(store, index([image({ seed: 'child' })]), 'v1');
    await pushImage(store, tagged, `sha256-${hexOf(tagged.descriptor.digest)}`);
    const response = await fetch(`${server.url}${path.replace('team/app', 'team/strange')}`);
    expect(await response.json()).toMatchObject({ manifests: [] });
  });
});
