import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, MemoryStore, Namespace, Segment } from '@kubecrate/content';
import {
  blob,
  failingFetch,
  image,
  lying,
  memoryNamespace,
  pushBlob,
  pushImage,
  randomBytes,
  wrapping,
} from '@kubecrate/content/testing';
import { NotFoundError } from '@kubecrate/errors';
import { MEDIA_TYPES } from '@kubecrate/oci';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningServer, type ServerEvent, startServer } from './index.ts';
import { sizeOfSegments } from './segment-reader.ts';

const REPOSITORY = 'helm-charts/my_app.x';
const pulled = image({ seed: 'pulled' });
const large = blob(MEDIA_TYPES.ociLayer, randomBytes('large', 1_500_000));
const empty = blob(MEDIA_TYPES.ociLayer, '');
const { digest } = pulled.descriptor;

let namespace: Namespace<MemoryStore>;
let server: RunningServer;
beforeAll(async () => {
  namespace = memoryNamespace();
  const repository = namespace.repository(REPOSITORY);
  await pushImage(repository, pulled, 'v1');
  await pushBlob(repository, large);
  await pushBlob(repository, empty);
  server = await startServer(namespace);
});
afterAll(() => server.close());

const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${server.url}/v2/${path}`, init);
const blobPath = (content: { readonly descriptor: { readonly digest: string } }): string =>
  `${REPOSITORY}/blobs/${content.descriptor.digest}`;

async function expectError(response: Response, status: number, code: string): Promise<void> {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toMatchObject({ errors: [{ code }] });
}

describe('the API', () => {
  test('says that it is there', async () => {
    const response = await get('');
    expect(response.status).toBe(200);
    expect(response.headers.get('docker-distribution-api-version')).toBe('registry/2.0');
  });

  test('does not know other paths', async () => {
    for (const path of ['x', 'a/b/blobs', 'a/manifests', '/manifests/v1', 'a/tags/list/x']) {
      expect((await get(path)).status, path).toBe(404);
    }
    expect((await fetch(`${server.url}/`)).status).toBe(404);
  });

  test.each(['A/b', 'a//b', '../a', 'a/%2e%2e/b', '-a', `a/${'x'.repeat(256)}`])(
    'refuses the repository name %s',
    async (name) => {
      const response = await get(`${name}/manifests/v1`);
      expect([400, 404]).toContain(response.status);
      if (response.status === 400) await expectError(response, 400, 'NAME_INVALID');
    },
  );
});

describe('manifests', () => {
  test.each(['v1', digest, digest.replace(':', '%3A')])('are given by %s', async (reference) => {
    const response = await get(`${REPOSITORY}/manifests/${reference}`);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': MEDIA_TYPES.ociManifest,
      'content-length': String(pulled.bytes.byteLength),
      'docker-content-digest': digest,
      etag: `"${digest}"`,
    });
    expect(Buffer.from(await response.arrayBuffer()).equals(pulled.bytes)).toBe(true);
  });

  test('answer HEAD with the same headers and no body', async () => {
    const response = await get(`${REPOSITORY}/manifests/v1`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(pulled.bytes.byteLength));
    expect(response.headers.get('docker-content-digest')).toBe(digest);
    expect(await response.text()).toBe('');
  });

  test('are not sent to who has them', async () => {
    for (const tag of [`"${digest}"`, `W/"${digest}"`, `"x", "${digest}"`, '*']) {
      const response = await get(`${REPOSITORY}/manifests/v1`, { headers: { 'if-none-match': tag } });
      expect(response.status, tag).toBe(304);
    }
    const response = await get(`${REPOSITORY}/manifests/v1`, { headers: { 'if-none-match': '"sha256:else"' } });
    expect(response.status).toBe(200);
  });

  test('that are not there are MANIFEST_UNKNOWN', async () => {
    const absent = image({ seed: 'absent' }).descriptor.digest;
    for (const reference of ['v2', absent, '.not-a-tag']) {
      await expectError(await get(`${REPOSITORY}/manifests/${reference}`), 404, 'MANIFEST_UNKNOWN');
    }
    await expectError(await get('no/such/repository/manifests/v1'), 404, 'MANIFEST_UNKNOWN');
    expect((await get(`${REPOSITORY}/manifests/v2`, { method: 'HEAD' })).status).toBe(404);
  });

  test('by something that is no digest are DIGEST_INVALID', async () => {
    await expectError(await get(`${REPOSITORY}/manifests/sha256:abc`), 400, 'DIGEST_INVALID');
  });
});

describe('blobs', () => {
  test('are given whole', async () => {
    const response = await get(blobPath(large));
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '1500000',
      'docker-content-digest': large.descriptor.digest,
      'accept-ranges': 'bytes',
    });
    expect(Buffer.from(await response.arrayBuffer()).equals(large.bytes)).toBe(true);
  });

  test('may be empty', async () => {
    const response = await get(blobPath(empty));
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '0']);
  });

  test('answer HEAD', async () => {
    const response = await get(blobPath(large), { method: 'HEAD' });
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '1500000']);
  });

  test.each([
    ['bytes=0-0', 0, 0],
    ['bytes=10-1000009', 10, 1_000_009],
    ['bytes=1499999-', 1_499_999, 1_499_999],
    ['bytes=1000000-9999999', 1_000_000, 1_499_999],
    ['bytes=-500', 1_499_500, 1_499_999],
    ['bytes=-9999999', 0, 1_499_999],
  ])('give the range %s', async (range, start, end) => {
    const response = await get(blobPath(large), { headers: { range } });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end}/1500000`);
    expect(response.headers.get('content-length')).toBe(String(end - start + 1));
    expect(Buffer.from(await response.arrayBuffer()).equals(large.bytes.subarray(start, end + 1))).toBe(true);
  });

  test.each(['bytes=1500000-', 'bytes=2000000-3000000', 'bytes=-0'])('have nothing of %s', async (range) => {
    const response = await get(blobPath(large), { headers: { range } });
    expect(response.headers.get('content-range')).toBe('bytes */1500000');
    await expectError(response, 416, 'RANGE_INVALID');
  });

  test.each(['bytes=0-1,5-6', 'items=0-1', 'bytes=5-1', 'bytes=a-b', 'bytes=-'])(
    'ignore the range %s',
    async (range) => {
      const response = await get(blobPath(large), { headers: { range } });
      expect(response.status).toBe(200);
      expect(Buffer.from(await response.arrayBuffer()).byteLength).toBe(1_500_000);
    },
  );

  test('honour If-Range only for what they are', async () => {
    const headers = { range: 'bytes=0-9' };
    const same = await get(blobPath(large), { headers: { ...headers, 'if-range': `"${large.descriptor.digest}"` } });
    const other = await get(blobPath(large), { headers: { ...headers, 'if-range': '"else"' } });
    expect([same.status, other.status]).toEqual([206, 200]);
    await Promise.all([same.arrayBuffer(), other.arrayBuffer()]);
  });

  test('that are not there are BLOB_UNKNOWN', async () => {
    await expectError(await get(blobPath(blob('x', 'absent'))), 404, 'BLOB_UNKNOWN');
    await expectError(await get(`${REPOSITORY}/blobs/sha256:xyz`), 400, 'DIGEST_INVALID');
  });

  test('that break off end the connection, and the server goes on', async () => {
    const failing = failingFetch(namespace.repository(REPOSITORY), 100_000);
    const events: ServerEvent[] = [];
    await using broken = await startServer(
      { ...namespace, repository: () => failing },
      { onEvent: (event) => events.push(event) },
    );
    const response = await fetch(`${broken.url}/v2/${blobPath(large)}`);
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect((await fetch(`${broken.url}/v2/`)).status).toBe(200);
    expect(events).toContainEqual(expect.objectContaining({ type: 'failed', error: expect.any(Error) }));
  });
});

