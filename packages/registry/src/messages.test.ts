/** What a failure says: the registry, the repository, what was tried and what to do; and never a secret. */

import path from 'node:path';
import { copyImages, MemoryStore } from '@kubecrate/content';
import { image, randomBytes } from '@kubecrate/content/testing';
import { KubecrateError } from '@kubecrate/errors';
import { descriptorOf, MEDIA_TYPES } from '@kubecrate/oci';
import { describe, expect, test } from 'vitest';
import type { RegistryClient } from './client.ts';
import { temporaryDirectory } from './testing/temporary-directory.ts';
import { rejectionOf, testClient } from './testing/test-client.ts';
import { answer, type Handler, testServer } from './testing/test-server.ts';

const CONTENT = Buffer.from(randomBytes('messages', 100_000));
const BLOB = descriptorOf(MEDIA_TYPES.ociLayer, CONTENT);

/** The error of what is asked of a registry that answers so, and what was told meanwhile. */
async function failure(
  handler: Handler,
  ask: (client: RegistryClient, host: string) => Promise<unknown>,
): Promise<{ error: KubecrateError; host: string; asked: number; events: string }> {
  await using server = await testServer(handler);
  await using opened = testClient();
  const error = await rejectionOf(ask(opened.client, server.host));
  expect(error).toBeInstanceOf(KubecrateError);
  const events = JSON.stringify(opened.events);
  return { error: error as KubecrateError, host: server.host, asked: server.requests.length, events };
}

const resolve = (client: RegistryClient, host: string): Promise<unknown> => client.repository(host, 'a/b').resolve('1');

describe('a redirect', () => {
  test('that is relative and has no end shows no signature, neither in the error nor in events', async () => {
    const again: Handler = (_request, response) => answer(response, 307, '', { location: '/v2/elsewhere?sig=SECRET' });
    const { error, host, events } = await failure(again, resolve);
    expect(error.message).toContain(`cannot read manifest "1" of ${host}/a/b: ${host} redirects to`);
    expect(error.message).toContain('/v2/elsewhere?sig=***');
    expect(error.hint).toContain(`ask whoever runs ${host}`);
    expect(`${error.message}${events}`).not.toContain('SECRET');
  });

  test.each([301, 308])('that is permanent (%i) leads to an answer that is the last one', async (status) => {
    await using other = await testServer((_request, response) => answer(response, 404));
    const moved: Handler = (request, response) =>
      answer(response, status, '', { location: `http://${other.host}${request.url}` });
    const { error, asked } = await failure(moved, resolve);
    expect(error.code).toBe('NOT_FOUND');
    expect(error.hint).toContain(`has moved to ${other.host}`);
    expect(error.message).not.toContain('tried');
    // HEAD, and GET for the words.
    expect(asked).toBeLessThanOrEqual(2);
  });
});

describe('an upload', () => {
  test('that gets no address shows no signature', async () => {
    const nowhere: Handler = (_request, response) => answer(response, 202, '', { location: 'http://[x/?sig=SECRET' });
    const push: typeof resolve = async (client, host) => {
      const { Readable } = await import('node:stream');
      await client.destination(host, 'a/b').push(BLOB, Readable.from([CONTENT], { objectMode: false }));
    };
    const { error, host } = await failure(nowhere, push);
    expect(error.message).toContain(`cannot push ${BLOB.digest} to ${host}/a/b`);
    expect(error.message).not.toContain('SECRET');
  });

  test('that is refused before it begins says that it was to be one', async () => {
    const login: Handler = (_request, response) => answer(response, 401, '', { 'www-authenticate': 'Basic realm="x"' });
    const asking: typeof resolve = (client, host) => client.destination(host, 'a/b').resolve('1');
    const { error, host } = await failure(login, asking);
    expect(error.message).toContain(`cannot push to ${host}/a/b`);
    expect(error.hint).toContain(`kubecrate login ${host}`);
    const exists: typeof resolve = (client, host) => client.destination(host, 'a/b').exists(BLOB);
    expect((await failure(login, exists)).error.message).toContain('cannot push to ');
  });
});

