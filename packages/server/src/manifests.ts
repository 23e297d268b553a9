/** Manifests: GET, HEAD, PUT and DELETE by tag or digest (distribution-spec, "Pulling manifests", "Pushing Manifests"). */

import { Readable } from 'node:stream';
import {
  isDeleter,
  isReferrerLister,
  type ReadOnlyTarget,
  readContent,
  type Target,
  verifyBytes,
} from '@kubecrate/content';
import {
  type Descriptor,
  descriptorOf,
  isDigest,
  isForeignLayerMediaType,
  isTag,
  MAX_MANIFEST_SIZE,
  type Manifest,
  parseManifest,
} from '@kubecrate/oci';
import { type ApiRequest, answerBytes, answerEmpty, hasEntity } from './api-request.ts';
import { Refusal } from './refusal.ts';
import { readBody } from './request-body.ts';
import { digestOf, quote } from './route.ts';

export async function answerManifest(request: ApiRequest, target: ReadOnlyTarget, reference: string): Promise<void> {
  const descriptor = await resolve(request, target, reference);
  const { digest, mediaType, size } = descriptor;
  const etag = `"${digest}"`;
  const headers = { 'docker-content-digest': digest, etag };
  if (hasEntity(request, etag)) return answerEmpty(request, 304, headers);
  const head = { ...headers, 'content-type': mediaType };
  if (request.method === 'HEAD') {
    request.response.writeHead(200, { ...head, 'content-length': size }).end();
    return;
  }
  answerBytes(request, 200, await readContent(target, descriptor, { signal: request.signal }), head);
}

export async function putManifest(request: ApiRequest, target: Target, name: string, reference: string): Promise<void> {
  if (reference.includes(':')) digestOf(reference);
  else if (!isTag(reference)) throw new Refusal(400, 'TAG_INVALID', `invalid tag ${quote(reference)}`);
  const bytes = await readBody(request.incoming, MAX_MANIFEST_SIZE);
  const manifest = readPushed(bytes, request.incoming.headers['content-type']);
  const descriptor = descriptorFor(manifest.mediaType, bytes, reference);
  const { signal } = request;
  await checkBlobs(target, manifest, signal);
  await target.push(descriptor, Readable.from([bytes], { objectMode: false }), { signal });
  if (!isDigest(reference)) await target.tag(descriptor, reference, { signal });
  const { subject } = manifest;
  answerEmpty(request, 201, {
    location: `/v2/${name}/manifests/${descriptor.digest}`,
    'docker-content-digest': descriptor.digest,
    // Without this header the client keeps the list of referrers itself, under the fallback tag.
    ...(subject !== undefined && isReferrerLister(target) ? { 'oci-subject': subject.digest } : {}),
  });
}

export async function deleteManifest(request: ApiRequest, target: ReadOnlyTarget, reference: string): Promise<void> {
  if (!isDeleter(target)) throw new Refusal(405, 'UNSUPPORTED', 'manifests cannot be deleted here');
  const { signal } = request;
  const descriptor = await resolve(request, target, reference);
  if (isDigest(reference)) await target.delete(descriptor, { signal });
  else await target.untag(reference, { signal });
  answerEmpty(request, 202);
}

async function resolve({ signal }: ApiRequest, target: ReadOnlyTarget, reference: string): Promise<Descriptor> {
  if (reference.includes(':')) return target.resolve(digestOf(reference), { signal });
  if (isTag(reference)) return target.resolve(reference, { signal });
  throw new Refusal(404, 'MANIFEST_UNKNOWN', `manifest unknown: ${quote(reference)} is no tag`);
}

function readPushed(bytes: Buffer, contentType: string | undefined): Manifest {
  const said = contentType?.split(';')[0]?.trim();
  const manifest = parseManifest(bytes, said);
  if (said === undefined || said === manifest.mediaType) return manifest;
  throw new Refusal(400, 'MANIFEST_INVALID', `the manifest is ${quote(manifest.mediaType)}, sent as ${quote(said)}`);
}

function descriptorFor(mediaType: string, bytes: Buffer, reference: string): Descriptor {
  if (!isDigest(reference)) return descriptorOf(mediaType, bytes);
  const descriptor = { mediaType, digest: reference, size: bytes.byteLength };
  verifyBytes(descriptor, bytes);
  return descriptor;
}

/** Configuration and layers have to be there. The children of an index need not: a mirror may hold some platforms only. */
async function checkBlobs(target: Target, manifest: Manifest, signal: AbortSignal): Promise<void> {
  if (manifest.kind === 'index') return;
  for (const blob of [manifest.config, ...manifest.layers]) {
    if (isForeignLayerMediaType(blob.mediaType) || (await target.exists(blob, { signal }))) continue;
    throw new Refusal(400, 'MANIFEST_BLOB_UNKNOWN', `the manifest needs blob ${blob.digest}, which is not there`);
  }
}
