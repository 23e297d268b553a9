/** Pushing to registries with habits of their own. */

import type { ServerResponse } from 'node:http';
import { randomBytes, streamOf } from '@kubecrate/content/testing';
import { hasCode, type KubecrateError, TransientError } from '@kubecrate/errors';
import { type Descriptor, descriptorOf, digestOf, MEDIA_TYPES } from '@kubecrate/oci';
import { describe, expect, test } from 'vitest';
import { givenCredentials } from './config/docker-config.ts';
import { rejectionOf, testClient } from './testing/test-client.ts';
import { answer, apiError, type Handler, type SeenRequest, testServer } from './testing/test-server.ts';

const SMALL = Buffer.from(randomBytes('small', 10_000));
const LARGE = Buffer.from(randomBytes('large', 5_000_000));
const small = descriptorOf(MEDIA_TYPES.ociLayer, SMALL);
const large = descriptorOf(MEDIA_TYPES.ociLayer, LARGE);

interface Uploads {
  readonly handler: Handler;
  readonly blobs: Map<string, Buffer>;
  /** What was sent to sessions that are still open, by their number. */
  readonly sessions: Map<string, Buffer>;
}

interface Habits {
  /** Answers before the registry does; true where it did. */
  readonly first?: (request: SeenRequest, response: ServerResponse, seen: readonly SeenRequest[]) => boolean;
  /** How a session is named in Location. */
  readonly location?: (session: string, request: SeenRequest) => string;
  readonly chunkMinimum?: number;
}

/** A registry that takes uploads as the specification says, and nothing else. */
function uploads({
  first,
  location = (session) => `/v2/up/${session}?_state=a%2Fb`,
  chunkMinimum,
}: Habits = {}): Uploads {
  const blobs = new Map<string, Buffer>();
  const sessions = new Map<string, Buffer>();
  const handler: Handler = (request, response, seen) => {
    if (first?.(request, response, seen) === true) return;
    const url = new URL(request.url, 'http://registry');
    const session = /\/up\/(\d+)$/.exec(url.pathname)?.[1] ?? '';
    const at = (id: string): Record<string, string> => ({ location: location(id, request) });
    if (request.method === 'POST') {
      const id = String(seen.length);
      sessions.set(id, Buffer.alloc(0));
      const minimum = chunkMinimum === undefined ? {} : { 'oci-chunk-min-length': String(chunkMinimum) };
      return answer(response, 202, '', { ...at(id), ...minimum });
    }
    const held = sessions.get(session);
    if (held === undefined) return answer(response, 404, apiError('BLOB_UPLOAD_UNKNOWN', 'no such upload'));
    if (request.method === 'DELETE') {
      sessions.delete(session);
      return answer(response, 204);
    }
    const range = `0-${Math.max(0, held.byteLength - 1)}`;
    if (request.method === 'GET') return answer(response, 204, '', { ...at(session), range });
    const start = Number(/^(\d+)-\d+$/.exec(request.headers['content-range'] ?? `${held.byteLength}-0`)?.[1]);
    if (start !== held.byteLength) return answer(response, 416, '', { ...at(session), range });
    const whole = Buffer.concat([held, request.body]);
    sessions.set(session, whole);
    if (request.method === 'PATCH')
      return answer(response, 202, '', { ...at(session), range: `0-${whole.byteLength - 1}` });
    const digest = url.searchParams.get('digest') ?? '';
    if (digestOf(whole) !== digest) return answer(response, 400, apiError('DIGEST_INVALID', 'wrong digest'));
    sessions.delete(session);
    blobs.set(digest, whole);
    return answer(response, 201);
  };
  return { handler, blobs, sessions };
}

function has({ blobs }: Uploads, { digest }: Descriptor, bytes: Buffer): boolean {
  return blobs.get(digest)?.equals(bytes) === true;
}

