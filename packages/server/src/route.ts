/** Paths of the distribution API (distribution-spec, "Endpoints"). */

import type { Digest } from '@kubecrate/oci';
import { isDigest, isRepository } from '@kubecrate/oci';
import { Refusal } from './refusal.ts';

/** What a path names. A reference is a tag or a digest, not checked yet: an impossible tag is one that is not there. */
export type Route =
  | { readonly kind: 'base' }
  | { readonly kind: 'catalog' }
  | { readonly kind: 'tags'; readonly repository: string }
  | { readonly kind: 'manifest'; readonly repository: string; readonly reference: string }
  | { readonly kind: 'blob'; readonly repository: string; readonly digest: Digest }
  | { readonly kind: 'referrers'; readonly repository: string; readonly digest: Digest }
  | { readonly kind: 'uploads'; readonly repository: string }
  | { readonly kind: 'upload'; readonly repository: string; readonly id: string };

/** The route of a path without its query. @throws Refusal */
export function routeOf(path: string): Route {
  if (path === '/v2/' || path === '/v2') return { kind: 'base' };
  if (path === '/v2/_catalog') return { kind: 'catalog' };
  const [, repository = '', endpoint = '', last = ''] = ROUTE.exec(path) ?? [];
  if (endpoint === '') throw new Refusal(404, 'UNSUPPORTED', 'no such endpoint');
  if (!isRepository(repository)) throw new Refusal(400, 'NAME_INVALID', `invalid repository name ${quote(repository)}`);
  const named = decoded(last);
  switch (endpoint) {
    case 'tags/list':
      return { kind: 'tags', repository };
    case 'manifests/':
      return { kind: 'manifest', repository, reference: named };
    case 'referrers/':
      return { kind: 'referrers', repository, digest: digestOf(named) };
    case 'blobs/uploads/':
    case 'blobs/uploads':
      return named === '' ? { kind: 'uploads', repository } : { kind: 'upload', repository, id: named };
    default:
      return { kind: 'blob', repository, digest: digestOf(named) };
  }
}

/** A digest that came from a client. @throws Refusal */
export function digestOf(text: string): Digest {
  if (isDigest(text)) return text;
  throw new Refusal(400, 'DIGEST_INVALID', `invalid digest ${quote(text)}`);
}

/** Text of a client for a message. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}...` : text);
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Refusal(400, 'NAME_INVALID', `invalid escape in ${quote(text)}`);
  }
}

// The repository takes as much as it can: names may hold `manifests` and `blobs` themselves.
const ROUTE = /^\/v2\/(.+)\/(tags\/list$|manifests\/|referrers\/|blobs\/uploads$|blobs\/uploads\/|blobs\/)([^/]*)$/;
