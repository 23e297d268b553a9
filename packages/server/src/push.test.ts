import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MemoryStore, Mounter, Namespace } from '@kubecrate/content';
import {
  type BlobFixture,
  blob,
  failingPush,
  image,
  index,
  memoryNamespace,
  pushBlob,
  randomBytes,
  referrer,
} from '@kubecrate/content/testing';
import { digestOf, MEDIA_TYPES } from '@kubecrate/oci';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type RunningServer, type ServerOptions, startServer } from './index.ts';

const REPOSITORY = 'team/app';
const content = blob('application/octet-stream', randomBytes('pushed', 300_000));
const { bytes } = content;
const { digest } = content.descriptor;

let namespace: Namespace<MemoryStore>;
let uploadDirectory: string;
let server: RunningServer;
beforeEach(async () => {
  namespace = memoryNamespace();
  uploadDirectory = await mkdtemp(join(tmpdir(), 'kubecrate-server-'));
  server = await start();
});
afterEach(async () => {
  await server.close();
  expect(await readdir(uploadDirectory)).toEqual([]);
  await rm(uploadDirectory, { recursive: true });
});

const start = (served: Namespace = namespace, options: ServerOptions = {}): Promise<RunningServer> =>
  startServer(served, { access: 'writable', uploadDirectory, ...options });