test('content that is not what it should be is the fault of the registry, not of the client', async () => {
  const changed = lying(namespace.repository(REPOSITORY), 'flipped-bit');
  await using broken = await startServer({ ...namespace, repository: () => changed });
  await expectError(await fetch(`${broken.url}/v2/${REPOSITORY}/manifests/v1`), 500, 'UNKNOWN');
  const short = lying(namespace.repository(REPOSITORY), 'short');
  await using cut = await startServer({ ...namespace, repository: () => short });
  const response = await fetch(`${cut.url}/v2/${blobPath(large)}`);
  await expect(response.arrayBuffer()).rejects.toThrow();
});

describe('blobs of a locator', () => {
  test('are put together from their segments, from any byte', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'kubecrate-server-'));
    try {
      const path = join(directory, 'file');
      await writeFile(path, large.bytes);
      const pieces: readonly [Segment, Buffer][] = [
        [{ kind: 'literal', bytes: Buffer.from('header') }, Buffer.from('header')],
        [{ kind: 'file', path, offset: 0, length: 1_500_000 }, large.bytes],
        [{ kind: 'literal', bytes: Buffer.alloc(0) }, Buffer.alloc(0)],
        [{ kind: 'file', path, offset: 7, length: 0 }, Buffer.alloc(0)],
        [{ kind: 'file', path, offset: 7, length: 600_000 }, large.bytes.subarray(7, 600_007)],
        [{ kind: 'literal', bytes: Buffer.from('end') }, Buffer.from('end')],
      ];
      const whole = Buffer.concat(pieces.map(([, bytes]) => bytes));
      await using located = await startServer(locating(pieces.map(([segment]) => segment)));
      const url = `${located.url}/v2/${blobPath(large)}`;
      expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(whole)).toBe(true);
      for (const start of [3, 6, 1_500_006, 1_500_007, whole.byteLength - 1]) {
        const response = await fetch(url, { headers: { range: `bytes=${start}-` } });
        expect(Buffer.from(await response.arrayBuffer()).equals(whole.subarray(start)), `from ${start}`).toBe(true);
      }
      const many = await Promise.all(Array.from({ length: 40 }, () => fetch(url)));
      for (const response of many) expect(Buffer.from(await response.arrayBuffer()).equals(whole)).toBe(true);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  test('that vanish are BLOB_UNKNOWN, and short files break the answer off', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'kubecrate-server-'));
    try {
      const path = join(directory, 'file');
      await using located = await startServer(locating([{ kind: 'file', path, offset: 0, length: 1_000_000 }]));
      const url = `${located.url}/v2/${blobPath(large)}`;
      await expectError(await fetch(url), 404, 'BLOB_UNKNOWN');
      await writeFile(path, large.bytes.subarray(0, 700_000));
      await expect(fetch(url).then((response) => response.arrayBuffer())).rejects.toThrow();
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  test('that the locator cannot place are fetched', async () => {
    await using located = await startServer(locating(undefined));
    const response = await fetch(`${located.url}/v2/${blobPath(large)}`, { headers: { range: 'bytes=5-900000' } });
    expect(Buffer.from(await response.arrayBuffer()).equals(large.bytes.subarray(5, 900_001))).toBe(true);
  });

  function locating(segments: readonly Segment[] | undefined): Namespace {
    const locate: Locator['locate'] = async (descriptor) => {
      if (descriptor.digest !== large.descriptor.digest) throw new NotFoundError('not there');
      return segments;
    };
    const store = namespace.repository(REPOSITORY);
    const resolveBlob: MemoryStore['resolveBlob'] = async (digest) => ({
      ...(digest === large.descriptor.digest ? large.descriptor : await store.resolveBlob(digest)),
      ...(segments === undefined ? {} : { size: sizeOfSegments(segments) }),
    });
    const target = wrapping<MemoryStore & Partial<Locator>>(store, { locate, resolveBlob });
    const powerful = new Proxy(target, { has: (inner, name) => name === 'locate' || name in inner });
    return { ...namespace, repository: () => powerful };
  }
});

