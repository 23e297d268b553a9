// curl against our server: resumed downloads, many at a time, uploads in pieces.

import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blob, pushBlob, randomBytes } from '@kubecrate/content/testing';
import { type RunningServer, startServer } from '@kubecrate/server';
import { openRegistryDirectory } from '@kubecrate/stores';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describePeer } from '../fixtures/peers.ts';
import { runSuccessfully } from '../fixtures/run-process.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../fixtures/temporary-directory.ts';

const content = blob('application/octet-stream', randomBytes('curl', 5_000_000));
const { digest } = content.descriptor;

let directory: TemporaryDirectory;
let server: RunningServer;
beforeEach(async () => {
  directory = await temporaryDirectory();
  const namespace = await openRegistryDirectory(join(directory.path, 'registry'), { access: 'write' });
  await pushBlob(namespace.repository('app'), content);
  server = await startServer(namespace, { access: 'writable', uploadDirectory: directory.path });
});
afterEach(async () => {
  await server.close();
  await directory[Symbol.asyncDispose]();
});

const curl = (...args: readonly string[]): Promise<string> => runSuccessfully('curl', ['-sS', '--fail', ...args]);

describePeer('curl', 'curl and our server', () => {
  test('a download is resumed', async () => {
    const path = join(directory.path, 'resumed');
    const url = `${server.url}/v2/app/blobs/${digest}`;
    await curl('-o', path, url);
    await truncate(path, 1_234_567);
    await curl('-C', '-', '-o', path, url);
    expect((await readFile(path)).equals(content.bytes)).toBe(true);
  });

  test('sixteen downloads at a time are all right', async () => {
    const paths = Array.from({ length: 16 }, (_, i) => join(directory.path, `parallel-${i}`));
    const url = `${server.url}/v2/app/blobs/${digest}`;
    await curl('-Z', '--parallel-max', '16', ...paths.flatMap((path) => ['-o', path, url]));
    for (const path of paths) expect((await readFile(path)).equals(content.bytes)).toBe(true);
  });

  test('a body that comes in chunks, after Expect: 100-continue, is stored', async () => {
    const path = join(directory.path, 'body');
    await writeFile(path, content.bytes);
    const begun = await curl('-D', '-', '-o', '/dev/null', '-X', 'POST', `${server.url}/v2/new/blobs/uploads/`);
    const location = /^location: (.*)$/im.exec(begun)?.[1]?.trim();
    const chunked = ['-H', 'Transfer-Encoding: chunked', '-H', 'Expect: 100-continue', '-T', path];
    await curl('-X', 'PATCH', ...chunked, `${server.url}${location}`);
    await curl('-X', 'PUT', `${server.url}${location}?digest=${digest}`);
    expect((await fetch(`${server.url}/v2/new/blobs/${digest}`, { method: 'HEAD' })).status).toBe(200);
  });

  test('HTTP/1.0 is spoken', async () => {
    const path = join(directory.path, 'old');
    await curl('--http1.0', '-o', path, `${server.url}/v2/app/blobs/${digest}`);
    expect((await readFile(path)).equals(content.bytes)).toBe(true);
  });
});