describe('a blob', () => {
  const wrong = Buffer.from(CONTENT);
  wrong[500] = (wrong[500] ?? 0) ^ 1;
  const toFile: typeof resolve = async (client, host) => {
    await using directory = await temporaryDirectory();
    await client.repository(host, 'a/b').fetchToFile(BLOB, { path: path.join(directory.path, 'blob') });
  };
  const asStream: typeof resolve = (client, host) => client.repository(host, 'a/b').fetch(BLOB);

  test('of another digest names its repository, and says what to do', async () => {
    const { error, host } = await failure((_request, response) => answer(response, 200, wrong), toFile);
    expect(error.code).toBe('DIGEST_MISMATCH');
    expect(error.message).toContain(`cannot read blob ${BLOB.digest} of ${host}/a/b: content of`);
    expect(error.hint).toContain('run the same command again');
  });

  test('of another size, too', async () => {
    const short: Handler = (_request, response) => answer(response, 200, wrong.subarray(5));
    const { error, host } = await failure(short, asStream);
    expect(error.message).toContain(`cannot read blob ${BLOB.digest} of ${host}/a/b: content of`);
    expect(error.hint).toContain('run the same command again');
  });

  test('that is encoded, too', async () => {
    const encoded: Handler = (_request, response) => answer(response, 200, CONTENT, { 'content-encoding': 'gzip' });
    const { error, host } = await failure(encoded, asStream);
    expect(error.message).toContain(`cannot read blob ${BLOB.digest} of ${host}/a/b: ${host} sent`);
    expect(error.hint).toContain('compresses');
  });

  test('that is copied and is another one than the manifest says names where it came from, once', async () => {
    const app = image({ seed: 'app', layers: [{ seed: 'a', size: 5_000 }] });
    const serve: Handler = (request, response) => {
      if (request.url.includes('/manifests/'))
        return answer(response, 200, app.bytes, { 'content-type': app.descriptor.mediaType });
      const blob = [app.config, ...app.layers].find(({ descriptor }) => request.url.endsWith(descriptor.digest));
      const bytes = Buffer.from(blob?.bytes ?? '');
      if (blob !== app.config) bytes[1] = (bytes[1] ?? 0) ^ 1;
      return answer(response, blob === undefined ? 404 : 200, bytes);
    };
    const copy: typeof resolve = async (client, host) => {
      const job = {
        image: 'x',
        source: client.repository(host, 'a/b'),
        reference: '1',
        destination: new MemoryStore(),
      };
      const { results } = await copyImages([{ ...job, tags: ['1'] }]);
      if (results[0]?.status === 'failed') throw results[0].error;
    };
    const { error, host } = await failure(serve, copy);
    expect(error.code).toBe('DIGEST_MISMATCH');
    expect(error.message).toMatch(new RegExp(`^cannot read blob sha256:\\w+ of ${host}/a/b: content of`));
    expect(error.hint).toContain('run the same command again');
  });
});

test('a token server that is none names the repository, and whom to ask', async () => {
  await using auth = await testServer((_request, response) => answer(response, 405));
  const guarded: Handler = (_request, response) =>
    answer(response, 401, '', { 'www-authenticate': `Bearer realm="http://${auth.host}/token"` });
  const { error, host } = await failure(guarded, resolve);
  expect(error.message).toContain(`cannot read manifest "1" of ${host}/a/b: cannot get a token for ${host}`);
  expect(error.hint).toContain(`sends clients to ${auth.host}`);
});

test('a registry that wants to be left alone for hours is not waited for', async () => {
  const busy: Handler = (_request, response) => answer(response, 429, '', { 'retry-after': '999999' });
  const { error, asked } = await failure(busy, resolve);
  expect(error.code).toBe('RATE_LIMITED');
  expect(error.message).toContain('it asks to be left alone for 999999 s');
  expect(asked).toBe(1);
});