describe('a blob', () => {
  test('is sent in one piece, with its length, to the address and the state that the registry gave', async () => {
    const registry = uploads();
    await using server = await testServer(registry.handler);
    await using opened = testClient();
    await opened.client.repository(server.host, 'a/b').push(large, streamOf(LARGE));
    expect(has(registry, large, LARGE)).toBe(true);
    const put = server.requests.at(-1);
    expect(put?.headers['content-length']).toBe(String(LARGE.byteLength));
    expect(put?.url).toMatch(/\?_state=a%2Fb&digest=sha256%3A/);
  });

  test.each([
    ['relative', (session: string) => `../../../up/${session}`],
    ['absolute', (session: string, request: SeenRequest) => `http://${request.headers.host}/v2/up/${session}`],
  ])('follows a Location that is %s', async (_what, location) => {
    const registry = uploads({
      location: (session, request) => (request.method === 'POST' ? location(session, request) : `/v2/up/${session}`),
    });
    await using server = await testServer(registry.handler);
    await using opened = testClient();
    await opened.client.repository(server.host, 'a/b').push(small, streamOf(SMALL));
    expect(has(registry, small, SMALL)).toBe(true);
  });

  test('that is small is sent again when the registry has trouble', async () => {
    let failures = 2;
    const registry = uploads({
      first: (request, response) => {
        if (request.method !== 'PUT' || failures === 0) return false;
        failures -= 1;
        answer(response, 503);
        return true;
      },
    });
    await using server = await testServer(registry.handler);
    await using opened = testClient();
    await opened.client.repository(server.host, 'a/b').push(small, streamOf(SMALL));
    expect(has(registry, small, SMALL)).toBe(true);
  });

  test('that is large asks for a new stream when the registry has trouble, and gives its session up', async () => {
    let failures = 1;
    const registry = uploads({
      first: (request, response) => {
        if (request.method !== 'PUT' || failures === 0) return false;
        failures -= 1;
        answer(response, 503);
        return true;
      },
    });
    await using server = await testServer(registry.handler);
    await using opened = testClient();
    const repository = opened.client.repository(server.host, 'a/b');
    expect(await rejectionOf(repository.push(large, streamOf(LARGE)))).toBeInstanceOf(TransientError);
    expect(registry.sessions.size).toBe(0);
    await repository.push(large, streamOf(LARGE));
    expect(has(registry, large, LARGE)).toBe(true);
  });

  test.each([405, 413])('goes in chunks from then on where the registry answers %i to one piece', async (status) => {
    const registry = uploads({
      first: (request, response) => {
        if (request.method !== 'PUT' || request.body.byteLength === 0) return false;
        answer(response, status);
        return true;
      },
    });
    await using server = await testServer(registry.handler);
    await using opened = testClient();
    const repository = opened.client.repository(server.host, 'a/b');
    expect(await rejectionOf(repository.push(large, streamOf(LARGE)))).toBeInstanceOf(TransientError);
    await repository.push(large, streamOf(LARGE));
    expect(has(registry, large, LARGE)).toBe(true);
    const ranges = server.requests
      .filter(({ method }) => method === 'PATCH')
      .map(({ headers }) => headers['content-range']);
    expect(ranges.length).toBeGreaterThan(1);
    expect(ranges[0]).toMatch(/^0-\d+$/);
  });

  test('goes in chunks no smaller than the registry wants, and goes on where a chunk was cut', async () => {
    let cut = true;
    const registry = uploads({
      chunkMinimum: 3_000_000,
      first: (request, response) => {
        if (request.method === 'PUT' && request.body.byteLength > 0) {
          answer(response, 405);
          return true;
        }
        if (request.method !== 'PATCH' || !cut) return false;
        cut = false;
        const session = /\/up\/(\d+)/.exec(request.url)?.[1] ?? '';
        registry.sessions.set(session, request.body.subarray(0, 1_000_000));
        response.destroy();
        return true;
      },
    });
    await using server = await testServer(registry.handler);
    await using opened = testClient();
    const repository = opened.client.repository(server.host, 'a/b');
    await rejectionOf(repository.push(large, streamOf(LARGE)));
    await repository.push(large, streamOf(LARGE));
    expect(has(registry, large, LARGE)).toBe(true);
    const chunks = server.requests
      .filter(({ method }) => method === 'PATCH')
      .map(({ headers }) => headers['content-range']);
    expect(chunks[0]?.startsWith('0-')).toBe(true);
    expect(chunks[1]?.startsWith('1000000-')).toBe(true);
    expect(server.requests[server.requests.length - 1]?.method).toBe('PUT');
  });

  describe('behind nginx, which limits the size of requests', () => {
    const MIB = 1024 * 1024;
    const behindNginx = (limit: number, habits: Habits = {}): Uploads =>
      uploads({
        ...habits,
        first: (request, response) => {
          if (request.body.byteLength <= limit) return false;
          const page = '<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n</html>';
          answer(response, 413, page, { 'content-type': 'text/html' });
          return true;
        },
      });

    test.each([5 * MIB - 1_000_000, MIB, 300_000])('of %i bytes, goes in chunks that fit', async (limit) => {
      const registry = behindNginx(limit);
      await using server = await testServer(registry.handler);
      await using opened = testClient();
      const repository = opened.client.repository(server.host, 'a/b');
      expect(await rejectionOf(repository.push(large, streamOf(LARGE)))).toBeInstanceOf(TransientError);
      await repository.push(large, streamOf(LARGE));
      expect(has(registry, large, LARGE)).toBe(true);
      expect(registry.sessions.size).toBe(0);
    });

    test('goes in chunks also where it is small', async () => {
      const bytes = Buffer.from(randomBytes('medium', 900_000));
      const medium = descriptorOf(MEDIA_TYPES.ociLayer, bytes);
      const registry = behindNginx(500_000);
      await using server = await testServer(registry.handler);
      await using opened = testClient();
      await opened.client.repository(server.host, 'a/b').push(medium, streamOf(bytes));
      expect(has(registry, medium, bytes)).toBe(true);
      await opened.client.repository(server.host, 'a/c').push(medium, streamOf(bytes));
      expect(server.requests.filter(({ body }) => body.byteLength > 500_000)).toHaveLength(2);
    });

    test('says what to do where no chunk is small enough', async () => {
      const registry = behindNginx(100_000);
      await using server = await testServer(registry.handler);
      await using opened = testClient();
      const repository = opened.client.repository(server.host, 'a/b');
      await rejectionOf(repository.push(large, streamOf(LARGE)));
      const error = (await rejectionOf(repository.push(large, streamOf(LARGE)))) as KubecrateError;
      expect(error).not.toBeInstanceOf(TransientError);
      expect(error.message).toContain(`cannot push ${large.digest} to ${server.host}/a/b`);
      expect(error.message).toContain('a chunk of 262144 bytes');
      expect(error.hint).toContain(`a proxy before ${server.host}`);
      expect(error.hint).toContain('client_max_body_size');
      expect(registry.sessions.size).toBe(0);
    });

    test('is never sent less in a chunk than the registry wants', async () => {
      const registry = behindNginx(MIB, { chunkMinimum: 1_500_000 });
      await using server = await testServer(registry.handler);
      await using opened = testClient();
      const repository = opened.client.repository(server.host, 'a/b');
      await rejectionOf(repository.push(large, streamOf(LARGE)));
      const error = (await rejectionOf(repository.push(large, streamOf(LARGE)))) as KubecrateError;
      expect(error.message).toContain('the registry wants no less than 1500000');
      const sent = server.requests.filter(({ method }) => method === 'PATCH').map(({ body }) => body.byteLength);
      expect(sent).toEqual([2 * MIB, 1_500_000]);
    });

    test('says what to do where a manifest is too large', async () => {
      const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [] }));
      await using server = await testServer(behindNginx(10).handler);
      await using opened = testClient();
      const index = descriptorOf(MEDIA_TYPES.ociIndex, bytes);
      const error = await rejectionOf(opened.client.repository(server.host, 'a/b').push(index, streamOf(bytes)));
      expect(error).toMatchObject({ hint: expect.stringContaining('client_max_body_size') });
    });
  });

  test('is told of a page that refuses by its status', async () => {
    await using server = await testServer((_request, response) =>
      answer(response, 404, '<html></html>', { 'content-type': 'text/html' }),
    );
    await using opened = testClient();
    const repository = opened.client.repository(server.host, 'a/b');
    expect(await repository.exists(small)).toBe(false);
    expect(await rejectionOf(repository.push(small, streamOf(SMALL)))).toMatchObject({
      code: 'NOT_FOUND',
      hint: expect.stringContaining('this host may be no registry'),
    });
  });

  test('of another digest never reaches the registry whole', async () => {
    const registry = uploads();
    await using server = await testServer(registry.handler);
    await using opened = testClient();
    const wrong = Buffer.from(LARGE);
    wrong[0] = (wrong[0] ?? 0) ^ 1;
    const error = await rejectionOf(opened.client.repository(server.host, 'a/b').push(large, streamOf(wrong)));
    expect(hasCode(error, 'DIGEST_MISMATCH')).toBe(true);
    expect(registry.blobs.size).toBe(0);
    expect(registry.sessions.size).toBe(0);
    expect(server.requests.some(({ method }) => method === 'PUT')).toBe(false);
  });

  test('that the registry does not allow is refused in its words', async () => {
    await using server = await testServer((_request, response) =>
      answer(response, 403, apiError('DENIED', 'requested access to the resource is denied')),
    );
    await using opened = testClient();
    const error = (await rejectionOf(
      opened.client.repository(server.host, 'a/b').push(small, streamOf(SMALL)),
    )) as KubecrateError;
    expect(error.code).toBe('DENIED');
    expect(error.message).toContain('requested access to the resource is denied');
    expect(error.message).toContain(`push ${small.digest} to ${server.host}/a/b`);
  });

  test('is not sent to an address of another kind', async () => {
    const registry = uploads({ location: (session) => `ftp://elsewhere/${session}` });
    await using server = await testServer(registry.handler);
    await using opened = testClient();
    const error = await rejectionOf(opened.client.repository(server.host, 'a/b').push(small, streamOf(SMALL)));
    expect(hasCode(error, 'REGISTRY')).toBe(true);
  });
});

