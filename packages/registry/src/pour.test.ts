/** Blobs that are poured from one registry into another. */

import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { certificateAuthority, randomBytes } from '@kubecrate/content/testing';
import { hasCode, NotFoundError } from '@kubecrate/errors';
import { descriptorOf, digestOf, MEDIA_TYPES } from '@kubecrate/oci';
import { describe, expect, test } from 'vitest';
import type { RegistryRepository } from './repository.ts';
import { rejectionOf, testClient } from './testing/test-client.ts';
import { answer, apiError, type Handler, testServer } from './testing/test-server.ts';

const BYTES = Buffer.from(randomBytes('poured', 3_000_000));
const blob = descriptorOf(MEDIA_TYPES.ociLayer, BYTES);

/** A registry that gives `bytes` for every blob. */
const giving =
  (bytes: Buffer): Handler =>
  (_request, response) =>
    answer(response, 200, bytes);

/** A registry that takes blobs in one piece. */
function taking(blobs: Map<string, Buffer>): Handler {
  return (request, response) => {
    if (request.method === 'POST') return answer(response, 202, '', { location: '/v2/up/1' });
    if (request.method === 'DELETE') return answer(response, 204);
    const digest = new URL(request.url, 'http://registry').searchParams.get('digest') ?? '';
    if (digestOf(request.body) !== digest) return answer(response, 400, apiError('DIGEST_INVALID', 'wrong digest'));
    blobs.set(digest, request.body);
    return answer(response, 201);
  };
}

function pourInto(
  source: RegistryRepository,
  destination: RegistryRepository,
  signal?: AbortSignal,
): Promise<'received' | 'declined'> {
  return destination.receivePoured(blob, (sink, options) => source.pour(blob, sink, options), { signal });
}

