/** Downloading a file by its URL, through the proxies that registries are reached through; no credentials are ever sent. */

import type { Readable } from 'node:stream';
import { KubecrateError, messageOf, NotFoundError, redactUrl } from '@kubecrate/errors';
import { parseProxy, proxyFor, variableOf } from './config/proxy.ts';
import type { ProxyConfig } from './config/registry-config.ts';

export interface DownloadOptions {
  readonly proxy: ProxyConfig | undefined;
  readonly signal: AbortSignal | undefined;
}

const MAX_REDIRECTS = 10;
const MAX_SILENCE_MS = 60_000;

/**
 * The content behind an http or https URL. Redirects are followed, but never from https to http.
 * @throws NotFoundError for a 404; KubecrateError NETWORK for anything else that is no success
 */
export async function download(url: string, { proxy = {}, signal }: DownloadOptions): Promise<Readable> {
  // Only builds that name a URL pay for loading it.
  const { EnvHttpProxyAgent, request } = await import('undici');
  const usable = (text = ''): string => (text === '' ? '' : (parseProxy(text)?.href ?? ''));
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: usable(proxy.http),
    httpsProxy: usable(proxy.https),
    noProxy: proxy.except ?? '',
    bodyTimeout: MAX_SILENCE_MS,
    headersTimeout: MAX_SILENCE_MS,
    // What is not encrypted is asked of the proxy itself, as every proxy allows; https goes through a tunnel.
    proxyTunnel: false,
  });
  const close = (): void => void dispatcher.close().catch(() => undefined);
  let through: { readonly proxy: URL; readonly variable: string } | undefined;
  try {
    let at = new URL(url);
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const via = proxyFor(at, proxy);
      through = via === undefined ? undefined : { proxy: via, variable: variableOf(at, proxy) };
      const { statusCode, headers, body } = await request(at, { dispatcher, signal });
      const location = [headers['location']].flat()[0];
      if (statusCode === 200) {
        body.once('close', close);
        return body;
      }
      await body.dump();
      if (statusCode < 300 || statusCode >= 400 || location === undefined) throw refusal(url, statusCode);
      at = redirected(url, at, location);
    }
    throw new KubecrateError('NETWORK', `cannot download ${redactUrl(url)}: more than ${MAX_REDIRECTS} redirects`);
  } catch (error) {
    close();
    signal?.throwIfAborted();
    if (error instanceof KubecrateError) throw error;
    const way = through === undefined ? '' : ` through proxy ${redactUrl(through.proxy)}`;
    throw new KubecrateError('NETWORK', `cannot download ${redactUrl(url)}${way}: ${messageOf(error)}`, {
      cause: error,
      hint:
        through === undefined
          ? 'check the host name and the network, or put the file into the context and COPY it'
          : `check ${through.variable}; a user and a password stand in it as http://USER:PASSWORD@HOST:PORT`,
    });
  }
}

function redirected(url: string, from: URL, location: string): URL {
  const next = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const allowed = next?.protocol === 'https:' || (next?.protocol === 'http:' && from.protocol === 'http:');
  if (next !== undefined && allowed) return next;
  throw new KubecrateError('NETWORK', `cannot download ${redactUrl(url)}: it redirects to ${redactUrl(location)}`, {
    hint: 'a redirect from https has to stay with https',
  });
}

function refusal(url: string, status: number): KubecrateError {
  const message = `cannot download ${redactUrl(url)}: the server answered ${status}`;
  return status === 404
    ? new NotFoundError(message, { hint: 'check the URL' })
    : new KubecrateError('NETWORK', message);
}
