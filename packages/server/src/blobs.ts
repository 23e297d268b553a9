/** Blobs: GET and HEAD with ranges, DELETE (distribution-spec, "Pulling blobs"). */

import type { OutgoingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { isBlobResolver, isDeleter, isLocator, type ReadOnlyTarget, type Segment } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import type { Descriptor, Digest } from '@kubecrate/oci';
import { type ApiRequest, answerEmpty, hasEntity } from './api-request.ts';
import { parseRange } from './range.ts';
import { Refusal } from './refusal.ts';
import { SegmentReader, sizeOfSegments } from './segment-reader.ts';
import { sendSegments } from './send-segments.ts';

/** A blob, and where it lies if it is on a disk. */
export interface FoundBlob {
  readonly descriptor: Descriptor;
  readonly segments: readonly Segment[] | undefined;
}

export async function answerBlob(request: ApiRequest, target: ReadOnlyTarget, digest: Digest): Promise<void> {
  const found = await findBlob(target, digest, request.signal);
  const { size } = found.descriptor;
  const etag = `"${digest}"`;
  const headers = {
    'docker-content-digest': digest,
    etag,
    'accept-ranges': 'bytes',
    'cache-control': 'max-age=31536000',
  };
  if (hasEntity(request, etag)) return answerEmpty(request, 304, headers);
  const range = rangeOf(request, size, etag);
  if (range === 'unsatisfiable') {
    throw new Refusal(416, 'RANGE_INVALID', 'no byte of the range is there', { 'content-range': `bytes */${size}` });
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  const head = {
    ...headers,
    'content-type': BLOB,
    'content-length': end - start + 1,
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${size}` }),
  };
  const status = range === undefined ? 200 : 206;
  if (request.method === 'HEAD' || size === 0) request.response.writeHead(status, head).end();
  else await sendBlob(request, target, found, { status, head, start, length: end - start + 1 });
}

interface BlobAnswer {
  readonly status: number;
  readonly head: OutgoingHttpHeaders;
  readonly start: number;
  readonly length: number;
}

/** The headers follow when the content is open, so that what cannot be read is an error and not a broken body. */
async function sendBlob(
  { response, service, signal }: ApiRequest,
  target: ReadOnlyTarget,
  { descriptor, segments }: FoundBlob,
  { status, head, start, length }: BlobAnswer,
): Promise<void> {
  if (segments !== undefined) {
    using reader = new SegmentReader(segments, start);
    response.writeHead(status, head);
    await sendSegments(response, reader, length, service.buffers);
    return;
  }
  const content = await target.fetch(descriptor, { signal, start });
  response.writeHead(status, head);
  await pipeline(content, (chunks: AsyncIterable<Buffer>) => exactly(chunks, length), response);
}

export async function deleteBlob(request: ApiRequest, target: ReadOnlyTarget, digest: Digest): Promise<void> {
  if (!isDeleter(target)) throw new Refusal(405, 'UNSUPPORTED', 'blobs cannot be deleted here');
  const { descriptor } = await findBlob(target, digest, request.signal);
  await target.delete(descriptor, { signal: request.signal });
  answerEmpty(request, 202);
}

/** Finds a blob of which only the digest is known. @throws NotFoundError */
export async function findBlob(target: ReadOnlyTarget, digest: Digest, signal: AbortSignal): Promise<FoundBlob> {
  if (isBlobResolver(target)) {
    const descriptor = await target.resolveBlob(digest, { signal });
    return { descriptor, segments: isLocator(target) ? await target.locate(descriptor, { signal }) : undefined };
  }
  const descriptor = { mediaType: BLOB, digest, size: 0 };
  const segments = isLocator(target) ? await target.locate(descriptor, { signal }) : undefined;
  if (segments !== undefined) return { descriptor: { ...descriptor, size: sizeOfSegments(segments) }, segments };
  throw new KubecrateError('INVALID_ARGUMENT', `cannot serve ${digest}: its target does not say how large blobs are`);
}

function rangeOf({ incoming, method }: ApiRequest, size: number, etag: string): ReturnType<typeof parseRange> {
  const { range, 'if-range': condition } = incoming.headers;
  if (method !== 'GET' || (condition !== undefined && condition !== etag)) return undefined;
  return parseRange(range, size);
}

/** The first `length` bytes; fewer are an error, for the client was promised as many. */
async function* exactly(chunks: AsyncIterable<Buffer>, length: number): AsyncGenerator<Buffer> {
  let left = length;
  for await (const chunk of chunks) {
    yield chunk.subarray(0, left);
    left -= Math.min(left, chunk.byteLength);
    if (left === 0) return;
  }
  throw new KubecrateError('SIZE_MISMATCH', `the content ends ${left} bytes before it should`);
}

/** The media type of a blob of which nothing is known. */
export const BLOB = 'application/octet-stream';
