import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { download } from './download.ts';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const options = { proxy: undefined, signal: undefined };

describe('download', () => {
  it('follows redirects and gives the content', async () => {
    const url = await serve((request, response) =>
      request.url === '/end' ? response.end('content') : response.writeHead(302, { location: '/end' }).end(),
    );
    expect(await text(await download(`${url}/start`, options))).toBe('content');
  });

  it.each([
    [404, 'NOT_FOUND', 'the server answered 404'],
    [500, 'NETWORK', 'the server answered 500'],
  ])('says what a %d means', async (status, code, message) => {
    const url = await serve((_request, response) => response.writeHead(status).end());
    await expect(download(`${url}/x`, options)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it('gives up on redirects that have no end, and on schemes that are no http', async () => {
    const url = await serve((request, response) =>
      response.writeHead(302, { location: request.url === '/file' ? 'file:///etc/passwd' : request.url }).end(),
    );
    await expect(download(`${url}/round`, options)).rejects.toThrow('more than 10 redirects');
    await expect(download(`${url}/file`, options)).rejects.toThrow('it redirects to file:///etc/passwd');
  });

  it('goes through the proxy, and not where the proxy has an exception', async () => {
    const asked: (string | undefined)[] = [];
    const proxy = await serve((request, response) => {
      asked.push(request.url);
      response.end('from the proxy');
    });
    const origin = await serve((_request, response) => response.end('from the origin'));
    const through = { http: proxy };
    const answer = await text(await download('http://files.example/x', { ...options, proxy: through }));
    const direct = await text(
      await download(`${origin}/x`, { ...options, proxy: { ...through, except: '127.0.0.1' } }),
    );
    expect([answer, direct]).toEqual(['from the proxy', 'from the origin']);
    expect(asked).toHaveLength(1);
  });

  it('says that nothing answers, without the secrets of the URL', async () => {
    const url = await serve((_request, response) => response.end());
    const port = new URL(url).port;
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const error = await download(`http://me:secret@127.0.0.1:${port}/x?token=abc`, options).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code: 'NETWORK' });
    expect(String(error)).not.toMatch(/secret|abc/);
  });

  it('ends with the reason of an abort', async () => {
    const url = await serve(() => undefined);
    const controller = new AbortController();
    const running = download(`${url}/x`, { ...options, signal: controller.signal });
    controller.abort(new Error('stopped by the user'));
    await expect(running).rejects.toThrow('stopped by the user');
  });
});
