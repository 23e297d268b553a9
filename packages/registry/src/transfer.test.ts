/** Blobs from servers that misbehave, through both doors. The worker of the bulk door is the built one: run `tsc -b` first. */

import { once } from 'node:events';
import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { randomBytes } from '@kubecrate/content/testing';
import { hasCode, KubecrateError, NotFoundError } from '@kubecrate/errors';
import { type Descriptor, descriptorOf, digestOf, MEDIA_TYPES } from '@kubecrate/oci';
import { describe, expect, test } from 'vitest';
import type { RegistryRepository } from './repository.ts';
import { temporaryDirectory } from './testing/temporary-directory.ts';
import { rejectionOf, testClient } from './testing/test-client.ts';
import { answer, apiError, type SeenRequest, testServer } from './testing/test-server.ts';

const CONTENT = Buffer.from(randomBytes('transfer', 700_000));
const DESCRIPTOR = descriptorOf(MEDIA_TYPES.ociLayerGzip, CONTENT);

/** How a blob is fetched whole: the digest of what arrived, or undefined where the door declines. */
type Door = (
  repository: RegistryRepository,
  descriptor: Descriptor,
  signal?: AbortSignal,
) => Promise<string | undefined>;

const ordinary: Door = async (repository, descriptor, signal) => {
  const chunks: Buffer[] = [];
  for await (const chunk of await repository.fetch(descriptor, { signal })) chunks.push(chunk);
  return digestOf(Buffer.concat(chunks));
};

const bulk: Door = async (repository, descriptor, signal) => {
  await using directory = await temporaryDirectory();
  const file = path.join(directory.path, 'blob');
  if ((await repository.fetchToFile(descriptor, { path: file }, { signal })) === 'declined') return undefined;
  return digestOf(await readFile(file));
};

/** The byte a Range header asks for first; 0 without one. */
function firstByte({ headers }: SeenRequest): number {
  return Number(/^bytes=(\d+)-$/.exec(headers.range ?? 'bytes=0-')?.[1]);
}

/** Answers as a good server does. */
const serve = (request: SeenRequest, response: ServerResponse): void => serveUntil(request, response);

/** Breaks off after so many bytes where told to. */
function serveUntil(request: SeenRequest, response: ServerResponse, cutAfter = Number.POSITIVE_INFINITY): void {
  const start = firstByte(request);
  const rest = CONTENT.subarray(start);
  const headers = { 'content-length': String(rest.byteLength) };
  if (start === 0) response.writeHead(200, headers);
  else
    response.writeHead(206, {
      ...headers,
      'content-range': `bytes ${start}-${CONTENT.byteLength - 1}/${CONTENT.byteLength}`,
    });
  if (cutAfter >= rest.byteLength) response.end(rest);
  else response.write(rest.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 20));
}

