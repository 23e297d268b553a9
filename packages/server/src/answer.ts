/** From a request to the function that answers it. */

import type { ReadOnlyTarget, Target } from '@kubecrate/content';
import { type ApiRequest, answerJson } from './api-request.ts';
import { answerBlob, deleteBlob } from './blobs.ts';
import { answerCatalog, answerReferrers, answerTags } from './listings.ts';
import { answerManifest, deleteManifest, putManifest } from './manifests.ts';
import { answerUpload, beginUpload, cancelUpload, continueUpload, finishUpload } from './pushes.ts';
import { Refusal, type RefusalCode } from './refusal.ts';
import type { Route } from './route.ts';

/** Answers a request. @throws Refusal, and whatever the target throws */
export async function answer(request: ApiRequest, route: Route): Promise<void> {
  switch (route.kind) {
    case 'base':
      reading(request);
      return answerJson(request, 200, {});
    case 'catalog':
      reading(request);
      return answerCatalog(request);
    case 'tags': {
      reading(request);
      const served = servedName(request, route.repository);
      return answerTags(request, targetOf(request, route.repository), { name: route.repository, served });
    }
    case 'referrers':
      reading(request);
      return answerReferrers(request, targetOf(request, route.repository), route.digest);
    case 'manifest':
      return answerManifestRoute(request, route);
    case 'blob':
      return answerBlobRoute(request, route);
    case 'uploads':
      if (request.method !== 'POST') throw notAllowed(request, 'POST');
      return beginUpload(request, writableTargetOf(request, route.repository), route.repository);
    case 'upload':
      return answerUploadRoute(request, route);
  }
}

/** The code for content of a route that is not there. */
export function absentCode(route: Route | undefined): RefusalCode {
  if (route?.kind === 'blob' || route?.kind === 'uploads' || route?.kind === 'upload') return 'BLOB_UNKNOWN';
  return route?.kind === 'manifest' ? 'MANIFEST_UNKNOWN' : 'NAME_UNKNOWN';
}

function answerManifestRoute(request: ApiRequest, { repository, reference }: RouteOf<'manifest'>): Promise<void> {
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return answerManifest(request, targetOf(request, repository), reference);
    case 'PUT':
      return putManifest(request, writableTargetOf(request, repository), repository, reference);
    case 'DELETE':
      return deleteManifest(request, writableTargetOf(request, repository), reference);
    default:
      throw notAllowed(request, 'GET, HEAD, PUT, DELETE');
  }
}

function answerBlobRoute(request: ApiRequest, { repository, digest }: RouteOf<'blob'>): Promise<void> {
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return answerBlob(request, targetOf(request, repository), digest);
    case 'DELETE':
      return deleteBlob(request, writableTargetOf(request, repository), digest);
    default:
      throw notAllowed(request, 'GET, HEAD, DELETE');
  }
}

function answerUploadRoute(request: ApiRequest, { repository, id }: RouteOf<'upload'>): Promise<void> {
  const target = writableTargetOf(request, repository);
  switch (request.method) {
    case 'GET':
      return answerUpload(request, repository, id);
    case 'PATCH':
      return continueUpload(request, repository, id);
    case 'PUT':
      return finishUpload(request, target, repository, id);
    case 'DELETE':
      return cancelUpload(request, repository, id);
    default:
      throw notAllowed(request, 'GET, PATCH, PUT, DELETE');
  }
}

function targetOf(request: ApiRequest, repository: string): ReadOnlyTarget {
  return request.service.namespace.repository(servedName(request, repository));
}

function writableTargetOf(request: ApiRequest, repository: string): Target {
  const target = request.service.access === 'writable' ? targetOf(request, repository) : undefined;
  if (target !== undefined && isTarget(target)) return target;
  throw new Refusal(405, 'UNSUPPORTED', 'this registry is read-only', { allow: 'GET, HEAD' });
}

function servedName({ service, query }: ApiRequest, repository: string): string {
  return service.repositoryFor(repository, query.get('ns') ?? undefined);
}

function isTarget(target: ReadOnlyTarget): target is Target {
  return 'push' in target && 'tag' in target;
}

function reading(request: ApiRequest): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw notAllowed(request, 'GET, HEAD');
}

function notAllowed({ method }: ApiRequest, allow: string): Refusal {
  return new Refusal(405, 'UNSUPPORTED', `${method} is not allowed here`, { allow });
}

type RouteOf<K extends Route['kind']> = Extract<Route, { kind: K }>;
