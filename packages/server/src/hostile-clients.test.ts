import { once } from 'node:events';
import { mkdtemp, readdir, readlink, rm, truncate, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Namespace, ReadOnlyTarget } from '@kubecrate/content';
import { image, memoryNamespace, pushImage, randomContent } from '@kubecrate/content/testing';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { type ServerEvent, startServer } from './index.ts';

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Everything that the server says to these bytes until it closes the connection. */
async function exchange(port: number, bytes: string): Promise<string> {
  const socket = await connected(port);
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    answer += chunk;
  });
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  return answer;
}

test.each([
  ['no HTTP', 'hello\r\n\r\n'],
  ['a bad Content-Length', 'POST /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n'],
  ['two lengths', 'POST /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['no Host', 'GET /v2/ HTTP/1.1\r\n\r\n'],
  ['a bare line feed in a header', 'GET /v2/ HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n'],
])('%s is a bad request', async (_name, bytes) => {
  await using server = await startServer(memoryNamespace());
  expect(await exchange(server.port, bytes)).toMatch(/^HTTP\/1\.1 400 /);
  expect((await fetch(`${server.url}/v2/`)).status).toBe(200);
});

test('headers without end are refused', async () => {
  await using server = await startServer(memoryNamespace());
  const answer = await exchange(server.port, `GET /v2/ HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(100_000)}`);
  expect(answer).toMatch(/^HTTP\/1\.1 431 /);
});

test.each([
  '/v2/../../etc/passwd',
  '/v2/a/blobs/..%2f..%2fetc%2fpasswd',
  '/v2/a/manifests/%2e%2e',
  '/v2/a/manifests/%ff%zz',
  '/v2/a%00b/manifests/v1',
  '/v2/a/blobs/uploads/../../x',
  '*',
  'http://else/v2/',
])('the path %s leads nowhere', async (path) => {
  await using server = await startServer(memoryNamespace(), { access: 'writable' });
  const answer = await exchange(server.port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
});

test('no path makes it fail', async () => {
  const failures: ServerEvent[] = [];
  const onEvent = (event: ServerEvent): void => void (event.type === 'failed' && failures.push(event));
  await using server = await startServer(memoryNamespace(), { access: 'writable', onEvent });
  const piece = fc.constantFrom(
    'v2',
    'a',
    'manifests',
    'blobs',
    'uploads',
    'tags',
    'list',
    '_catalog',
    '%',
    '',
    '..',
    '?',
  );
  const method = fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS');
  const paths = fc.array(fc.oneof(piece, fc.webPath()), { maxLength: 7 });
  await fc.assert(
    fc.asyncProperty(method, paths, async (verb, pieces) => {
      const response = await fetch(`${server.url}/v2/${pieces.join('/')}`, { method: verb });
      await response.arrayBuffer();
      expect(response.status).toBeLessThan(500);
    }),
    { numRuns: 300 },
  );
  expect(failures).toEqual([]);
});

describe('a client that does nothing', () => {
  test('while it sends a body is disconnected', async () => {
    await using server = await startServer(memoryNamespace(), { access: 'writable', idleTimeoutMs: 200 });
    const head = 'PUT /v2/a/manifests/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{';
    expect(await exchange(server.port, head)).toBe('');
  });

  test('while it should read is disconnected, and gives back what it held', async () => {
    await using served = await hugeBlob();
    await using server = await startServer(served.namespace, { idleTimeoutMs: 300 });
    const socket = await connected(server.port);
    socket.pause();
    socket.write(`GET ${served.path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await vi.waitFor(async () => expect(await openFiles(served.file)).toBe(1), { timeout: 10_000 });
    await vi.waitFor(async () => expect(await openFiles(served.file)).toBe(0), { timeout: 10_000 });
    socket.destroy();
  });
});

test('clients that go away in the middle of a blob leave no open file', async () => {
  await using served = await hugeBlob();
  const events: ServerEvent[] = [];
  await using server = await startServer(served.namespace, { onEvent: (event) => events.push(event) });
  const sockets = await Promise.all(Array.from({ length: 20 }, () => connected(server.port)));
  for (const socket of sockets) {
    socket.write(`GET ${served.path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(socket, 'data');
    socket.destroy();
  }
  await vi.waitFor(() => expect(events).toHaveLength(20), { timeout: 10_000 });
  expect(events.every((event) => event.type === 'answered' && event.outcome === 'broken-off')).toBe(true);
  await vi.waitFor(async () => expect(await openFiles(served.file)).toBe(0), { timeout: 10_000 });
  expect((await fetch(`${server.url}/v2/`)).status).toBe(200);
});

test('more connections than allowed are closed', async () => {
  await using server = await startServer(memoryNamespace(), { maxConnections: 2 });
  const kept = [await connected(server.port), await connected(server.port)];
  expect(await exchange(server.port, 'GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('');
  for (const socket of kept) socket.destroy();
});

test('a failure inside is told in the events, not to the client', async () => {
  const events: ServerEvent[] = [];
  const namespace = memoryNamespace();
  await pushImage(namespace.repository('app'), image({ seed: 1 }), 'v1');
  const error = new Error('/secret/path is broken');
  const broken: Namespace = {
    ...namespace,
    repository: (name) => Object.assign(namespace.repository(name), { resolve: () => Promise.reject(error) }),
  };
  await using server = await startServer(broken, { onEvent: (event) => events.push(event) });
  const response = await fetch(`${server.url}/v2/app/manifests/v1`);
  expect(response.status).toBe(500);
  const text = await response.text();
  expect(text).toContain('UNKNOWN');
  expect(text).not.toContain('secret');
  expect(events).toContainEqual({ type: 'failed', method: 'GET', path: '/v2/app/manifests/v1', error });
});

/** A file of zeros as the only blob of a registry; its size is more than sockets take in. */
async function hugeBlob(): Promise<AsyncDisposable & { namespace: Namespace; path: string; file: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'kubecrate-server-'));
  const file = join(directory, 'blob');
  const length = 64 * 1024 * 1024;
  const { descriptor } = randomContent('huge', 1);
  await writeFile(file, '');
  await truncate(file, length);
  const target = Object.assign(memoryNamespace().repository('app') as ReadOnlyTarget, {
    resolveBlob: async () => ({ ...descriptor, size: length }),
    locate: async () => [{ kind: 'file', path: file, offset: 0, length }],
  });
  return {
    namespace: { ...memoryNamespace(), repository: () => target },
    path: `/v2/app/blobs/${descriptor.digest}`,
    file,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** How often this process has a file open. */
async function openFiles(path: string): Promise<number> {
  const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
  return (await Promise.all(links)).filter((target) => target === path).length;
}
