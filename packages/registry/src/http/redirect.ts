/** Redirects: the one policy for both doors. */

import { KubecrateError, redact, redactUrl } from '@kubecrate/errors';
import { isLinkLocal, isLoopback } from '../config/host-name.ts';
import { type Answer, headerOf, type Method } from './wire.ts';

/**
 * Where an answer sends the client, or undefined where it is no redirect. Only questions are sent on, never content.
 * @throws KubecrateError REGISTRY for a redirect that is not followed: the sixth, one from https to http, one to nowhere,
 * one from another machine to this one
 */
export function redirectTarget(
  answer: Answer,
  from: URL,
  { hops, method }: { readonly hops: number; readonly method: Method },
): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(answer.status)) return undefined;
  const location = headerOf(answer, 'location') ?? '';
  const refuse = (reason: string): never => {
    throw new KubecrateError(
      'REGISTRY',
      `${from.host} redirects to ${JSON.stringify(shownLocation(location, from))}: ${reason}`,
      { hint: `ask whoever runs ${from.host}: it, or a proxy before it, may not know its own address or scheme` },
    );
  };
  if (location === '' || !URL.canParse(location, from.href)) return refuse('that is no address');
  const target = new URL(location, from);
  if (method !== 'GET' && method !== 'HEAD') return refuse('content that is being sent does not follow a redirect');
  if (hops >= MAX_REDIRECTS) return refuse(`that is redirect ${hops + 1}, at most ${MAX_REDIRECTS} are followed`);
  if (target.protocol !== 'https:' && target.protocol !== 'http:') return refuse('that is no web address');
  if (from.protocol === 'https:' && target.protocol === 'http:')
    return refuse('an answer over https is not followed to plain http');
  const inward = isLinkLocal(target.host) || (isLoopback(target.host) && !isLoopback(from.host));
  if (inward && target.hostname !== from.hostname) return refuse('that address is private to one machine');
  target.username = '';
  target.password = '';
  target.hash = '';
  return target;
}

/** A `Location` without its secrets, which a relative one may have too. */
export function shownLocation(location: string, from: URL): string {
  const shown = URL.canParse(location, from.href)
    ? redactUrl(new URL(location, from))
    : redact(location.replace(/\?.*/s, '?***'));
  return shown.slice(0, 500);
}

/** True where a redirect says that what was asked for has another address from now on. */
export function isPermanent({ status }: Answer): boolean {
  return status === 301 || status === 308;
}

const MAX_REDIRECTS = 5;