describe.each([
  ['the ordinary door', ordinary],
  ['the bulk door', bulk],
] as const)('%s', (name, fetchBlob) => {
  test('fetches a blob', async () => {
    await using server = await testServer(serve);
    await using opened = testClient();
    expect(await fetchBlob(opened.client.repository(server.host, 'a/b'), DESCRIPTOR)).toBe(DESCRIPTOR.digest);
    expect(server.requests[0]?.headers['accept-encoding']).toBe('identity');
  });

  test('goes on from the last good byte when the connection breaks', async () => {
    await using server = await testServer((request, response) => serveUntil(request, response, 150_000));
    await using opened = testClient();
    expect(await fetchBlob(opened.client.repository(server.host, 'a/b'), DESCRIPTOR)).toBe(DESCRIPTOR.digest);
    expect(server.requests.length).toBeGreaterThanOrEqual(5);
    expect(server.requests.slice(1).every((request) => firstByte(request) > 0)).toBe(true);
    expect(opened.events.filter(({ type }) => type === 'retrying').length).toBe(server.requests.length - 1);
  });

  test('skips what it has where the server ignores Range', async () => {
    await using server = await testServer(({ method, url, headers: _, body }, response, seen) =>
      serveUntil({ method, url, headers: {}, body }, response, seen.length === 1 ? 300_000 : undefined),
    );
    await using opened = testClient();
    expect(await fetchBlob(opened.client.repository(server.host, 'a/b'), DESCRIPTOR)).toBe(DESCRIPTOR.digest);
    expect(server.requests).toHaveLength(2);
  });

  test('resolves again when the address it was sent to has expired', async () => {
    let signed = 0;
    await using storage = await testServer((request, response) =>
      request.url === `/blob?X-Signature=${signed}` && signed !== 2
        ? serveUntil(request, response, signed === 1 ? 200_000 : undefined)
        : answer(response, 403, '<Error>Request has expired</Error>'),
    );
    await using registry = await testServer((_request, response) => {
      signed += 1;
      answer(response, 307, '', { location: `http://${storage.host}/blob?X-Signature=${signed}` });
    });
    await using opened = testClient();
    expect(await fetchBlob(opened.client.repository(registry.host, 'a/b'), DESCRIPTOR)).toBe(DESCRIPTOR.digest);
    expect(registry.requests).toHaveLength(3);
    expect(firstByte(storage.requests.at(-1) as SeenRequest)).toBeGreaterThan(0);
  });

  test('dials again when a server sends nothing any more', async () => {
    await using server = await testServer((request, response, seen) => {
      if (seen.length > 1) return serve(request, response);
      response.writeHead(200, { 'content-length': String(CONTENT.byteLength) });
      return response.write(CONTENT.subarray(0, 100_000));
    });
    await using opened = testClient({ timeouts: { stallMs: 1_000 } });
    expect(await fetchBlob(opened.client.repository(server.host, 'a/b'), DESCRIPTOR)).toBe(DESCRIPTOR.digest);
    expect(firstByte(server.requests[1] as SeenRequest)).toBe(100_000);
  });

  test('asks again after 429 and 503, and tells of it', async () => {
    await using server = await testServer((request, response, seen) => {
      if (seen.length === 1)
        return answer(response, 429, apiError('TOOMANYREQUESTS', 'slow down'), { 'retry-after': '0' });
      return seen.length === 2 ? answer(response, 503) : serve(request, response);
    });
    await using opened = testClient();
    expect(await fetchBlob(opened.client.repository(server.host, 'a/b'), DESCRIPTOR)).toBe(DESCRIPTOR.digest);
    const retries = opened.events.filter((event) => event.type === 'retrying');
    expect(retries.map(({ attempt }) => attempt)).toEqual([2, 3]);
    expect(retries[0]?.reason).toContain('slow down');
  });

  test('gives up in the end, with the last failure', async () => {
    await using server = await testServer((_request, response) => answer(response, 502, 'bad gateway'));
    await using opened = testClient();
    const error = await rejectionOf(fetchBlob(opened.client.repository(server.host, 'a/b'), DESCRIPTOR));
    expect(hasCode(error, 'REGISTRY')).toBe(true);
    expect((error as KubecrateError).message).toContain('tried 4 times');
    expect(server.requests).toHaveLength(4);
  });

  test('says that a blob is not there, in the words of the registry', async () => {
    await using server = await testServer((_request, response) =>
      answer(response, 404, apiError('BLOB_UNKNOWN', 'no such blob\u001b[31m')),
    );
    await using opened = testClient();
    const error = await rejectionOf(fetchBlob(opened.client.repository(server.host, 'a/b'), DESCRIPTOR));
    expect(error).toBeInstanceOf(NotFoundError);
    expect((error as NotFoundError).message).toContain('"BLOB_UNKNOWN: no such blob [31m"');
    expect((error as NotFoundError).message).toContain(`${server.host}/a/b`);
  });

  test('does not follow a redirect without end', async () => {
    await using server = await testServer((request, response) =>
      answer(response, 302, '', { location: `${request.url}x` }),
    );
    await using opened = testClient();
    const error = await rejectionOf(fetchBlob(opened.client.repository(server.host, 'a/b'), DESCRIPTOR));
    expect(hasCode(error, 'REGISTRY')).toBe(true);
    expect(server.requests).toHaveLength(6);
  });

  test('stops at an abort, with its reason', async () => {
    await using server = await testServer((_request, response) => {
      response.writeHead(200, { 'content-length': String(CONTENT.byteLength) });
      response.write(CONTENT.subarray(0, 100_000), () => controller.abort(new Error('enough')));
    });
    const controller = new AbortController();
    await using opened = testClient();
    const error = await rejectionOf(
      fetchBlob(opened.client.repository(server.host, 'a/b'), DESCRIPTOR, controller.signal),
    );
    expect((error as Error).message).toBe('enough');
  });

  test('uses its connections again', async () => {
    const ports = new Set<number | undefined>();
    await using server = await testServer((request, response) => {
      ports.add(response.socket?.remotePort);
      serve(request, response);
    });
    await using opened = testClient();
    for (let turn = 0; turn < 5; turn += 1) {
      await fetchBlob(opened.client.repository(server.host, 'a/b'), DESCRIPTOR);
    }
    expect(ports.size).toBe(1);
  });

  test('takes a kept connection that was closed meanwhile for nothing worse', async () => {
    await using server = await testServer((request, response) => {
      serve(request, response);
      response.once('close', () => setTimeout(() => response.socket?.destroy(), 0));
    });
    await using opened = testClient();
    const repository = opened.client.repository(server.host, 'a/b');
    for (let turn = 0; turn < 3; turn += 1) expect(await fetchBlob(repository, DESCRIPTOR)).toBe(DESCRIPTOR.digest);
  });

  test('refuses a body whose length is not that of the blob', async () => {
    await using server = await testServer((_request, response) => answer(response, 200, CONTENT.subarray(1)));
    await using opened = testClient();
    const repository = opened.client.repository(server.host, 'a/b');
    if (name === 'the bulk door') {
      expect(await fetchBlob(repository, DESCRIPTOR)).toBeUndefined();
      return;
    }
    expect(hasCode(await rejectionOf(fetchBlob(repository, DESCRIPTOR)), 'SIZE_MISMATCH')).toBe(true);
  });

  test('refuses a web page', async () => {
    await using server = await testServer((_request, response) =>
      answer(response, 200, '<html>Please log in to the network</html>', {
        'content-type': 'text/html; charset=utf-8',
      }),
    );
    await using opened = testClient();
    const repository = opened.client.repository(server.host, 'a/b');
    if (name === 'the bulk door') {
      expect(await fetchBlob(repository, DESCRIPTOR)).toBeUndefined();
      return;
    }
    const error = await rejectionOf(fetchBlob(repository, DESCRIPTOR));
    expect((error as KubecrateError).message).toContain('answered with a web page');
  });

  test('refuses an encoded body', async () => {
    await using server = await testServer((_request, response) =>
      answer(response, 200, CONTENT, { 'content-encoding': 'gzip' }),
    );
    await using opened = testClient();
    const repository = opened.client.repository(server.host, 'a/b');
    if (name === 'the bulk door') expect(await fetchBlob(repository, DESCRIPTOR)).toBeUndefined();
    else expect(hasCode(await rejectionOf(fetchBlob(repository, DESCRIPTOR)), 'REGISTRY')).toBe(true);
  });
});

