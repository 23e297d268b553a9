/** Whether content is there, and how long it is. */

import type { OperationOptions } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import { type Descriptor, type Digest, isManifestMediaType } from '@kubecrate/oci';
import { pullScope } from '../auth/scopes.ts';
import { discard } from '../http/body.ts';
import { bytesHeader } from '../http/wire.ts';
import { request } from '../session.ts';
import {
  access,
  commonHeaders,
  describeLooking,
  type RepositoryContext,
  registryOf,
  urlFor,
} from './repository-context.ts';

/**
 * True where the registry itself has the content; mirrors are not asked.
 * A registry that leads to its storage has it: what the storage says to HEAD is not asked, some refuse it.
 */
export async function contentExists(
  context: RepositoryContext,
  descriptor: Descriptor,
  { signal }: OperationOptions,
): Promise<boolean> {
  signal?.throwIfAborted();
  const party = await registryOf(context);
  const kind = isManifestMediaType(descriptor.mediaType) ? 'manifests' : 'blobs';
  const { answer } = await request(context.session, party, {
    what: describeLooking(context, descriptor.digest),
    method: 'HEAD',
    url: urlFor(party, `${kind}/${descriptor.digest}`),
    headers: { ...commonHeaders(context), ...(kind === 'manifests' ? { accept: `${descriptor.mediaType}, */*` } : {}) },
    redirects: 'within',
    expect: [200, 302, 303, 307, 404],
    ...access(party, pullScope, signal),
  });
  discard(answer);
  return answer.status !== 404;
}

/** The descriptor of a blob that is known by its digest alone. @throws NotFoundError */
export async function resolveBlob(
  context: RepositoryContext,
  digest: Digest,
  { signal }: OperationOptions,
): Promise<Descriptor> {
  signal?.throwIfAborted();
  const party = await registryOf(context);
  const { answer, url } = await request(context.session, party, {
    what: describeLooking(context, digest),
    method: 'HEAD',
    url: urlFor(party, `blobs/${digest}`),
    headers: commonHeaders(context),
    expect: [200],
    ...access(party, pullScope, signal),
  });
  discard(answer);
  const size = bytesHeader(answer, 'content-length');
  if (size === undefined) throw new KubecrateError('REGISTRY', `${url.host} does not say how long blob ${digest} is`);
  return { mediaType: 'application/octet-stream', digest, size };
}
