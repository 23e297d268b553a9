/** Which proxy a URL is reached through. */

import { hostName, inRange, isLoopback } from './host-name.ts';
import type { ProxyConfig } from './registry-config.ts';

/** The proxy for a URL, or undefined where it is reached directly. Loopback hosts always are. */
export function proxyFor(url: URL, proxy: ProxyConfig): URL | undefined {
  const given = url.protocol === 'https:' ? proxy.https : proxy.http;
  if (given === undefined || given === '' || isLoopback(url.hostname) || isExcepted(url, proxy.except ?? ''))
    return undefined;
  return new URL(given.includes('://') ? given : `http://${given}`);
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
