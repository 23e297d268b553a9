/** A tunnel through an http proxy (RFC 9110, section 9.3.6). */

import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { KubecrateError, messageOf, redactUrl, TransientError } from '@kubecrate/errors';
import { proxyAuthorization } from '../config/proxy.ts';
import { type ProxyRefusal, proxyRefusal } from './proxy-failure.ts';

/**
 * Opens a tunnel to the host of `url`. The socket speaks nothing yet; TLS is the caller's.
 * @throws KubecrateError NETWORK that names the proxy
 */
export async function openTunnel(
  url: URL,
  { proxy, variable }: Pick<ProxyRefusal, 'proxy' | 'variable'>,
  timeoutMs: number,
): Promise<Socket> {
  const authority = `${url.hostname}:${url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port}`;
  const request = (proxy.protocol === 'https:' ? https : http).request({
    host: proxy.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : Number(proxy.port),
    method: 'CONNECT',
    path: authority,
    agent: false,
    headers: { host: authority, ...proxyAuthorization(proxy) },
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
    throw proxyRefusal({ proxy, variable, what: `a tunnel to ${authority}`, status: answer.statusCode ?? 0 });
  } catch (cause) {
    request.destroy();
    if (cause instanceof KubecrateError) throw cause;
    throw new TransientError('NETWORK', `cannot reach ${authority} through proxy ${name}: ${messageOf(cause)}`, {
      cause,
      hint: `check ${variable}, or add the host to NO_PROXY`,
    });
  }
}
