/** Servers that speak no HTTP, or too much of it, to the bulk door. */

import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import net, { type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { randomBytes } from '@kubecrate/content/testing';
import { hasCode } from '@kubecrate/errors';
import { descriptorOf, digestOf, MEDIA_TYPES } from '@kubecrate/oci';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { rejectionOf, testClient } from '../testing/test-client.ts';

const CONTENT = Buffer.from(randomBytes('hostile', 200_000));
const DESCRIPTOR = descriptorOf(MEDIA_TYPES.ociLayer, CONTENT);

interface RawServer extends AsyncDisposable {
  readonly host: string;
  /** Connections that were made. */
  readonly connections: () => number;
  /** Connections that are closed by now. */
  readonly closed: () => number;
}

/** Calls `serve` for each request on each connection, with the number of the request. */
async function rawServer(serve: (socket: Socket, request: number, head: string) => void): Promise<RawServer> {
  let requests = 0;
  let connections = 0;
  let closed = 0;
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      closed += 1;
    });
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        requests += 1;
        serve(socket, requests, text.slice(0, end));
        text = text.slice(end + 4);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    closed: () => closed,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const HEAD = `HTTP/1.1 200 OK\r\nContent-Length: ${CONTENT.byteLength}\r\n\r\n`;

async function fetched(host: string, size = DESCRIPTOR.size): Promise<unknown> {
  await using opened = testClient();
  await using directory = await temporaryDirectory();
  const file = path.join(directory.path, 'blob');
  const result = await opened.client.repository(host, 'a/b').fetchToFile({ ...DESCRIPTOR, size }, { path: file });
  return result === 'declined' ? result : digestOf(await readFile(file));
}

test.each([
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ['two lengths', `HTTP/1.1 200 OK\r\nContent-Length: ${CONTENT.byteLength}\r\nContent-Length: 7\r\n\r\n`],
  ['a head without an end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`],
  ['an offer of another protocol', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
])('%s is left to the ordinary door', async (_what, text) => {
  await using server = await rawServer((socket) => socket.write(text));
  expect(await fetched(server.host)).toBe('declined');
});

test('a head may come in pieces, after others that say nothing yet, together with content', async () => {
  await using server = await rawServer((socket) => {
    socket.setNoDelay(true);
    const all = Buffer.concat([Buffer.from(`HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n${HEAD}`), CONTENT]);
    const send = (from: number): void => {
      const to = from < 200 ? from + 7 : all.byteLength;
      socket.write(all.subarray(from, to), () => setImmediate(() => to < all.byteLength && send(to)));
    };
    send(0);
  });
  expect(await fetched(server.host)).toBe(DESCRIPTOR.digest);
});

test('bytes after the content are not taken for the next answer', async () => {
  await using server = await rawServer((socket) => {
    socket.write(HEAD);
    socket.write(
      Buffer.concat([CONTENT, Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${CONTENT.byteLength}\r\n\r\nevil`)]),
    );
  });
  await using opened = testClient();
  await using directory = await temporaryDirectory();
  const repository = opened.client.repository(server.host, 'a/b');
  for (const turn of [1, 2, 3]) {
    const file = path.join(directory.path, String(turn));
    expect(await repository.fetchToFile(DESCRIPTOR, { path: file })).toEqual({});
    expect(digestOf(await readFile(file))).toBe(DESCRIPTOR.digest);
    await expect.poll(server.closed, { timeout: 10_000 }).toBe(turn);
  }
  expect(server.connections()).toBe(3);
});

test('bytes that nobody asked for close an idle connection', async () => {
  await using server = await rawServer((socket) => {
    socket.write(Buffer.concat([Buffer.from(HEAD), CONTENT]), () => setTimeout(() => socket.write(HEAD), 100));
  });
  await using opened = testClient();
  await using directory = await temporaryDirectory();
  const repository = opened.client.repository(server.host, 'a/b');
  await repository.fetchToFile(DESCRIPTOR, { path: path.join(directory.path, '1') });
  await expect.poll(server.closed, { timeout: 10_000 }).toBe(1);
  await repository.fetchToFile(DESCRIPTOR, { path: path.join(directory.path, '2') });
  expect(server.connections()).toBe(2);
});

test('a refusal with a long or endless body is read no further than its words', async () => {
  await using server = await rawServer((socket) => {
    socket.write('HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n');
    const more = (): void => {
      if (!socket.destroyed) socket.write('5\r\nhello\r\n', () => setImmediate(more));
    };
    more();
  });
  const error = await rejectionOf(fetched(server.host));
  expect(hasCode(error, 'DENIED')).toBe(true);
});

test('a wrong digest leaves an empty file', async () => {
  await using server = await rawServer((socket) =>
    socket.write(Buffer.concat([Buffer.from(HEAD), Buffer.alloc(CONTENT.byteLength)])),
  );
  await using opened = testClient();
  await using directory = await temporaryDirectory();
  const file = path.join(directory.path, 'blob');
  const error = await rejectionOf(opened.client.repository(server.host, 'a/b').fetchToFile(DESCRIPTOR, { path: file }));
  expect(hasCode(error, 'DIGEST_MISMATCH')).toBe(true);
  expect((await stat(file)).size).toBe(0);
});
