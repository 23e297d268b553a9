/** Which proxy a URL is reached through. */

import { KubecrateError } from '@kubecrate/errors';
import { hostName, inRange, isLoopback } from './host-name.ts';
import type { ProxyConfig } from './registry-config.ts';

/**
 * The proxy for a URL, or undefined where it is reached directly. Loopback hosts always are.
 * @throws KubecrateError INVALID_CONFIG that names the variable, for one that is no http proxy
 */
export function proxyFor(url: URL, proxy: ProxyConfig): URL | undefined {
  const given = url.protocol === 'https:' ? proxy.https : proxy.http;
  if (given === undefined || given === '' || isLoopback(url.hostname) || isExcepted(url, proxy.except ?? ''))
    return undefined;
  const parsed = parseProxy(given);
  if (parsed !== undefined) return parsed;
  const shown = JSON.stringify(given.replace(/^(\w+:\/\/)?.*@/, '$1***@'));
  throw new KubecrateError(
    'INVALID_CONFIG',
    `cannot reach ${url.host} through the proxy that ${variableOf(url, proxy)} names, ${shown}: it is no address of an http proxy`,
    { hint: `write it as http://HOST:PORT, or add ${url.hostname} to NO_PROXY` },
  );
}

/** The variable that the proxy for a URL was named in. */
export function variableOf({ protocol }: URL, { variables = {} }: ProxyConfig): string {
  return protocol === 'https:' ? (variables.https ?? 'HTTPS_PROXY') : (variables.http ?? 'HTTP_PROXY');
}

/** The address of an http proxy, whose scheme may be left out; undefined for anything else, SOCKS among it. */
export function parseProxy(text: string): URL | undefined {
  const whole = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined;
}

/** What a proxy is shown of its user and password (RFC 7617). */
export function proxyAuthorization(proxy: URL | undefined): Record<string, string> {
  if (proxy === undefined || proxy.username === '') return {};
  const login = `${decoded(proxy.username)}:${decoded(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` };
}

/** A percent sign that begins no escape stands for itself, and so do escapes that are no UTF-8. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25'));
  } catch {
    return text;
  }
}

function isExcepted(url: URL, except: string): boolean {
  const name = hostName(url.hostname);
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return except.split(/[\s,]+/).some((entry) => {
    if (entry === '') return false;
    if (entry === '*') return true;
    if (entry.includes('/')) return inRange(name, entry);
    const wanted = /:(\d+)$/.exec(entry.replace(/^\[[^\]]*\]/, 'x'))?.[1];
    if (wanted !== undefined && wanted !== port) return false;
    const domain = hostName(entry).replace(/^\*?\./, '');
    return name === domain || name.endsWith(`.${domain}`);
  });
}
