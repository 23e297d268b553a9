/** Access to registries that want to know who asks: a token server and a registry in each test. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, KubecrateError } from '@kubecrate/errors';
import { descriptorOf, MEDIA_TYPES } from '@kubecrate/oci';
import { describe, expect, test } from 'vitest';
import { type Credential, givenCredentials } from '../config/docker-config.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { rejectionOf, testClient } from '../testing/test-client.ts';
import { answer, apiError, type Handler, type SeenRequest, testServer } from '../testing/test-server.ts';

const MANIFEST = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: descriptorOf(MEDIA_TYPES.ociConfig, Buffer.from('{}')),
    layers: [],
  }),
);
const DESCRIPTOR = descriptorOf(MEDIA_TYPES.ociManifest, MANIFEST);

const serveManifest: Handler = (_request, response) =>
  answer(response, 200, MANIFEST, {
    'content-type': DESCRIPTOR.mediaType,
    'docker-content-digest': DESCRIPTOR.digest,
  });

/** A registry that lets in who shows one of `tokens`, and sends everybody else to `realm`. */
function guarded(tokens: ReadonlySet<string>, realm: () => string): Handler {
  return (request, response, seen) => {
    const [, token = ''] = (request.headers.authorization ?? '').split('Bearer ');
    if (tokens.has(token)) return serveManifest(request, response, seen);
    const [, repository = ''] = /^\/v2\/(.+)\/(?:manifests|blobs)\//.exec(request.url) ?? [];
    const scope = repository === '' ? '' : `,scope="repository:${repository}:pull"`;
    return answer(response, 401, apiError('UNAUTHORIZED', 'authentication required'), {
      'www-authenticate': `Bearer realm="${realm()}",service="test registry"${scope}`,
    });
  };
}

function password(username: string, secret: string): Credential {
  return { kind: 'password', username, password: secret };
}