describe('a blob', () => {
  test('goes from one registry to the other, many at once, each as it is', async () => {
    const taken = new Map<string, Buffer>();
    const contents = Array.from({ length: 12 }, (_, i) => Buffer.from(randomBytes(`blob ${i}`, 700_000 + i)));
    const byDigest = new Map<string, Buffer>(contents.map((bytes) => [digestOf(bytes), bytes]));
    await using from = await testServer(({ url }, response) =>
      answer(response, 200, byDigest.get(url.slice(url.lastIndexOf('/') + 1)) ?? ''),
    );
    await using to = await testServer(taking(taken));
    await using made = testClient();
    const source = made.client.repository(from.host, 'a');
    const destination = made.client.repository(to.host, 'b');
    for (let round = 0; round < 2; round += 1) {
      await Promise.all(
        contents.map(async (bytes) => {
          const descriptor = descriptorOf(MEDIA_TYPES.ociLayer, bytes);
          const outcome = await destination.receivePoured(descriptor, (sink, options) =>
            source.pour(descriptor, sink, options),
          );
          expect(outcome).toBe('received');
        }),
      );
    }
    expect([...taken].every(([digest, bytes]) => digestOf(bytes) === digest)).toBe(true);
    expect(taken.size).toBe(12);
  });

  test.each(['http', 'https'])(
    'of an %s registry arrives whole at one that reads slowly, again and again',
    async (scheme) => {
      const authority = await certificateAuthority('right');
      const tls = scheme === 'https' ? await authority.issue('registry') : undefined;
      await using from = await testServer(giving(BYTES), tls);
      let received: Buffer[] = [];
      const server = http.createServer(async (request, response) => {
        if (request.method === 'POST') return answer(response, 202, '', { location: '/v2/up/1' });
        for await (const chunk of request) {
          received.push(chunk as Buffer);
          await sleep(1);
        }
        answer(response, 201);
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      try {
        await using made = testClient({
          insecureRegistries: [`${scheme}://${from.host}`],
          timeouts: { stallMs: 5_000 },
        });
        const { port } = server.address() as AddressInfo;
        const destination = made.client.repository(`127.0.0.1:${port}`, 'b');
        for (let round = 0; round < 4; round += 1) {
          received = [];
          expect(await pourInto(made.client.repository(from.host, 'a'), destination)).toBe('received');
          expect(Buffer.concat(received).equals(BYTES)).toBe(true);
        }
        expect(made.events).toEqual([]);
      } finally {
        server.closeAllConnections();
        server.close();
      }
    },
  );

  test('goes on where the source was broken off, in the same upload', async () => {
    const taken = new Map<string, Buffer>();
    await using from = await testServer((request, response, seen) => {
      if (seen.length > 1) {
        const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]);
        const range = { 'content-range': `bytes ${start}-${BYTES.byteLength - 1}/${BYTES.byteLength}` };
        return answer(response, 206, BYTES.subarray(start), range);
      }
      response.writeHead(200, { 'content-length': String(BYTES.byteLength) });
      response.write(BYTES.subarray(0, 1_000_000), () => response.destroy());
    });
    await using to = await testServer(taking(taken));
    await using made = testClient();
    await pourInto(made.client.repository(from.host, 'a'), made.client.repository(to.host, 'b'));
    expect(taken.get(blob.digest)?.equals(BYTES)).toBe(true);
    expect(to.requests.map(({ method }) => method)).toEqual(['POST', 'PUT']);
    expect(from.requests).toHaveLength(2);
    expect(from.requests[1]?.headers.range).toMatch(/^bytes=\d+-$/);
  });

  test('of other bytes is not let go to its end, and its upload is given up', async () => {
    const wrong = Buffer.from(BYTES);
    wrong[2_999_999] = (wrong[2_999_999] ?? 0) ^ 1;
    const taken = new Map<string, Buffer>();
    await using from = await testServer(giving(wrong));
    await using to = await testServer(taking(taken));
    await using made = testClient();
    const error = await rejectionOf(
      pourInto(made.client.repository(from.host, 'a'), made.client.repository(to.host, 'b')),
    );
    expect(hasCode(error, 'DIGEST_MISMATCH')).toBe(true);
    expect(taken.size).toBe(0);
    expect(to.requests.map(({ method }) => method)).toEqual(['POST', 'DELETE']);
  });

  test('that the source does not have is not sent', async () => {
    await using from = await testServer((_request, response) =>
      answer(response, 404, apiError('BLOB_UNKNOWN', 'no such blob')),
    );
    await using to = await testServer(taking(new Map()));
    await using made = testClient();
    const error = await rejectionOf(
      pourInto(made.client.repository(from.host, 'a'), made.client.repository(to.host, 'b')),
    );
    expect(error).toBeInstanceOf(NotFoundError);
    expect(to.requests.map(({ method }) => method)).toEqual(['POST', 'DELETE']);
  });

  test('without a length is left to the ordinary way, which takes the upload that is open', async () => {
    const taken = new Map<string, Buffer>();
    await using from = await testServer((_request, response) => {
      response.writeHead(200);
      response.end(BYTES);
    });
    await using to = await testServer(taking(taken));
    await using made = testClient();
    const source = made.client.repository(from.host, 'a');
    const destination = made.client.repository(to.host, 'b');
    expect(await pourInto(source, destination)).toBe('declined');
    await destination.push(blob, await source.fetch(blob));
    expect(taken.get(blob.digest)?.equals(BYTES)).toBe(true);
    expect(to.requests.map(({ method }) => method)).toEqual(['POST', 'PUT']);
  });

  test('that is refused before its end fails with what the registry said', async () => {
    await using from = await testServer(giving(Buffer.from(randomBytes('large', 20_000_000))));
    const large = descriptorOf(MEDIA_TYPES.ociLayer, Buffer.from(randomBytes('large', 20_000_000)));
    const server = http.createServer((request, response) => {
      if (request.method !== 'PUT') return answer(response, 202, '', { location: '/v2/up/1' });
      answer(response, 403, apiError('DENIED', 'the quota is used up'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      await using made = testClient();
      const { port } = server.address() as AddressInfo;
      const source = made.client.repository(from.host, 'a');
      const destination = made.client.repository(`127.0.0.1:${port}`, 'b');
      // Again and again: a connection on which half a body was sent is kept for nobody.
      for (let round = 0; round < 40; round += 1) {
        const error = await rejectionOf(
          destination.receivePoured(large, (sink, options) => source.pour(large, sink, options)),
        );
        expect(hasCode(error, 'DENIED') && error.message).toContain('the quota is used up');
      }
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test('stops at once where the run is aborted', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    await using from = await testServer((_request, response) => {
      response.writeHead(200, { 'content-length': String(BYTES.byteLength) });
      response.write(BYTES.subarray(0, 500_000), () => controller.abort(reason));
    });
    await using to = await testServer(taking(new Map()));
    await using made = testClient();
    const error = await rejectionOf(
      pourInto(made.client.repository(from.host, 'a'), made.client.repository(to.host, 'b'), controller.signal),
    );
    expect(error).toBe(reason);
  });
});