describe('a mount', () => {
  test('takes the blob over, and asks for the right scopes', async () => {
    const scopes: string[] = [];
    await using server = await testServer((request, response) => {
      const url = new URL(request.url, 'http://registry');
      if (url.pathname === '/token') {
        scopes.push(...url.searchParams.getAll('scope'));
        return answer(response, 200, '{"token":"t"}');
      }
      if (request.headers.authorization === undefined) {
        return answer(response, 401, '', { 'www-authenticate': `Bearer realm="http://${request.headers.host}/token"` });
      }
      return answer(response, 201);
    });
    await using opened = testClient();
    expect(await opened.client.repository(server.host, 'a/b').mount(small, 'c/d')).toBe('mounted');
    expect(scopes).toEqual(['repository:a/b:pull,push', 'repository:c/d:pull']);
    expect(new URL(server.requests.at(-1)?.url ?? '', 'http://x').search).toBe(
      `?mount=${encodeURIComponent(small.digest)}&from=c%2Fd`,
    );
  });

  test('that is declined leaves a session, which the push takes', async () => {
    const registry = uploads();
    await using server = await testServer(registry.handler);
    await using opened = testClient();
    const repository = opened.client.repository(server.host, 'a/b');
    expect(await repository.mount(small, 'c/d')).toBe('declined');
    await repository.push(small, streamOf(SMALL));
    expect(has(registry, small, SMALL)).toBe(true);
    expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'PUT']);
  });

  test('from a repository that nobody may read is declined', async () => {
    await using server = await testServer((_request, response) => answer(response, 403));
    await using opened = testClient();
    expect(await opened.client.repository(server.host, 'a/b').mount(small, 'c/d')).toBe('declined');
  });

  test('shares its space with the repositories of one registry only', async () => {
    await using opened = testClient();
    const { client } = opened;
    expect(client.repository('one.example', 'a').space).toBe(client.repository('one.example', 'b').space);
    expect(client.repository('one.example', 'a').space).not.toBe(client.repository('two.example', 'a').space);
  });
});

