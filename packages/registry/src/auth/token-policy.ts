/** Where tokens may be asked for: a challenge comes from outside, and decides where credentials would go. */

import { KubecrateError, redactUrl } from '@kubecrate/errors';
import { hostName, isLinkLocal, isLoopback } from '../config/host-name.ts';

export interface RealmPolicy {
  /** The registry that sent the challenge, as it is spoken to. */
  readonly registry: URL;
  /** True for hosts (`host:port`) that are configured to be spoken to without TLS. */
  readonly allowsHttp: (host: string) => boolean;
}

/**
 * The URL of a realm, where it is allowed: https, or http where the registry itself is http and the realm is on the same host,
 * on this machine, or configured as insecure. Addresses that mean something on this machine or link only are for registries there.
 * @throws KubecrateError DENIED
 */
export function realmUrl(realm: string, { registry, allowsHttp }: RealmPolicy): URL {
  const refuse = (reason: string, hint?: string): never => {
    const from = `${registry.host} sends clients to ${JSON.stringify(redactUrl(realm.slice(0, 500)))} for a token`;
    throw new KubecrateError('DENIED', `${from}: ${reason}`, hint === undefined ? {} : { hint });
  };
  if (!URL.canParse(realm)) return refuse('that is no URL');
  const url = new URL(realm);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return refuse('that is no web address');
  const sameHost = hostName(url.host) === hostName(registry.host);
  if (isLinkLocal(url.host) && !sameHost)
    return refuse('that address is private to one machine or link, credentials are not sent there');
  if (isLoopback(url.host) && !isLoopback(registry.host)) {
    return refuse('that address is this machine, and the registry is not');
  }
  if (url.protocol === 'https:') return url;
  const plain = registry.protocol === 'http:' && (sameHost || isLoopback(url.host) || allowsHttp(url.host));
  if (plain) return url;
  return refuse(
    'credentials are not sent over plain http',
    `if that is meant, add ${JSON.stringify(url.host)} to insecure-registries`,
  );
}
