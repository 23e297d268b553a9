import { once } from 'node:events';
import { request } from 'node:https';
import { connect } from 'node:net';
import { certificateAuthority, image, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { describe, expect, test } from 'vitest';
import { type ServerEvent, startServer } from './index.ts';

describe('Basic authentication', () => {
  const users = [
    { username: 'ada', password: 'pässword:with colon' },
    { username: 'bob', password: '' },
  ];
  const basic = (text: string): Record<string, string> => ({
    authorization: `Basic ${Buffer.from(text).toString('base64')}`,
  });

  test('lets in who is known', async () => {
    await using server = await startServer(memoryNamespace(), { users });
    for (const text of ['ada:pässword:with colon', 'bob:']) {
      expect((await fetch(`${server.url}/v2/`, { headers: basic(text) })).status).toBe(200);
    }
  });

  test('asks everyone else, for every path', async () => {
    await using server = await startServer(memoryNamespace(), { users });
    const headers = [{}, basic('ada:wrong'), basic('eve:'), basic(''), basic(':'), { authorization: 'Bearer YWRh' }];
    for (const sent of headers) {
      for (const path of ['/v2/', '/v2/_catalog', '/nothing']) {
        const response = await fetch(`${server.url}${path}`, { headers: sent });
        expect(response.status).toBe(401);
        expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm="kubecrate"/);
        expect(await response.json()).toMatchObject({ errors: [{ code: 'UNAUTHORIZED' }] });
      }
    }
  });
});

describe('https', () => {
  const get = async (url: string, options: object): Promise<number | undefined> => {
    const sent = request(`${url}/v2/`, { agent: false, ...options });
    sent.end();
    const [response] = await once(sent, 'response');
    response.resume();
    return response.statusCode;
  };

  test('is served with the certificate given', async () => {
    const authority = await certificateAuthority();
    await using server = await startServer(memoryNamespace(), { tls: await authority.issue('server') });
    expect(server.url).toMatch(/^https:/);
    expect(await get(server.url, { ca: authority.cert })).toBe(200);
    await expect(get(server.url, {})).rejects.toThrow();
  });

  test('wants a certificate of the right authority where one is named', async () => {
    const authority = await certificateAuthority();
    const stranger = await certificateAuthority('stranger');
    const tls = { ...(await authority.issue('server')), clientCa: authority.cert };
    await using server = await startServer(memoryNamespace(), { tls });
    const ca = authority.cert;
    expect(await get(server.url, { ca, ...(await authority.issue('client')) })).toBe(200);
    await expect(get(server.url, { ca })).rejects.toThrow();
    await expect(get(server.url, { ca, ...(await stranger.issue('client')) })).rejects.toThrow();
    await expect(get(server.url, { ca, ...(await authority.issue('c', { validity: 'expired' })) })).rejects.toThrow();
  });

  test('is refused with a certificate that is none', async () => {
    const tls = { cert: 'no certificate', key: 'no key' };
    await expect(startServer(memoryNamespace(), { tls })).rejects.toHaveProperty('code', 'TLS');
  });
});

describe('a server', () => {
  test('says that its port is taken', async () => {
    await using first = await startServer(memoryNamespace());
    await expect(startServer(memoryNamespace(), { port: first.port })).rejects.toHaveProperty('code', 'IN_USE');
  });

  test('says that its address is not of this machine', async () => {
    await expect(startServer(memoryNamespace(), { host: '192.0.2.1' })).rejects.toHaveProperty('code', 'NETWORK');
  });

  test('tells what it answered, without credentials or query', async () => {
    const events: ServerEvent[] = [];
    const namespace = memoryNamespace();
    await pushImage(namespace.repository('app'), image({ seed: 1 }), 'v1');
    const server = await startServer(namespace, { onEvent: (event) => events.push(event) });
    const headers = { 'user-agent': 'test', authorization: 'Basic c2VjcmV0' };
    await (await fetch(`${server.url}/v2/app/manifests/v1?ns=x`, { headers })).arrayBuffer();
    await (await fetch(`${server.url}/v2/app/manifests/v2`, { headers })).arrayBuffer();
    await server.close();
    const shared = { type: 'answered', method: 'GET', outcome: 'sent', client: '127.0.0.1', userAgent: 'test' };
    expect(events).toEqual([
      { ...shared, path: '/v2/app/manifests/v1', status: 200 },
      { ...shared, path: '/v2/app/manifests/v2', status: 404 },
    ]);
  });

  test('closes at once, whoever is connected', async () => {
    const server = await startServer(memoryNamespace());
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET /v2/ HTTP/1.1\r\nHost: x\r\n');
    socket.on('error', () => undefined).resume();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await server.close();
    await closed;
    await server.close();
  });
});
