import type { KubecrateError } from '@kubecrate/errors';
import { describe, expect, test } from 'vitest';
import { rejectionOf, testClient } from './testing/test-client.ts';
import { answer, testServer } from './testing/test-server.ts';

const ONCE = { attempts: 1, delayMs: 1, maximumDelayMs: 1, random: (): number => 1 };

describe('ping', () => {
  test('tells what a registry says of itself', async () => {
    await using server = await testServer((_request, response) =>
      answer(response, 200, '{}', { 'docker-distribution-api-version': 'registry/2.0' }),
    );
    await using opened = testClient();
    expect(await opened.client.ping(server.host)).toEqual({
      origin: `http://${server.host}`,
      authenticated: false,
      version: 'registry/2.0',
    });
    expect(server.requests.map(({ url }) => url)).toEqual(['/v2/']);
  });

  test('tells a web server from a registry', async () => {
    await using missing = await testServer((_request, response) => answer(response, 404, '<html></html>'));
    await using page = await testServer((_request, response) =>
      answer(response, 200, '<html></html>', { 'content-type': 'text/html' }),
    );
    await using opened = testClient();
    const noRegistry = (await rejectionOf(opened.client.ping(missing.host))) as KubecrateError;
    expect(noRegistry.code).toBe('REGISTRY');
    expect(noRegistry.hint).toContain('no registry');
    const webPage = (await rejectionOf(opened.client.ping(page.host))) as KubecrateError;
    expect(webPage.message).toContain('answered with a web page');
  });

  test('says that nothing listens', async () => {
    await using opened = testClient({ retry: ONCE });
    const error = (await rejectionOf(opened.client.ping('127.0.0.1:1'))) as KubecrateError;
    expect(error.code).toBe('NETWORK');
    expect(error.message).toBe('cannot log in to 127.0.0.1:1: cannot reach 127.0.0.1:1: the connection was refused');
    expect(error.hint).toContain('check that the registry runs');
  });

  test('says that there is no such host', async () => {
    await using opened = testClient({ retry: ONCE });
    const error = (await rejectionOf(opened.client.ping('registry.invalid'))) as KubecrateError;
    expect(error.code).toBe('NETWORK');
    expect(error.message).toMatch(
      /^cannot log in to registry\.invalid: cannot reach registry\.invalid: (there is no host of this name|its name could not be looked up)$/,
    );
    expect(error.hint).toContain('name service');
  });

  test('gives up a host that does not answer', async () => {
    await using server = await testServer(() => {});
    await using opened = testClient({ retry: ONCE, timeouts: { stallMs: 100 } });
    const error = (await rejectionOf(opened.client.ping(server.host))) as KubecrateError;
    expect(error.message).toBe(`cannot log in to ${server.host}: ${server.host} sent nothing for 0.1 s`);
  });

  test('stops at an abort', async () => {
    await using server = await testServer(() => controller.abort(new Error('enough')));
    const controller = new AbortController();
    await using opened = testClient();
    const error = await rejectionOf(opened.client.ping(server.host, { signal: controller.signal }));
    expect((error as Error).message).toBe('enough');
    expect(opened.events).toEqual([]);
  });
});
