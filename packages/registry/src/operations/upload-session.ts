/** Upload sessions: where a registry takes the bytes of a blob (distribution-spec, "Pushing blobs"). */

import { KubecrateError, redactUrl } from '@kubecrate/errors';
import type { Descriptor } from '@kubecrate/oci';
import { pullScope, pushScope } from '../auth/scopes.ts';
import { hostName } from '../config/host-name.ts';
import { discard } from '../http/body.ts';
import { shownLocation } from '../http/redirect.ts';
import { type Answer, bytesHeader, headerOf } from '../http/wire.ts';
import type { RepositoryParty } from '../parties.ts';
import { request, requestOnce } from '../session.ts';
import { access, commonHeaders, type RepositoryContext, registryOf, urlFor } from './repository-context.ts';

export interface UploadSession {
  readonly url: URL;
  /** The least a chunk may have, the last one aside; bytes. */
  readonly chunkMinimum: number;
}

/** Opens a session, or takes the one that a declined mount left open. */
export async function openUpload(
  context: RepositoryContext,
  descriptor: Descriptor,
  signal: AbortSignal | undefined,
): Promise<UploadSession> {
  const left = context.uploads.get(descriptor.digest);
  if (left !== undefined) {
    context.uploads.delete(descriptor.digest);
    return left;
  }
  const party = await registryOf(context);
  const { answer, url } = await request(context.session, party, {
    what: `push ${descriptor.digest} to ${context.name}`,
    method: 'POST',
    url: urlFor(party, 'blobs/uploads/'),
    headers: commonHeaders(context),
    expect: [202],
    ...access(party, pushScope, signal),
  });
  discard(answer);
  return sessionOf(answer, url);
}

/**
 * Asks the registry to take a blob over from another of its repositories.
 * Where it declines, the session it opened instead is kept for the push that follows.
 */
export async function mountBlob(
  context: RepositoryContext,
  descriptor: Descriptor,
  fromRepository: string | undefined,
  signal: AbortSignal | undefined,
): Promise<'mounted' | 'declined'> {
  signal?.throwIfAborted();
  if (fromRepository === undefined) return 'declined';
  const party = await registryOf(context);
  const url = urlFor(party, 'blobs/uploads/');
  url.search = `?mount=${encodeURIComponent(descriptor.digest)}&from=${encodeURIComponent(fromRepository)}`;
  const { answer, url: from } = await request(context.session, party, {
    what: `mount ${descriptor.digest} from ${fromRepository} into ${context.name}`,
    method: 'POST',
    url,
    headers: commonHeaders(context),
    expect: [201, 202, 401, 403, 404, 405],
    repository: party.repository,
    scopes: [pushScope(party.repository), pullScope(fromRepository)],
    signal,
  });
  discard(answer);
  if (answer.status === 201) {
    context.written.value = 'something';
    return 'mounted';
  }
  if (answer.status === 202) context.uploads.set(descriptor.digest, sessionOf(answer, from));
  return 'declined';
}

/** Gives a session up, so that the registry need not keep what was sent; that it does not answer changes nothing. */
export async function abandonUpload(context: RepositoryContext, party: RepositoryParty, url: URL): Promise<void> {
  try {
    const { answer } = await requestOnce(context.session, party, {
      what: `give up an upload to ${context.name}`,
      method: 'DELETE',
      url,
      headers: commonHeaders(context),
      expect: [200, 202, 204, 404],
      ...access(party, pushScope, AbortSignal.timeout(ABANDON_MS)),
    });
    discard(answer);
  } catch {
    // the failure that led here is the one to report; registries sweep sessions that nobody finishes
  }
}

function sessionOf(answer: Answer, url: URL): UploadSession {
  return { url: locationOf(answer, url), chunkMinimum: bytesHeader(answer, 'oci-chunk-min-length') ?? 0 };
}

/** Where a session goes on: `Location`, relative or not, with whatever state its query carries. @throws KubecrateError REGISTRY */
export function locationOf(answer: Answer, url: URL): URL {
  const location = headerOf(answer, 'location') ?? '';
  if (location === '' || !URL.canParse(location, url.href)) {
    throw new KubecrateError(
      'REGISTRY',
      `${url.host} did not say where to send the content: its Location is ${JSON.stringify(shownLocation(location, url))}`,
    );
  }
  const target = new URL(location, url);
  if (target.origin === url.origin) return target;
  // Behind a proxy that ends TLS, registries name themselves by the address they know.
  if (hostName(target.host) === hostName(url.host) && url.protocol === 'https:' && target.protocol === 'http:') {
    return new URL(`${target.pathname}${target.search}`, url.origin);
  }
  if (target.protocol === 'https:' || (target.protocol === 'http:' && url.protocol === 'http:')) return target;
  throw new KubecrateError(
    'REGISTRY',
    `${url.host} wants the content sent to ${JSON.stringify(redactUrl(target))}; that is not done`,
  );
}

/** The address of a session with the digest that ends it; its own query stays as the registry wrote it. */
export function closingUrl(url: URL, { digest }: Descriptor): URL {
  const closing = new URL(url);
  closing.search = `${url.search === '' ? '?' : `${url.search}&`}digest=${encodeURIComponent(digest)}`;
  return closing;
}

const ABANDON_MS = 5_000;
