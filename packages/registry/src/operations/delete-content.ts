/** Removing manifests, blobs and tags, where the registry lets anybody. */

import type { OperationOptions } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import { type Descriptor, isManifestMediaType, parseManifest } from '@kubecrate/oci';
import { deleteScope } from '../auth/scopes.ts';
import { discard } from '../http/body.ts';
import { request } from '../session.ts';
import { removeFromFallbackTag } from './fallback-tag.ts';
import { fetchManifest } from './read-manifest.ts';
import { access, commonHeaders, type RepositoryContext, registryOf, urlFor } from './repository-context.ts';

/** Removes content. A manifest that was the referrer of another is no longer listed as one. @throws NotFoundError; KubecrateError UNSUPPORTED */
export async function deleteContent(
  context: RepositoryContext,
  descriptor: Descriptor,
  { signal }: OperationOptions,
): Promise<void> {
  signal?.throwIfAborted();
  if (!isManifestMediaType(descriptor.mediaType)) return send(context, `blobs/${descriptor.digest}`, signal);
  const { bytes } = await fetchManifest(context, descriptor.digest, { signal });
  const { subject } = parseManifest(bytes, descriptor.mediaType);
  await send(context, `manifests/${descriptor.digest}`, signal);
  context.manifests.remove(context.name, descriptor.digest);
  if (subject !== undefined && context.session.referrers.get((await registryOf(context)).base.host) !== 'served') {
    await removeFromFallbackTag(context, subject, descriptor, signal);
  }
}

/** Removes a tag and leaves the manifest. @throws NotFoundError; KubecrateError UNSUPPORTED */
export async function deleteTag(context: RepositoryContext, tag: string, { signal }: OperationOptions): Promise<void> {
  signal?.throwIfAborted();
  await send(context, `manifests/${tag}`, signal);
}

async function send(context: RepositoryContext, path: string, signal: AbortSignal | undefined): Promise<void> {
  const party = await registryOf(context);
  const what = `remove ${path} of ${context.name}`;
  const { answer } = await request(context.session, party, {
    what,
    method: 'DELETE',
    url: urlFor(party, path),
    headers: commonHeaders(context),
    expect: [200, 202, 204, 400, 405, 501],
    ...access(party, deleteScope, signal),
  });
  discard(answer);
  context.written.value = 'something';
  if (answer.status < 300) return;
  throw new KubecrateError('UNSUPPORTED', `cannot ${what}: ${party.base.host} answered ${answer.status}`, {
    hint: path.startsWith('manifests/sha')
      ? 'the registry does not allow removal (distribution: storage.delete.enabled)'
      : 'the registry does not remove tags; remove the manifest by its digest',
  });
}