test('a read-only registry refuses every write', async () => {
  const upload = `${REPOSITORY}/blobs/uploads/`;
  for (const [method, path] of [
    ['POST', upload],
    ['PATCH', `${upload}some-id`],
    ['PUT', `${upload}some-id?digest=${digest}`],
    ['PUT', `${REPOSITORY}/manifests/v1`],
    ['DELETE', `${REPOSITORY}/manifests/v1`],
    ['DELETE', blobPath(large)],
    ['POST', 'x/tags/list'],
    ['DELETE', '_catalog'],
    ['POST', `${REPOSITORY}/manifests/v1`],
  ] as const) {
    const response = await get(path, { method });
    expect(response.headers.get('allow'), `${method} ${path}`).toContain('GET');
    await expectError(response, 405, 'UNSUPPORTED');
  }
});

test('the repository of another registry is found by `ns`', async () => {
  const options = { repositoryFor: (name: string, ns?: string) => (ns === 'quay.io' ? REPOSITORY : name) };
  await using mapped = await startServer(namespace, options);
  const path = `${mapped.url}/v2/else/app/manifests/v1`;
  expect((await fetch(`${path}?ns=quay.io`)).status).toBe(200);
  expect((await fetch(`${path}?ns=docker.io`)).status).toBe(404);
  expect((await fetch(path)).status).toBe(404);
});