describe('fetch', () => {
  test('begins at the byte that is asked for', async () => {
    await using server = await testServer(serve);
    await using opened = testClient();
    const chunks: Buffer[] = [];
    const stream = await opened.client.repository(server.host, 'a/b').fetch(DESCRIPTOR, { start: 699_990 });
    for await (const chunk of stream) chunks.push(chunk);
    expect(Buffer.concat(chunks)).toEqual(CONTENT.subarray(699_990));
    expect(server.requests[0]?.headers.range).toBe('bytes=699990-');
  });

  test('takes a body without a length and stops where it is too long', async () => {
    await using server = await testServer((request, response) => {
      response.writeHead(200);
      response.write(CONTENT);
      response.end(request.url.includes('long') ? 'x' : '');
    });
    await using opened = testClient();
    expect(await ordinary(opened.client.repository(server.host, 'right'), DESCRIPTOR)).toBe(DESCRIPTOR.digest);
    const error = await rejectionOf(ordinary(opened.client.repository(server.host, 'long'), DESCRIPTOR));
    expect(hasCode(error, 'SIZE_MISMATCH')).toBe(true);
  });

  test('does not stall because its reader is slow', async () => {
    await using server = await testServer(serve);
    await using opened = testClient({ timeouts: { stallMs: 1_000 } });
    const chunks: Buffer[] = [];
    for await (const chunk of await opened.client.repository(server.host, 'a/b').fetch(DESCRIPTOR)) {
      if (chunks.length === 1) await new Promise((resolve) => setTimeout(resolve, 2_500));
      chunks.push(chunk);
    }
    expect(digestOf(Buffer.concat(chunks))).toBe(DESCRIPTOR.digest);
    expect(server.requests).toHaveLength(1);
  });

  test('closes at once, also while it waits for its host', async () => {
    await using server = await testServer((request, response, seen) =>
      seen.length === 1 ? serveUntil(request, response, 100_000) : answer(response, 429, '', { 'retry-after': '200' }),
    );
    await using opened = testClient();
    const stream = await opened.client.repository(server.host, 'a/b').fetch(DESCRIPTOR);
    stream.resume();
    await expect.poll(() => opened.events.length).toBe(2);
    stream.destroy();
    await once(stream, 'close');
    expect(server.requests).toHaveLength(2);
  });

  test('closes its connection where nobody reads', async () => {
    let closed = false;
    await using server = await testServer((request, response) => {
      response.once('close', () => {
        closed = true;
      });
      response.writeHead(200, { 'content-length': String(CONTENT.byteLength) });
      response.write(CONTENT.subarray(0, firstByte(request) + 10));
    });
    await using opened = testClient();
    const stream = await opened.client.repository(server.host, 'a/b').fetch(DESCRIPTOR);
    stream.destroy();
    await expect.poll(() => closed).toBe(true);
  });
});

