/** Listings: tags, repositories and referrers (distribution-spec, "Content Discovery"). */

import { isReferrerLister, isTagLister, type ReadOnlyTarget, readManifest } from '@kubecrate/content';
import { hasCode } from '@kubecrate/errors';
import { algorithmOf, type Descriptor, type Digest, hexOf, MEDIA_TYPES } from '@kubecrate/oci';
import { type ApiRequest, answerJson } from './api-request.ts';
import { linkTo, pageOf, pageRequestOf } from './pagination.ts';
import { Refusal } from './refusal.ts';

/** `name` is the repository as the client called it, `served` as the namespace does. */
export async function answerTags(
  request: ApiRequest,
  target: ReadOnlyTarget,
  { name, served }: { readonly name: string; readonly served: string },
): Promise<void> {
  if (!isTagLister(target)) throw new Refusal(405, 'UNSUPPORTED', 'tags cannot be listed here');
  const wanted = pageRequestOf(request.query);
  const page = await pageOf(target.tags({ signal: request.signal }), wanted);
  if (page.entries.length === 0 && !(await isRepositoryOf(request, served))) {
    throw new Refusal(404, 'NAME_UNKNOWN', 'repository name not known to registry');
  }
  answerJson(request, 200, { name, tags: page.entries }, linkTo(request.path, page, wanted));
}

export async function answerCatalog(request: ApiRequest): Promise<void> {
  const wanted = pageRequestOf(request.query);
  const page = await pageOf(request.service.namespace.repositories({ signal: request.signal }), wanted);
  answerJson(request, 200, { repositories: page.entries }, linkTo(request.path, page, wanted));
}

export async function answerReferrers(request: ApiRequest, target: ReadOnlyTarget, digest: Digest): Promise<void> {
  const type = request.query.get('artifactType');
  const manifests: Descriptor[] = [];
  for await (const referrer of referrersOf(target, digest, request.signal)) {
    if (type === null || referrer.artifactType === type) manifests.push(referrer);
  }
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests };
  const filtered = type === null ? {} : { 'oci-filters-applied': 'artifactType' };
  answerJson(request, 200, index, { 'content-type': MEDIA_TYPES.ociIndex, ...filtered });
}

async function* referrersOf(target: ReadOnlyTarget, digest: Digest, signal: AbortSignal): AsyncGenerator<Descriptor> {
  if (isReferrerLister(target)) {
    yield* target.referrers({ mediaType: MEDIA_TYPES.ociManifest, digest, size: 0 }, { signal });
    return;
  }
  try {
    const { manifest } = await readManifest(target, await target.resolve(fallbackTag(digest), { signal }), { signal });
    if (manifest.kind === 'index') yield* manifest.manifests;
  } catch (error) {
    if (!hasCode(error, 'NOT_FOUND')) throw error;
  }
}

/** Where clients list referrers in a registry without this endpoint (distribution-spec, "Referrers Tag Schema"). */
function fallbackTag(digest: Digest): string {
  return `${algorithmOf(digest)}-${hexOf(digest).slice(0, 64)}`;
}

async function isRepositoryOf({ service, signal }: ApiRequest, name: string): Promise<boolean> {
  for await (const repository of service.namespace.repositories({ signal })) {
    if (repository === name) return true;
    if (repository > name) return false;
  }
  return false;
}
