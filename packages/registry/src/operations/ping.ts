/** Asking a host whether it is a registry, and whether it lets this client in. */

import type { OperationOptions } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import { discard } from '../http/body.ts';
import { headerOf } from '../http/wire.ts';
import type { RepositoryParty } from '../parties.ts';
import { request, type Session } from '../session.ts';

export interface PingResult {
  /** Where the registry answered: `https://registry-1.docker.io`. */
  readonly origin: string;
  /** True where it was shown a name and a password, or a token made with them. */
  readonly authenticated: boolean;
  /** What the registry says of itself: `registry/2.0`. */
  readonly version?: string;
}

/** GET of the API's root, with credentials where the registry asks for them. */
export async function pingRegistry(
  session: Session,
  party: RepositoryParty,
  { signal, userAgent }: OperationOptions & { readonly userAgent: string },
): Promise<PingResult> {
  signal?.throwIfAborted();
  const what = `log in to ${party.registry}`;
  const { answer, authorization } = await request(session, party, {
    what,
    method: 'GET',
    url: party.base,
    headers: { 'accept-encoding': 'identity', 'user-agent': userAgent },
    scopes: [],
    expect: [200, 404],
    signal,
  });
  discard(answer);
  if (answer.status === 404) {
    throw new KubecrateError('REGISTRY', `cannot ${what}: ${party.base.host} answered 404 to ${party.base.pathname}`, {
      hint: 'this host is no registry, or its registry is at another address',
    });
  }
  const version = headerOf(answer, 'docker-distribution-api-version');
  const authenticated = authorization !== undefined && (await party.authorizer.hasCredential(undefined));
  return { origin: party.base.origin, authenticated, ...(version === undefined ? {} : { version }) };
}
