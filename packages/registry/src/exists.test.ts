import { descriptorOf, MEDIA_TYPES } from '@kubecrate/oci';
import { expect, test } from 'vitest';
import { rejectionOf, testClient } from './testing/test-client.ts';
import { answer, testServer } from './testing/test-server.ts';

const BLOB = descriptorOf(MEDIA_TYPES.ociLayer, Buffer.from('content'));

test('a blob that the registry leads to is there, whatever its storage says to HEAD', async () => {
  await using storage = await testServer((_request, response) => answer(response, 403));
  await using registry = await testServer((_request, response) =>
    answer(response, 307, '', { location: `http://${storage.host}/signed-for-get` }),
  );
  await using opened = testClient();
  expect(await opened.client.repository(registry.host, 'a/b').exists(BLOB)).toBe(true);
  expect(storage.requests).toHaveLength(0);
});

test('a redirect inside the registry is followed before a blob is taken to be there', async () => {
  await using registry = await testServer((request, response) =>
    request.url.startsWith('/v2/a/b/')
      ? answer(response, 301, '', { location: `/moved${request.url}` })
      : answer(response, 404),
  );
  await using opened = testClient();
  expect(await opened.client.repository(registry.host, 'a/b').exists(BLOB)).toBe(false);
});

test('a refusal is no absence', async () => {
  await using registry = await testServer((_request, response) => answer(response, 403));
  await using opened = testClient();
  expect(await rejectionOf(opened.client.repository(registry.host, 'a/b').exists(BLOB))).toMatchObject({
    code: 'DENIED',
  });
});

test('a blob that is known by its digest gets its size from the registry', async () => {
  await using registry = await testServer((_request, response) => answer(response, 200, '', { 'content-length': '7' }));
  await using opened = testClient();
  expect(await opened.client.repository(registry.host, 'a/b').resolveBlob(BLOB.digest)).toEqual({
    mediaType: 'application/octet-stream',
    digest: BLOB.digest,
    size: 7,
  });
});
