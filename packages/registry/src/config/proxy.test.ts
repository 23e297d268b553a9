import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { certificateAuthority } from '@kubecrate/content/testing';
import type { KubecrateError } from '@kubecrate/errors';
import { describe, expect, test } from 'vitest';
import { download } from '../download.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { rejectionOf, testClient } from '../testing/test-client.ts';
import { answer, testServer } from '../testing/test-server.ts';
import { proxyAuthorization, proxyFor } from './proxy.ts';

const proxy = {
  http: 'http://proxy:3128',
  https: 'proxy:3129',
  except: 'internal.example.com, .corp,10.0.0.0/8;x, host:5000',
};

describe('proxyFor', () => {
  test('is the proxy for the scheme, which may be written without its own', () => {
    expect(proxyFor(new URL('http://a.example.com/'), proxy)?.href).toBe('http://proxy:3128/');
    expect(proxyFor(new URL('https://a.example.com/'), proxy)?.href).toBe('http://proxy:3129/');
    expect(proxyFor(new URL('https://a.example.com/'), {})).toBeUndefined();
  });

  test.each([
    'https://internal.example.com',
    'https://deep.internal.example.com',
    'https://a.corp:8443',
    'http://host:5000',
    'https://localhost:5000',
    'https://127.0.0.1',
    'http://[::1]:5000',
  ])('is none for %s', (url) => expect(proxyFor(new URL(url), proxy)).toBeUndefined());

  test.each(['https://notinternal.example.com', 'http://host:5001', 'https://corp.example.com'])(
    'is one for %s',
    (url) => expect(proxyFor(new URL(url), proxy)).toBeDefined(),
  );

  test('is none for an address in a range, nor for anything where a star says so', () => {
    expect(proxyFor(new URL('https://10.2.3.4:5000'), { https: 'p:1', except: '10.0.0.0/8' })).toBeUndefined();
    expect(proxyFor(new URL('https://11.2.3.4:5000'), { https: 'p:1', except: '10.0.0.0/8' })).toBeDefined();
    expect(proxyFor(new URL('https://a'), { https: 'p:1', except: '*' })).toBeUndefined();
  });
});

describe('a proxy that is none', () => {
  test.each(['socks5://me:SECRET@proxy:1080', 'ftp://proxy:21', 'http://', 'proxy:99999', 'me:SECRET@proxy:x'])(
    '%s is refused, by the variable that names it',
    (https) => {
      const ask = (more = {}) => proxyFor(new URL('https://a.example.com'), { https, ...more });
      expect(ask).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }));
      expect(ask).toThrow('the proxy that HTTPS_PROXY names');
      expect(ask).not.toThrow('SECRET');
      expect(() => ask({ variables: { https: 'all_proxy' } })).toThrow('the proxy that all_proxy names');
      expect(ask({ except: 'a.example.com' })).toBeUndefined();
    },
  );

  test('ends a request, also for a file', async () => {
    await using opened = testClient({ proxy: { https: 'socks5://proxy:1080' } });
    const repository = opened.client.repository('registry.test', 'a/b');
    expect(await rejectionOf(repository.resolve('1'))).toMatchObject({ code: 'INVALID_CONFIG' });
    const file = download('https://files.test/x', { proxy: { https: 'socks5://proxy:1080' }, signal: undefined });
    expect(await rejectionOf(file)).toMatchObject({ code: 'INVALID_CONFIG' });
    const bad = download('http://files.test/x', { proxy: { http: 'http://' }, signal: undefined });
    expect(await rejectionOf(bad)).toMatchObject({ code: 'INVALID_CONFIG' });
  });
});

interface TestProxy extends AsyncDisposable {
  readonly url: string;
  /** What was asked of the proxy: `CONNECT host:port`, `GET http://...`. */
  readonly asked: string[];
  readonly logins: (string | undefined)[];
}