describe('fetchToFile', () => {
  test('gives the digest of the blob with bytes around it', async () => {
    await using server = await testServer(serve);
    await using opened = testClient();
    await using directory = await temporaryDirectory();
    const framing = { before: Buffer.from('header'), after: Buffer.from('padding') };
    const file = path.join(directory.path, 'blob');
    const result = await opened.client.repository(server.host, 'a/b').fetchToFile(DESCRIPTOR, { path: file, framing });
    expect(result).toEqual({ framed: digestOf(Buffer.concat([framing.before, CONTENT, framing.after])) });
  });

  test('takes over the first bytes of the blob that the file has', async () => {
    await using server = await testServer(serve);
    await using opened = testClient();
    await using directory = await temporaryDirectory();
    const file = await directory.write('blob', CONTENT.subarray(0, 300_001));
    const framing = { before: Buffer.from('<'), after: Buffer.from('>') };
    const repository = opened.client.repository(server.host, 'a/b');
    const framed = digestOf(Buffer.concat([framing.before, CONTENT, framing.after]));
    expect(await repository.fetchToFile(DESCRIPTOR, { path: file, framing })).toEqual({ framed });
    expect(digestOf(await readFile(file))).toBe(DESCRIPTOR.digest);
    expect(server.requests.map(firstByte)).toEqual([300_001]);
  });

  test('asks nobody where the file has it all', async () => {
    await using server = await testServer(serve);
    await using opened = testClient();
    await using directory = await temporaryDirectory();
    const file = await directory.write('blob', CONTENT);
    expect(await opened.client.repository(server.host, 'a/b').fetchToFile(DESCRIPTOR, { path: file })).toEqual({});
    expect(server.requests).toHaveLength(0);
  });

  test.each([
    ['other bytes', Buffer.alloc(1000, 1)],
    ['other bytes of the same length', Buffer.alloc(CONTENT.byteLength, 1)],
    ['too many bytes', Buffer.concat([CONTENT, Buffer.alloc(10)])],
  ])('starts again where the file has %s', async (_what, before) => {
    await using server = await testServer(serve);
    await using opened = testClient();
    await using directory = await temporaryDirectory();
    const file = await directory.write('blob', before);
    expect(await opened.client.repository(server.host, 'a/b').fetchToFile(DESCRIPTOR, { path: file })).toEqual({});
    expect(digestOf(await readFile(file))).toBe(DESCRIPTOR.digest);
  });

  test('keeps the good bytes of a transfer that is broken off for good', async () => {
    await using server = await testServer((request, response, seen) =>
      seen.length === 1 ? serveUntil(request, response, 200_000) : answer(response, 500),
    );
    await using opened = testClient();
    await using directory = await temporaryDirectory();
    const file = path.join(directory.path, 'blob');
    await rejectionOf(opened.client.repository(server.host, 'a/b').fetchToFile(DESCRIPTOR, { path: file }));
    const kept = await readFile(file);
    expect(kept.byteLength).toBe(200_000);
    expect(kept.equals(CONTENT.subarray(0, 200_000))).toBe(true);
  });

  test('empties the file after a wrong digest', async () => {
    const wrong = Buffer.from(CONTENT);
    wrong[500_000] = (wrong[500_000] ?? 0) ^ 1;
    await using server = await testServer((_request, response) => answer(response, 200, wrong));
    await using opened = testClient();
    await using directory = await temporaryDirectory();
    const file = path.join(directory.path, 'blob');
    const error = await rejectionOf(
      opened.client.repository(server.host, 'a/b').fetchToFile(DESCRIPTOR, { path: file }),
    );
    expect(hasCode(error, 'DIGEST_MISMATCH')).toBe(true);
    expect((await stat(file)).size).toBe(0);
  });

  test('leaves the file as it was where it declines', async () => {
    await using server = await testServer((request, response, seen) => {
      if (seen.length === 1) return serveUntil(request, response, 100_000);
      response.writeHead(200);
      return response.end(CONTENT);
    });
    await using opened = testClient();
    await using directory = await temporaryDirectory();
    const file = await directory.write('blob', CONTENT.subarray(0, 5_000));
    expect(await opened.client.repository(server.host, 'a/b').fetchToFile(DESCRIPTOR, { path: file })).toBe('declined');
    expect((await stat(file)).size).toBe(5_000);
    expect(server.requests).toHaveLength(2);
  });

  test('declines what has to go through a proxy', async () => {
    await using opened = testClient({
      proxy: { http: 'http://127.0.0.1:9' },
      insecureRegistries: ['http://registry.example:5000'],
    });
    await using directory = await temporaryDirectory();
    const repository = opened.client.repository('registry.example:5000', 'a/b');
    expect(await repository.fetchToFile(DESCRIPTOR, { path: path.join(directory.path, 'blob') })).toBe('declined');
  });

  test('reports a file that cannot be written', async () => {
    await using server = await testServer(serve);
    await using opened = testClient();
    await using directory = await temporaryDirectory();
    const repository = opened.client.repository(server.host, 'a/b');
    const missing = await rejectionOf(
      repository.fetchToFile(DESCRIPTOR, { path: path.join(directory.path, 'no', 'blob') }),
    );
    expect(hasCode(missing, 'NOT_FOUND')).toBe(true);
    expect(missing).not.toBeInstanceOf(NotFoundError);
    const isDirectory = await rejectionOf(repository.fetchToFile(DESCRIPTOR, { path: directory.path }));
    expect(isDirectory).toBeInstanceOf(KubecrateError);
  });

  test('tells how far it is', async () => {
    await using server = await testServer(serve);
    await using opened = testClient();
    await using directory = await temporaryDirectory();
    const seen: number[] = [];
    const file = path.join(directory.path, 'blob');
    const repository = opened.client.repository(server.host, 'a/b');
    await repository.fetchToFile(DESCRIPTOR, { path: file }, { onProgress: (bytes) => seen.push(bytes) });
    expect(seen.at(-1)).toBe(CONTENT.byteLength);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  test('fetches many at a time', async () => {
    await using server = await testServer(serve);
    await using opened = testClient();
    await using directory = await temporaryDirectory();
    const files = Array.from({ length: 40 }, (_, index) => path.join(directory.path, String(index)));
    const repository = opened.client.repository(server.host, 'a/b');
    await Promise.all(files.map((file) => repository.fetchToFile(DESCRIPTOR, { path: file })));
    for (const file of files) expect((await readFile(file)).equals(CONTENT)).toBe(true);
  });

  test('goes on across clients, as after a killed process', async () => {
    await using server = await testServer((request, response, seen) =>
      serveUntil(request, response, seen.length === 1 ? 250_000 : undefined),
    );
    await using directory = await temporaryDirectory();
    const file = path.join(directory.path, 'blob');
    const retry = { attempts: 1, delayMs: 1, maximumDelayMs: 1, random: () => 1 };
    await using first = testClient({ retry });
    await rejectionOf(first.client.repository(server.host, 'a/b').fetchToFile(DESCRIPTOR, { path: file }));
    await truncate(file, 240_000);
    await using second = testClient();
    await second.client.repository(server.host, 'a/b').fetchToFile(DESCRIPTOR, { path: file });
    expect(digestOf(await readFile(file))).toBe(DESCRIPTOR.digest);
    expect(server.requests.map(firstByte)).toEqual([0, 240_000]);
    await writeFile(file, '');
  });
});

test('429 holds up its host and no other', async () => {
  await using limited = await testServer((_request, response) => answer(response, 429, '', { 'retry-after': '200' }));
  await using free = await testServer(serve);
  await using opened = testClient();
  const controller = new AbortController();
  const { client, events } = opened;
  const waiting = rejectionOf(ordinary(client.repository(limited.host, 'a/b'), DESCRIPTOR, controller.signal));
  await expect.poll(() => events.length).toBe(1);
  const another = rejectionOf(ordinary(client.repository(limited.host, 'c/d'), DESCRIPTOR, controller.signal));
  expect(await ordinary(client.repository(free.host, 'a/b'), DESCRIPTOR)).toBe(DESCRIPTOR.digest);
  expect(limited.requests).toHaveLength(1);
  controller.abort(new Error('enough'));
  expect(await Promise.all([waiting, another])).toMatchObject([{ message: 'enough' }, { message: 'enough' }]);
  expect(limited.requests).toHaveLength(1);
});
