/** A tunnel through an http proxy (RFC 9110, section 9.3.6). */

import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { KubecrateError, messageOf, redactUrl, TransientError } from '@kubecrate/errors';

/**
 * Opens a tunnel to the host of `url`. The socket speaks nothing yet; TLS is the caller's.
 * @throws KubecrateError NETWORK that names the proxy
 */
export async function openTunnel(url: URL, proxy: URL, timeoutMs: number): Promise<Socket> {
  const authority = `${url.hostname}:${url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port}`;
  const login = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const request = (proxy.protocol === 'https:' ? https : http).request({
    host: proxy.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : Number(proxy.port),
    method: 'CONNECT',
    path: authority,
    agent: false,
    headers: {
      host: authority,
      ...(proxy.username === '' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` }),
    },
  });
  request.setTimeout(timeoutMs, () => request.destroy(new Error(`no answer after ${timeoutMs} ms`)));
  const name = redactUrl(proxy);
  try {
    const connected = once(request, 'connect') as Promise<[http.IncomingMessage, Socket]>;
    request.end();
    const [answer, socket] = await connected;
    socket.setTimeout(0);
    if (answer.statusCode === 200) return socket;
    socket.destroy();
    throw new KubecrateError('NETWORK', `proxy ${name} refused a tunnel to ${authority}: ${answer.statusCode}`, {
      hint:
        answer.statusCode === 407
          ? 'put the user and the password of the proxy into HTTPS_PROXY'
          : 'check HTTPS_PROXY, or add the host to NO_PROXY',
    });
  } catch (cause) {
    request.destroy();
    if (cause instanceof KubecrateError) throw cause;
    throw new TransientError('NETWORK', `cannot reach ${authority} through proxy ${name}: ${messageOf(cause)}`, {
      cause,
      hint: 'check HTTPS_PROXY, or add the host to NO_PROXY',
    });
  }
}