/** A proxy that takes everything to one port of this machine, whatever the name. */
async function testProxy(port: number, status = 200): Promise<TestProxy> {
  const asked: string[] = [];
  const logins: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    logins.push(request.headers['proxy-authorization']);
    const { pathname } = new URL(request.url ?? '');
    const onward = http.request({ port, path: pathname, method: request.method, agent: false }, (incoming) => {
      response.writeHead(incoming.statusCode ?? 500, incoming.headers);
      incoming.pipe(response);
    });
    onward.end();
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.on('connect', (request, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`);
    logins.push(request.headers['proxy-authorization']);
    socket.on('error', () => {});
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      return;
    }
    const onward = net.connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    sockets.add(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://me:pass%3Aword@127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    logins,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('a registry behind a proxy', () => {
  test('is reached over a tunnel, with TLS end to end', async () => {
    const authority = await certificateAuthority();
    const { cert, key } = await authority.issue('registry', { hosts: ['registry.test'] });
    await using registry = await testServer((_request, response) => answer(response, 200, '{}'), { cert, key });
    await using tunnel = await testProxy(registry.port);
    await using directory = await temporaryDirectory();
    await directory.write('certs.d/registry.test/ca.crt', authority.cert);
    await using opened = testClient({
      proxy: { https: tunnel.url },
      certificateDirectories: [`${directory.path}/certs.d`],
    });
    expect(await opened.client.ping('registry.test')).toMatchObject({ origin: 'https://registry.test' });
    expect(tunnel.asked).toEqual(['CONNECT registry.test:443']);
    expect(Buffer.from((tunnel.logins[0] ?? '').replace('Basic ', ''), 'base64').toString()).toBe('me:pass:word');
  });

  test('that speaks plain http is asked for through it', async () => {
    await using registry = await testServer((_request, response) => answer(response, 200, '{}'));
    await using plain = await testProxy(registry.port);
    await using opened = testClient({ proxy: { http: plain.url }, insecureRegistries: ['http://registry.test:5000'] });
    expect(await opened.client.ping('registry.test:5000')).toMatchObject({ origin: 'http://registry.test:5000' });
    expect(plain.asked).toEqual(['GET http://registry.test:5000/v2/']);
  });

  test('that refuses is named, without its password', async () => {
    await using closed = await testProxy(1, 407);
    await using opened = testClient({ proxy: { https: closed.url } });
    const error = (await rejectionOf(opened.client.ping('registry.test'))) as KubecrateError;
    expect(error.message).toContain('refused a tunnel to registry.test:443: 407');
    expect(error.message).not.toContain('word');
    expect(error.hint).toBe('the proxy does not take the user and the password that are in HTTPS_PROXY');
  });

  test('that wants a login for plain http is named, and not the registry', async () => {
    await using closed = await testServer((_request, response) => answer(response, 407, '<html></html>'));
    const proxy = { http: `http://${closed.host}`, variables: { http: 'http_proxy' } };
    await using opened = testClient({ proxy, insecureRegistries: ['http://registry.test'] });
    const error = (await rejectionOf(opened.client.repository('registry.test', 'a/b').resolve('1'))) as KubecrateError;
    expect(error.message).toContain(`proxy http://${closed.host}/ refused to ask registry.test: 407`);
    expect(error.hint).toContain(`put them into http_proxy, as http://USER:PASSWORD@${closed.host}`);
    const file = download('http://files.test/x', { proxy, signal: undefined });
    expect(await rejectionOf(file)).toMatchObject({ hint: expect.stringContaining('http_proxy') });
  });

  test('takes a password with a percent sign that is no escape', () => {
    const { 'proxy-authorization': header } = proxyAuthorization(new URL('http://me:100%@proxy:1'));
    expect(Buffer.from((header ?? '').replace('Basic ', ''), 'base64').toString()).toBe('me:100%');
  });

  test('that is not there is named', async () => {
    await using opened = testClient({ proxy: { https: 'http://127.0.0.1:1' } });
    const error = (await rejectionOf(opened.client.ping('registry.test'))) as KubecrateError;
    expect(error.message).toContain('through proxy http://127.0.0.1:1');
  });
});