const send = (method: string, path: string, body?: Uint8Array | string, headers: Record<string, string> = {}) =>
  fetch(path.startsWith('/') ? `${server.url}${path}` : `${server.url}/v2/${REPOSITORY}/${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: body as NonNullable<RequestInit['body']> }),
  });
const begin = async (): Promise<string> => {
  const response = await send('POST', 'blobs/uploads/');
  expect(response.status).toBe(202);
  return response.headers.get('location') ?? '';
};
const exists = ({ descriptor }: BlobFixture, repository = REPOSITORY): Promise<boolean> =>
  namespace.repository(repository).exists(descriptor);

const eventually = (check: () => Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 10_000 });

async function expectError(response: Response, status: number, code: string): Promise<void> {
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ errors: [{ code }] });
}

async function sessions(): Promise<string[]> {
  const [directory] = await readdir(uploadDirectory);
  return directory === undefined ? [] : readdir(join(uploadDirectory, directory));
}

describe('a blob', () => {
  test('is pushed by POST and PUT', async () => {
    const response = await send('PUT', `${await begin()}?digest=${digest}`, bytes);
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe(`/v2/${REPOSITORY}/blobs/${digest}`);
    expect(response.headers.get('docker-content-digest')).toBe(digest);
    expect(await exists(content)).toBe(true);
    expect(await sessions()).toEqual([]);
  });

  test('is pushed by one POST, empty or not', async () => {
    for (const one of [content, blob('application/octet-stream', '')]) {
      const response = await send('POST', `blobs/uploads/?digest=${one.descriptor.digest}`, one.bytes);
      expect(response.status).toBe(201);
      expect(await exists(one)).toBe(true);
    }
  });

  test('is pushed by one POST also where it is there already, on a connection that stays usable', async () => {
    for (let i = 0; i < 3; i += 1) {
      expect((await send('POST', `blobs/uploads/?digest=${digest}`, bytes)).status).toBe(201);
    }
  });

  test('is pushed in chunks', async () => {
    let location = await begin();
    for (const [from, to] of [
      [0, 100_000],
      [100_000, 100_001],
    ] as const) {
      const headers = { 'content-range': `${from}-${to - 1}`, 'content-type': 'application/octet-stream' };
      const response = await send('PATCH', location, bytes.subarray(from, to), headers);
      expect([response.status, response.headers.get('range')]).toEqual([202, `0-${to - 1}`]);
      location = response.headers.get('location') ?? '';
    }
    const status = await send('GET', location);
    expect([status.status, status.headers.get('range')]).toEqual([204, '0-100000']);
    const headers = { 'content-range': '100001-299999' };
    const response = await send('PUT', `${location}?digest=${digest}`, bytes.subarray(100_001), headers);
    expect(response.status).toBe(201);
    expect(await exists(content)).toBe(true);
  });

  test('is pushed by PATCH without a range, and an empty PUT', async () => {
    const location = await begin();
    expect((await send('PATCH', location, bytes)).status).toBe(202);
    expect((await send('PUT', `${location}?digest=${digest}`)).status).toBe(201);
    expect(await exists(content)).toBe(true);
  });

  test('refuses a chunk out of order and says where to go on', async () => {
    const location = await begin();
    await send('PATCH', location, bytes.subarray(0, 1000), { 'content-range': '0-999' });
    for (const range of ['999-1998', '1001-2000', '0-999', 'x-y']) {
      const response = await send('PATCH', location, bytes.subarray(0, 1000), { 'content-range': range });
      expect(response.headers.get('range')).toBe('0-999');
      await expectError(response, 416, 'BLOB_UPLOAD_INVALID');
    }
    const last = await send('PATCH', location, bytes.subarray(1000, 2000), { 'content-range': '1000-1999' });
    expect(last.headers.get('range')).toBe('0-1999');
  });

  test('refuses a chunk whose length is not that of its range', async () => {
    const location = await begin();
    const response = await send('PATCH', location, bytes.subarray(0, 10), { 'content-range': '0-99' });
    await expectError(response, 400, 'SIZE_INVALID');
  });

  test('of another digest is refused, and its upload is gone', async () => {
    const location = await begin();
    const wrong = digestOf('something else');
    await expectError(await send('PUT', `${location}?digest=${wrong}`, bytes), 400, 'DIGEST_INVALID');
    expect((await send('GET', location)).status).toBe(404);
    await expectError(await send('POST', `blobs/uploads/?digest=${wrong}`, bytes), 400, 'DIGEST_INVALID');
    expect(await exists(content)).toBe(false);
    expect(await sessions()).toEqual([]);
  });

  test('without a digest is refused, and its upload stays', async () => {
    const location = await begin();
    for (const query of ['', '?digest=sha256:abc', '?digest=md5:1234']) {
      await expectError(await send('PUT', `${location}${query}`, bytes), 400, 'DIGEST_INVALID');
    }
    expect((await send('PUT', `${location}?digest=${digest}`, bytes)).status).toBe(201);
  });

  test('is given up by DELETE', async () => {
    const location = await begin();
    await send('PATCH', location, bytes);
    expect((await send('DELETE', location)).status).toBe(204);
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      await expectError(
        await send(method, location, method === 'PATCH' ? bytes : undefined),
        404,
        'BLOB_UPLOAD_UNKNOWN',
      ).catch((error: unknown) => {
        throw new Error(method, { cause: error });
      });
    }
    expect(await sessions()).toEqual([]);
  });

  test('does not go on in another repository', async () => {
    const location = (await begin()).replace(REPOSITORY, 'team/else');
    await expectError(await send('PATCH', location, bytes), 404, 'BLOB_UPLOAD_UNKNOWN');
  });

  test('goes on after a connection that broke in the middle', async () => {
    const location = await begin();
    const controller = new AbortController();
    const half = new ReadableStream({
      async start(stream) {
        stream.enqueue(bytes.subarray(0, 150_000));
        await eventually(async () => expect(await received(location)).toBe(150_000));
        controller.abort();
      },
    });
    const broken = { method: 'PATCH', body: half, duplex: 'half', signal: controller.signal } as RequestInit;
    await expect(fetch(`${server.url}${location}`, broken)).rejects.toThrow();
    await eventually(async () => {
      const status = await send('GET', location);
      expect([status.status, status.headers.get('range')]).toEqual([204, '0-149999']);
    });
    const response = await send('PUT', `${location}?digest=${digest}`, bytes.subarray(150_000));
    expect(response.status).toBe(201);
    expect(await exists(content)).toBe(true);
  });

  test('is not written by two requests at a time', async () => {
    const location = await begin();
    let finish = (): void => undefined;
    const slow = new ReadableStream({
      start(stream) {
        stream.enqueue(bytes.subarray(0, 1000));
        finish = () => stream.close();
      },
    });
    const first = fetch(`${server.url}${location}`, { method: 'PATCH', body: slow, duplex: 'half' } as RequestInit);
    await eventually(async () => expect(await received(location)).toBe(1000));
    await expectError(await send('PATCH', location, bytes), 409, 'BLOB_UPLOAD_INVALID');
    finish();
    expect((await first).headers.get('range')).toBe('0-999');
  });

  test('that finds the disk full is a 507', async () => {
    const full = failingPush(namespace.repository(REPOSITORY), 1000);
    await using other = await start({ ...namespace, repository: () => full });
    const response = await fetch(`${other.url}/v2/${REPOSITORY}/blobs/uploads/?digest=${digest}`, {
      method: 'POST',
      body: bytes as NonNullable<RequestInit['body']>,
    });
    await expectError(response, 507, 'UNKNOWN');
  });

  /** What the file of an upload holds; asking the server would be refused while it is written to. */
  async function received(location: string): Promise<number> {
    const [directory = ''] = await readdir(uploadDirectory);
    return (await stat(join(uploadDirectory, directory, location.split('/').at(-1) ?? ''))).size;
  }
});

describe('a mount', () => {
  test('takes a blob of another repository', async () => {
    const mounts: string[] = [];
    await pushBlob(namespace.repository('base'), content);
    const space = {};
    const mounting = (repository: string): MemoryStore & Mounter =>
      Object.assign(Object.create(null), bound(namespace.repository(repository)), {
        space,
        repository,
        mount: async (descriptor: BlobFixture['descriptor'], from: string) => {
          mounts.push(from);
          await pushBlob(namespace.repository(repository), { ...content, descriptor });
          return 'mounted';
        },
      });
    await using other = await start({ ...namespace, repository: mounting });
    const url = `${other.url}/v2/${REPOSITORY}/blobs/uploads/?mount=${digest}`;
    const response = await fetch(`${url}&from=base`, { method: 'POST' });
    expect([response.status, response.headers.get('location')]).toEqual([201, `/v2/${REPOSITORY}/blobs/${digest}`]);
    expect(mounts).toEqual(['base']);
    expect(await exists(content)).toBe(true);
    for (const from of ['', '&from=nowhere', '&from=../base']) {
      expect((await fetch(`${url}${from}`, { method: 'POST' })).status, from).toBe(202);
    }
  });

  test('that is not possible begins an upload', async () => {
    await pushBlob(namespace.repository('base'), content);
    const response = await send('POST', `blobs/uploads/?mount=${digest}&from=base`);
    expect(response.status).toBe(202);
    const location = response.headers.get('location');
    expect((await send('PUT', `${location}?digest=${digest}`, bytes)).status).toBe(201);
  });

  function bound(store: MemoryStore): object {
    const verbs = ['fetch', 'exists', 'push', 'resolve', 'tag', 'tags', 'delete', 'untag', 'resolveBlob'] as const;
    return Object.fromEntries(verbs.map((verb) => [verb, store[verb].bind(store)]));
  }
});

describe('a manifest', () => {
  const pushed = image({ seed: 'manifest' });
  const json = { 'content-type': MEDIA_TYPES.ociManifest };
  const pushBlobs = async (): Promise<void> => {
    for (const one of pushed.blobs) await pushBlob(namespace.repository(REPOSITORY), one);
  };

  test('is pushed by tag and by digest', async () => {
    await pushBlobs();
    for (const reference of ['v1', pushed.descriptor.digest]) {
      const response = await send('PUT', `manifests/${reference}`, pushed.bytes, json);
      expect(response.status).toBe(201);
      expect(response.headers.get('location')).toBe(`/v2/${REPOSITORY}/manifests/${pushed.descriptor.digest}`);
      expect(response.headers.get('docker-content-digest')).toBe(pushed.descriptor.digest);
      expect(response.headers.get('oci-subject')).toBeNull();
    }
    expect(await namespace.repository(REPOSITORY).resolve('v1')).toMatchObject({
      digest: pushed.descriptor.digest,
      mediaType: MEDIA_TYPES.ociManifest,
    });
  });

  test('needs its blobs, but an index does not need its children', async () => {
    await expectError(await send('PUT', 'manifests/v1', pushed.bytes, json), 400, 'MANIFEST_BLOB_UNKNOWN');
    expect((await send('GET', 'manifests/v1')).status).toBe(404);
    const sparse = index([pushed]);
    const response = await send('PUT', 'manifests/multi', sparse.bytes, { 'content-type': MEDIA_TYPES.ociIndex });
    expect(response.status).toBe(201);
  });

  test('is refused where it is nonsense, another digest, another type or too large', async () => {
    await pushBlobs();
    await expectError(await send('PUT', 'manifests/v1', 'no json', json), 400, 'MANIFEST_INVALID');
    await expectError(await send('PUT', 'manifests/v1', '{}', json), 400, 'MANIFEST_INVALID');
    const other = `manifests/${digestOf('else')}`;
    await expectError(await send('PUT', other, pushed.bytes, json), 400, 'DIGEST_INVALID');
    await expectError(await send('PUT', 'manifests/sha256:1', pushed.bytes, json), 400, 'DIGEST_INVALID');
    await expectError(await send('PUT', 'manifests/.tag', pushed.bytes, json), 400, 'TAG_INVALID');
    const docker = { 'content-type': MEDIA_TYPES.dockerManifest };
    await expectError(await send('PUT', 'manifests/v1', pushed.bytes, docker), 400, 'MANIFEST_INVALID');
    const huge = Buffer.alloc(4 * 1024 * 1024 + 1, ' ');
    await expectError(await send('PUT', 'manifests/v1', huge, json), 413, 'SIZE_INVALID');
    const endless = new Blob([huge]).stream();
    const chunked = { method: 'PUT', body: endless, duplex: 'half', headers: json } as RequestInit;
    await expectError(await fetch(`${server.url}/v2/${REPOSITORY}/manifests/v1`, chunked), 413, 'SIZE_INVALID');
    expect((await send('GET', 'manifests/v1')).status).toBe(404);
  });

  test('with a subject is told so where the target lists referrers', async () => {
    const sbom = referrer(pushed.descriptor);
    for (const one of sbom.blobs) await pushBlob(namespace.repository(REPOSITORY), one);
    const lister = Object.assign(namespace.repository(REPOSITORY), { referrers: async function* () {} });
    await using other = await start({ ...namespace, repository: () => lister });
    const response = await fetch(`${other.url}/v2/${REPOSITORY}/manifests/${sbom.descriptor.digest}`, {
      method: 'PUT',
      headers: json,
      body: sbom.bytes as NonNullable<RequestInit['body']>,
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('oci-subject')).toBe(pushed.descriptor.digest);
  });

  test('is deleted by digest, and untagged by tag', async () => {
    await pushBlobs();
    await send('PUT', 'manifests/one', pushed.bytes, json);
    await send('PUT', 'manifests/two', pushed.bytes, json);
    expect((await send('DELETE', 'manifests/one')).status).toBe(202);
    expect((await send('GET', 'manifests/one')).status).toBe(404);
    expect((await send('GET', 'manifests/two')).status).toBe(200);
    expect((await send('DELETE', `manifests/${pushed.descriptor.digest}`)).status).toBe(202);
    expect((await send('GET', 'manifests/two')).status).toBe(404);
    await expectError(await send('DELETE', `manifests/${pushed.descriptor.digest}`), 404, 'MANIFEST_UNKNOWN');
  });
});

test('a blob is deleted', async () => {
  await pushBlob(namespace.repository(REPOSITORY), content);
  expect((await send('DELETE', `blobs/${digest}`)).status).toBe(202);
  expect(await exists(content)).toBe(false);
  await expectError(await send('DELETE', `blobs/${digest}`), 404, 'BLOB_UNKNOWN');
});

test('closing the server removes unfinished uploads', async () => {
  await send('PATCH', await begin(), bytes);
  expect(await sessions()).toHaveLength(1);
  await server.close();
  expect(await readdir(uploadDirectory)).toEqual([]);
});
