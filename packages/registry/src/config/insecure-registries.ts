/** Which registries may be spoken to without verification, or without TLS at all. */

import { hostName, inRange, isLoopback } from './host-name.ts';

/**
 * How a host is spoken to:
 * 'https' verified; 'unverified' TLS without checks; 'http' plain; 'probe' unverified TLS where the host speaks it, else plain http.
 */
export type Scheme = 'https' | 'unverified' | 'http' | 'probe';

/** What counts for a host that no entry names. */
export interface Unnamed {
  readonly certificates: 'configured' | 'absent';
  /** 'skip' where no certificate of any registry is checked. Default `strict`. */
  readonly verification?: 'strict' | 'skip' | undefined;
}

/**
 * The scheme of a registry host (`host[:port]`). An entry of `insecureRegistries` decides first; a loopback host is plain http
 * unless it has certificates configured, and is tried over TLS first where none is checked; everything else is verified https.
 */
export function schemeOf(
  host: string,
  insecureRegistries: readonly string[],
  { certificates, verification }: Unnamed,
): Scheme {
  for (const entry of insecureRegistries) {
    const [, scheme, pattern = ''] = /^(?:(https?):\/\/)?([^/]*(?:\/\d+)?)\/?$/.exec(entry.trim()) ?? [];
    if (!matchesHost(host, pattern)) continue;
    if (scheme === undefined) return 'probe';
    return scheme === 'http' ? 'http' : 'unverified';
  }
  if (!isLoopback(host) || certificates === 'configured') return 'https';
  return verification === 'skip' ? 'probe' : 'http';
}

/** True where `pattern` is the host with its port, the host without a port (which means the default port), or a range it is in. */
function matchesHost(host: string, pattern: string): boolean {
  if (pattern === '') return false;
  if (pattern.includes('/')) return inRange(host, pattern);
  return host.toLowerCase() === pattern.toLowerCase() || (hasNoPort(host) && hostName(host) === pattern.toLowerCase());
}

function hasNoPort(host: string): boolean {
  return !/:\d+$/.test(host.replace(/^\[[^\]]*\]/, 'x'));
}