function basicOf(request: SeenRequest | undefined): string {
  return Buffer.from((request?.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString();
}

describe('a registry with a token server', () => {
  test('gives an anonymous client a token for the repository', async () => {
    await using auth = await testServer((_request, response) =>
      answer(response, 200, '{"token":"t1","expires_in":300}'),
    );
    await using registry = await testServer(guarded(new Set(['t1']), () => `http://${auth.host}/token`));
    await using opened = testClient();
    expect(await opened.client.repository(registry.host, 'library/mysql').resolve('8')).toEqual(DESCRIPTOR);
    const [asked] = auth.requests;
    expect(auth.requests).toHaveLength(1);
    expect(asked?.headers.authorization).toBeUndefined();
    expect(new URL(asked?.url ?? '', 'http://x').searchParams.getAll('scope')).toEqual([
      'repository:library/mysql:pull',
    ]);
    expect(new URL(asked?.url ?? '', 'http://x').searchParams.get('service')).toBe('test registry');
  });

  test('is asked for one token where many requests need the same', async () => {
    await using auth = await testServer((_request, response) => answer(response, 200, '{"access_token":"t1"}'));
    await using registry = await testServer(guarded(new Set(['t1']), () => `http://${auth.host}/token`));
    await using opened = testClient();
    const repository = opened.client.repository(registry.host, 'a/b');
    await Promise.all(Array.from({ length: 10 }, (_, index) => repository.resolve(`v${index}`)));
    expect(auth.requests).toHaveLength(1);
    await opened.client.repository(registry.host, 'a/c').resolve('1');
    expect(auth.requests).toHaveLength(2);
  });

  test('is shown name and password by Basic, and passwords may hold colons', async () => {
    await using auth = await testServer((_request, response) => answer(response, 200, '{"token":"t1"}'));
    await using registry = await testServer(guarded(new Set(['t1']), () => `http://${auth.host}/token`));
    const credentials = [givenCredentials({ [registry.host]: password('me', 'a:b:c') })];
    await using opened = testClient({ credentials });
    await opened.client.repository(registry.host, 'a/b').resolve('1');
    expect(basicOf(auth.requests[0])).toBe('me:a:b:c');
    expect(auth.requests[0]?.url).toContain('account=me');
    expect(registry.requests.every(({ headers }) => !(headers.authorization ?? '').startsWith('Basic'))).toBe(true);
  });

  test('is shown an identity token by POST', async () => {
    await using auth = await testServer((_request, response) => answer(response, 200, '{"access_token":"t1"}'));
    await using registry = await testServer(guarded(new Set(['t1']), () => `http://${auth.host}/token`));
    const credentials = [givenCredentials({ [registry.host]: { kind: 'identity-token', token: 'long lived' } })];
    await using opened = testClient({ credentials });
    await opened.client.repository(registry.host, 'a/b').resolve('1');
    const form = new URLSearchParams(auth.requests[0]?.body.toString());
    expect(auth.requests[0]?.method).toBe('POST');
    expect(Object.fromEntries(form)).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: 'long lived',
      service: 'test registry',
      scope: 'repository:a/b:pull',
    });
  });

  test('is asked by the other method where it does not know the first', async () => {
    await using auth = await testServer((request, response) =>
      request.method === 'POST' ? answer(response, 404) : answer(response, 200, '{"token":"t1"}'),
    );
    await using registry = await testServer(guarded(new Set(['t1']), () => `http://${auth.host}/token`));
    const credentials = [givenCredentials({ [registry.host]: { kind: 'identity-token', token: 'x', username: 'me' } })];
    await using opened = testClient({ credentials });
    await opened.client.repository(registry.host, 'a/b').resolve('1');
    expect(auth.requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
    expect(basicOf(auth.requests[1])).toBe('me:x');
  });

  test('gives a new token when the old one has expired by the clock', async () => {
    let issued = 0;
    let time = 1_000_000;
    await using auth = await testServer((_request, response) => {
      issued += 1;
      answer(response, 200, `{"token":"t${issued}","expires_in":100}`);
    });
    await using registry = await testServer(guarded(new Set(['t1', 't2']), () => `http://${auth.host}/token`));
    await using opened = testClient({}, () => time);
    const repository = opened.client.repository(registry.host, 'a/b');
    await repository.resolve('1');
    time += 50_000;
    await repository.resolve('2');
    expect(issued).toBe(1);
    time += 50_000;
    await repository.resolve('3');
    expect(issued).toBe(2);
    expect(registry.requests.filter(({ headers }) => headers.authorization === undefined)).toHaveLength(1);
  });

  test('counts the age of a token by its own clock, however wrong that is', async () => {
    let issued = 0;
    let time = Date.UTC(2020, 0, 1);
    const wrong = Date.UTC(2035, 0, 1);
    await using auth = await testServer((_request, response) => {
      issued += 1;
      const body = { token: `t${issued}`, expires_in: 100, issued_at: new Date(wrong - 60_000).toISOString() };
      answer(response, 200, JSON.stringify(body), { date: new Date(wrong).toUTCString() });
    });
    await using registry = await testServer(guarded(new Set(['t1', 't2']), () => `http://${auth.host}/token`));
    await using opened = testClient({}, () => time);
    const repository = opened.client.repository(registry.host, 'a/b');
    await repository.resolve('1');
    time += 20_000;
    await repository.resolve('2');
    expect(issued).toBe(1);
    time += 20_000;
    await repository.resolve('3');
    expect(issued).toBe(2);
  });

  test.each([401, 403])('gives a new token when the registry refuses the old one with %i', async (status) => {
    let issued = 0;
    await using auth = await testServer((_request, response) => {
      issued += 1;
      answer(response, 200, `{"token":"t${issued}","expires_in":3600}`);
    });
    const tokens = new Set(['t1']);
    const guard = guarded(tokens, () => `http://${auth.host}/token`);
    await using registry = await testServer((request, response, seen) =>
      status === 403 && request.headers.authorization === 'Bearer t1' && !tokens.has('t1')
        ? answer(response, 403, apiError('DENIED', 'Your authorization token has expired'))
        : guard(request, response, seen),
    );
    await using opened = testClient();
    const repository = opened.client.repository(registry.host, 'a/b');
    await repository.resolve('1');
    tokens.clear();
    tokens.add('t2');
    await repository.resolve('2');
    expect(issued).toBe(2);
  });

  test('that refuses the password is reported with what to do, and without the password', async () => {
    await using auth = await testServer((_request, response) =>
      answer(response, 401, '{"details":"incorrect username or password"}'),
    );
    await using registry = await testServer(guarded(new Set(), () => `http://${auth.host}/token`));
    const credentials = [givenCredentials({ [registry.host]: password('me', 'S3cret-value') })];
    await using opened = testClient({ credentials });
    const error = await rejectionOf(opened.client.repository(registry.host, 'a/b').resolve('1'));
    expect(error).toBeInstanceOf(KubecrateError);
    expect((error as KubecrateError).code).toBe('UNAUTHORIZED');
    expect((error as KubecrateError).message).toContain('incorrect username or password');
    expect((error as KubecrateError).hint).toContain(`kubecrate login ${registry.host}`);
    expect(`${(error as KubecrateError).message} ${(error as KubecrateError).hint}`).not.toContain('S3cret');
  });

  test('that gives useless tokens is asked no more than a few times', async () => {
    await using auth = await testServer((_request, response) => answer(response, 200, '{"token":"wrong"}'));
    await using registry = await testServer(guarded(new Set(), () => `http://${auth.host}/token`));
    await using opened = testClient();
    const error = await rejectionOf(opened.client.repository(registry.host, 'a/b').resolve('1'));
    expect(hasCode(error, 'UNAUTHORIZED')).toBe(true);
    expect(registry.requests.length).toBeLessThanOrEqual(4);
  });

  test('that answers nonsense is an error that says so', async () => {
    await using auth = await testServer((_request, response) => answer(response, 200, '<html>hello</html>'));
    await using registry = await testServer(guarded(new Set(), () => `http://${auth.host}/token`));
    await using opened = testClient();
    const error = await rejectionOf(opened.client.repository(registry.host, 'a/b').resolve('1'));
    expect(hasCode(error, 'REGISTRY')).toBe(true);
  });

  test('is asked again when it has trouble', async () => {
    await using auth = await testServer((_request, response, seen) =>
      seen.length < 3 ? answer(response, 503) : answer(response, 200, '{"token":"t1"}'),
    );
    await using registry = await testServer(guarded(new Set(['t1']), () => `http://${auth.host}/token`));
    await using opened = testClient();
    await opened.client.repository(registry.host, 'a/b').resolve('1');
    expect(auth.requests).toHaveLength(3);
  });

  test('on the link of this machine is not asked', async () => {
    await using registry = await testServer(guarded(new Set(), () => 'http://169.254.169.254/latest/meta-data'));
    await using opened = testClient();
    const error = await rejectionOf(opened.client.repository(registry.host, 'a/b').resolve('1'));
    expect(hasCode(error, 'DENIED')).toBe(true);
    expect((error as KubecrateError).message).toContain('169.254.169.254');
  });
});

describe('a registry with Basic authentication', () => {
  const guard: Handler = (request, response, seen) =>
    basicOf(request) === 'me:right'
      ? serveManifest(request, response, seen)
      : answer(response, 401, apiError('UNAUTHORIZED', 'who are you'), { 'www-authenticate': 'Basic realm="test"' });

  test('is shown the credentials once it has asked for them, and never before', async () => {
    await using registry = await testServer(guard);
    await using opened = testClient({ credentials: [givenCredentials({ [registry.host]: password('me', 'right') })] });
    const repository = opened.client.repository(registry.host, 'a/b');
    expect(await repository.resolve('1')).toEqual(DESCRIPTOR);
    await repository.resolve('2');
    expect(registry.requests.map(({ headers }) => headers.authorization !== undefined)).toEqual([false, true, true]);
  });

  test('refuses wrong credentials with its own words and a hint', async () => {
    await using registry = await testServer(guard);
    await using opened = testClient({ credentials: [givenCredentials({ [registry.host]: password('me', 'wrong') })] });
    const error = (await rejectionOf(opened.client.ping(registry.host))) as KubecrateError;
    expect(error.code).toBe('UNAUTHORIZED');
    expect(error.message).toContain('who are you');
    expect(error.hint).toContain(`log in again: kubecrate login ${registry.host}`);
  });

  test('tells somebody without credentials to log in', async () => {
    await using registry = await testServer(guard);
    await using opened = testClient();
    const error = (await rejectionOf(opened.client.repository(registry.host, 'a/b').resolve('1'))) as KubecrateError;
    expect(error.code).toBe('UNAUTHORIZED');
    expect(error.hint).toContain(`log in first: kubecrate login ${registry.host}`);
  });

  test('lets ping say who is let in', async () => {
    await using registry = await testServer(guard);
    await using known = testClient({ credentials: [givenCredentials({ [registry.host]: password('me', 'right') })] });
    expect(await known.client.ping(registry.host)).toMatchObject({ authenticated: true });
  });
});

test('a registry that offers Basic and Bearer gives anybody a token', async () => {
  await using auth = await testServer((_request, response) => answer(response, 200, '{"token":"t1"}'));
  await using registry = await testServer((request, response, seen) =>
    request.headers.authorization === 'Bearer t1'
      ? serveManifest(request, response, seen)
      : answer(response, 401, '', { 'www-authenticate': `Basic realm="x", Bearer realm="http://${auth.host}/token"` }),
  );
  await using opened = testClient();
  expect(await opened.client.repository(registry.host, 'a/b').resolve('1')).toEqual(DESCRIPTOR);
});

test('credentials do not follow a redirect to another origin through the bulk door', async () => {
  const content = Buffer.alloc(200_000, 'content of a layer');
  await using storage = await testServer((_request, response) => answer(response, 200, content));
  await using registry = await testServer((request, response) =>
    request.headers.authorization === undefined
      ? answer(response, 401, '', { 'www-authenticate': 'Basic realm="x"' })
      : answer(response, 307, '', { location: `http://${storage.host}/signed?X-Amz-Signature=abc` }),
  );
  await using directory = await temporaryDirectory();
  await using opened = testClient({ credentials: [givenCredentials({ [registry.host]: password('me', 'pw') })] });
  const descriptor = descriptorOf(MEDIA_TYPES.ociLayer, content);
  const path = join(directory.path, 'blob');
  const filled = await opened.client.repository(registry.host, 'a/b').fetchToFile(descriptor, { path });
  expect(filled).not.toBe('declined');
  expect(await readFile(path)).toEqual(content);
  expect(registry.requests.some(({ headers }) => headers.authorization !== undefined)).toBe(true);
  expect(storage.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});

test('a password is not sent to a realm of plain http on another host', async () => {
  const realm = 'http://auth.example.com/token';
  await using registry = await testServer((_request, response) =>
    answer(response, 401, '', { 'www-authenticate': `Bearer realm="${realm}",service="x"` }),
  );
  await using opened = testClient({ credentials: [givenCredentials({ [registry.host]: password('me', 'pw') })] });
  const error = (await rejectionOf(opened.client.repository(registry.host, 'a/b').resolve('1'))) as KubecrateError;
  expect(error).toMatchObject({ code: 'DENIED', message: expect.stringContaining('plain http') });
  expect(error.message).toContain(realm);
});

test('credentials do not follow a redirect to another origin', async () => {
  const content = Buffer.from('content of a layer');
  await using storage = await testServer((_request, response) => answer(response, 200, content));
  await using registry = await testServer((request, response) =>
    request.headers.authorization === undefined
      ? answer(response, 401, '', { 'www-authenticate': 'Basic realm="x"' })
      : answer(response, 307, '', { location: `http://${storage.host}/signed?X-Amz-Signature=abc` }),
  );
  const credentials = [
    givenCredentials({ [registry.host]: password('me', 'pw'), [storage.host]: password('other', 'pw') }),
  ];
  await using opened = testClient({ credentials });
  const descriptor = descriptorOf(MEDIA_TYPES.ociLayer, content);
  const chunks: Buffer[] = [];
  for await (const chunk of await opened.client.repository(registry.host, 'a/b').fetch(descriptor)) chunks.push(chunk);
  expect(Buffer.concat(chunks)).toEqual(content);
  expect(storage.requests).toHaveLength(1);
  expect(storage.requests[0]?.headers.authorization).toBeUndefined();
});