describe('a manifest', () => {
  const config = descriptorOf(MEDIA_TYPES.ociEmpty, Buffer.from('{}'));
  const bytesOf = (subject?: Descriptor): Buffer =>
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.ociManifest,
        artifactType: 'application/example',
        config,
        layers: [],
        ...(subject === undefined ? {} : { subject }),
        annotations: { a: 'b' },
      }),
    );
  const image = bytesOf();
  const imageDescriptor = descriptorOf(MEDIA_TYPES.ociManifest, image);
  const signature = bytesOf(imageDescriptor);
  const signatureDescriptor = descriptorOf(MEDIA_TYPES.ociManifest, signature);
  const fallback = `sha256-${imageDescriptor.digest.slice(7)}`;

  /** Keeps manifests; says that it knows subjects, or not. */
  function manifests(subjects: 'known' | 'unknown'): { handler: Handler; kept: Map<string, Buffer> } {
    const kept = new Map<string, Buffer>();
    const handler: Handler = (request, response) => {
      const reference = request.url.split('/').at(-1) ?? '';
      const found = kept.get(reference);
      if (request.url.includes('/referrers/')) return answer(response, 404);
      if (request.method === 'PUT') {
        kept.set(reference, request.body);
        const { subject } = JSON.parse(request.body.toString()) as { subject?: Descriptor };
        const says = subjects === 'known' && subject !== undefined ? { 'oci-subject': subject.digest } : {};
        return answer(response, 201, '', says);
      }
      if (found === undefined) return answer(response, 404, apiError('MANIFEST_UNKNOWN', 'unknown'));
      return answer(response, 200, request.method === 'HEAD' ? '' : found, {
        'content-type': (JSON.parse(found.toString()) as { mediaType: string }).mediaType,
        'content-length': String(found.byteLength),
      });
    };
    return { handler, kept };
  }

  test('with a subject is listed under the fallback tag where the registry does not know subjects', async () => {
    const registry = manifests('unknown');
    await using server = await testServer(registry.handler);
    await using opened = testClient();
    const repository = opened.client.repository(server.host, 'a/b');
    await repository.push(signatureDescriptor, streamOf(signature));
    await repository.push(signatureDescriptor, streamOf(signature));
    const index = JSON.parse(registry.kept.get(fallback)?.toString() ?? '') as { manifests: unknown[] };
    expect(index.manifests).toEqual([
      { ...signatureDescriptor, artifactType: 'application/example', annotations: { a: 'b' } },
    ]);
    const listed: Descriptor[] = [];
    for await (const referrer of repository.referrers(imageDescriptor)) listed.push(referrer);
    expect(listed.map(({ digest }) => digest)).toEqual([signatureDescriptor.digest]);
  });

  test('of two that are pushed at once, neither is lost from the fallback tag', async () => {
    const registry = manifests('unknown');
    await using server = await testServer(registry.handler);
    await using opened = testClient();
    const repository = opened.client.repository(server.host, 'a/b');
    const others = ['x', 'y', 'z'].map((name) =>
      Buffer.from(signature.toString().replace('"b"', JSON.stringify(name))),
    );
    await Promise.all(
      others.map((bytes) => repository.push(descriptorOf(MEDIA_TYPES.ociManifest, bytes), streamOf(bytes))),
    );
    const index = JSON.parse(registry.kept.get(fallback)?.toString() ?? '') as { manifests: unknown[] };
    expect(index.manifests).toHaveLength(3);
  });

  test('with a subject needs no fallback tag where the registry knows subjects', async () => {
    const registry = manifests('known');
    await using server = await testServer(registry.handler);
    await using opened = testClient();
    await opened.client.repository(server.host, 'a/b').push(signatureDescriptor, streamOf(signature));
    expect([...registry.kept.keys()]).toEqual([signatureDescriptor.digest]);
  });

  test('that was pushed gets a tag without being fetched', async () => {
    const registry = manifests('known');
    await using server = await testServer(registry.handler);
    await using opened = testClient();
    const repository = opened.client.repository(server.host, 'a/b');
    await repository.push(imageDescriptor, streamOf(image));
    await repository.tag(imageDescriptor, 'v1');
    expect(server.requests.map(({ method }) => method)).toEqual(['PUT', 'PUT']);
    expect(registry.kept.get('v1')?.equals(image)).toBe(true);
  });

  test('is resolved by GET where HEAD does not say its digest', async () => {
    const registry = manifests('known');
    registry.kept.set('v1', image);
    await using server = await testServer(registry.handler);
    await using opened = testClient();
    expect(await opened.client.repository(server.host, 'a/b').resolve('v1')).toEqual(imageDescriptor);
    expect(server.requests.map(({ method }) => method)).toEqual(['HEAD', 'GET']);
  });

  test('of another digest than was asked for is refused', async () => {
    const registry = manifests('known');
    registry.kept.set(signatureDescriptor.digest, image);
    await using server = await testServer(registry.handler);
    await using opened = testClient();
    const error = await rejectionOf(opened.client.repository(server.host, 'a/b').resolve(signatureDescriptor.digest));
    expect(hasCode(error, 'DIGEST_MISMATCH')).toBe(true);
  });

  test.each([
    ['a web page', 'text/html', '<html></html>', 'answered with a web page'],
    ['schema 1', MEDIA_TYPES.dockerSchema1Signed, '{"schemaVersion":1}', 'Docker schema 1'],
    ['nonsense', MEDIA_TYPES.ociManifest, 'nonsense', 'is not JSON'],
  ])('that is %s is refused with words', async (_what, type, body, words) => {
    await using server = await testServer((_request, response) =>
      answer(response, 200, body, { 'content-type': type }),
    );
    await using opened = testClient({ credentials: [givenCredentials({})] });
    const error = (await rejectionOf(opened.client.repository(server.host, 'a/b').resolve('v1'))) as KubecrateError;
    expect(error.message).toContain(words);
    expect(error.message).toContain(server.host);
  });
});
