/** Pushing blobs: monolithic, in chunks, by mount (distribution-spec, "Pushing blobs"). */

import { createReadStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isLinker, isMounter, type Target, verifying } from '@kubecrate/content';
import { hasCode } from '@kubecrate/errors';
import type { Descriptor, Digest } from '@kubecrate/oci';
import { isRepository } from '@kubecrate/oci';
import { type ApiRequest, answerEmpty } from './api-request.ts';
import { BLOB, findBlob } from './blobs.ts';
import { Refusal } from './refusal.ts';
import { bodyOf, lengthOf } from './request-body.ts';
import { digestOf } from './route.ts';
import { append, sizeOf, type Upload } from './uploads.ts';

/** `POST .../blobs/uploads/`: mounts, takes the whole blob, or begins an upload. `name` is the repository as the client called it. */
export async function beginUpload(request: ApiRequest, target: Target, name: string): Promise<void> {
  const { query, service } = request;
  const [mount, whole] = [query.get('mount'), query.get('digest')];
  if (mount !== null && (await mountBlob(request, target, digestOf(mount)))) {
    return answerCreated(request, name, digestOf(mount));
  }
  const length = lengthOf(request.incoming);
  if (whole !== null && length !== undefined) {
    const digest = digestOf(whole);
    const descriptor = { mediaType: BLOB, digest, size: length };
    await target.push(descriptor, bodyOf(request.incoming), { signal: request.signal });
    return answerCreated(request, name, digest);
  }
  const upload = await service.uploads.begin(name);
  answerEmpty(request, 202, statusOf(upload, 0));
}

/** `PATCH`: adds a chunk. */
export async function continueUpload(request: ApiRequest, name: string, id: string): Promise<void> {
  await request.service.uploads.use(name, id, async (upload) => {
    await addChunk(request, upload);
    answerEmpty(request, 202, statusOf(upload, await sizeOf(upload)));
  });
}

/** `PUT`: adds the last chunk, if there is one, and stores the blob. */
export async function finishUpload(request: ApiRequest, target: Target, name: string, id: string): Promise<void> {
  const digest = digestOf(request.query.get('digest') ?? '');
  await request.service.uploads.use(name, id, async (upload) => {
    await addChunk(request, upload);
    const descriptor = { mediaType: BLOB, digest, size: await sizeOf(upload) };
    try {
      await storeUpload(target, descriptor, upload, request.signal);
    } catch (error) {
      if (!hasCode(error, 'DIGEST_MISMATCH')) throw error;
      // More bytes would not make it right.
      await request.service.uploads.end(upload);
      throw error;
    }
    await request.service.uploads.end(upload);
  });
  answerCreated(request, name, digest);
}

/** `GET`: how far an upload is. */
export async function answerUpload(request: ApiRequest, name: string, id: string): Promise<void> {
  await request.service.uploads.use(name, id, async (upload) => {
    answerEmpty(request, 204, statusOf(upload, await sizeOf(upload)));
  });
}

/** `DELETE`: gives an upload up. */
export async function cancelUpload(request: ApiRequest, name: string, id: string): Promise<void> {
  const { uploads } = request.service;
  await uploads.use(name, id, (upload) => uploads.end(upload));
  answerEmpty(request, 204);
}

async function mountBlob(request: ApiRequest, target: Target, digest: Digest): Promise<boolean> {
  const { service, query, signal } = request;
  const from = query.get('from');
  if (!isMounter(target) || from === null || !isRepository(from)) return false;
  const source = service.namespace.repository(service.repositoryFor(from, query.get('ns') ?? undefined));
  if (!isMounter(source) || source.space !== target.space) return false;
  try {
    const { descriptor } = await findBlob(source, digest, signal);
    return (await target.mount(descriptor, source.repository, { signal })) === 'mounted';
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND')) return false;
    throw error;
  }
}

async function addChunk({ incoming, path }: ApiRequest, upload: Upload): Promise<void> {
  const size = await sizeOf(upload);
  const length = lengthOf(incoming);
  const range = incoming.headers['content-range'];
  if (range !== undefined) {
    const [, first, last] = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/.*)?$/.exec(range) ?? [];
    if (first === undefined || Number(first) !== size) {
      const headers = { location: path, range: rangeOf(size), 'docker-upload-uuid': upload.id };
      throw new Refusal(416, 'BLOB_UPLOAD_INVALID', `the next chunk has to begin at byte ${size}`, headers);
    }
    if (length !== undefined && Number(last) - Number(first) + 1 !== length) {
      throw new Refusal(400, 'SIZE_INVALID', 'Content-Range and Content-Length do not agree');
    }
  }
  if (length !== 0) await append(upload, bodyOf(incoming));
}

async function storeUpload(
  target: Target,
  descriptor: Descriptor,
  { path }: Upload,
  signal: AbortSignal,
): Promise<void> {
  if (isLinker(target)) {
    await pipeline(createReadStream(path, { highWaterMark: READ_SIZE }), verifying(descriptor), discarding(), {
      signal,
    });
    if ((await target.link(descriptor, path, { signal })) === 'linked') return;
  }
  await target.push(descriptor, createReadStream(path, { highWaterMark: READ_SIZE }), { signal });
}

function discarding(): Writable {
  return new Writable({ write: (_chunk, _encoding, callback) => callback() });
}

function answerCreated(request: ApiRequest, name: string, digest: Digest): void {
  answerEmpty(request, 201, { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest });
}

function statusOf({ id, repository }: Upload, size: number): Record<string, string> {
  return {
    location: `/v2/${repository}/blobs/uploads/${id}`,
    range: rangeOf(size),
    'docker-upload-uuid': id,
  };
}

/** The bytes that are there. There is no way to write "none": `0-0`, as distribution does. */
function rangeOf(size: number): string {
  return `0-${Math.max(0, size - 1)}`;
}

const READ_SIZE = 512 * 1024;
