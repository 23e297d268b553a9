/** Sending a blob in chunks (distribution-spec, "Pushing a blob in chunks"), each of which can be sent again. */

import type { Readable } from 'node:stream';
import { KubecrateError, TransientError } from '@kubecrate/errors';
import type { Descriptor } from '@kubecrate/oci';
import { pushScope } from '../auth/scopes.ts';
import { discard } from '../http/body.ts';
import { patiently } from '../http/patience.ts';
import { headerOf } from '../http/wire.ts';
import type { RepositoryParty } from '../parties.ts';
import { patienceFor, request, requestOnce } from '../session.ts';
import { checkedStream } from './checked-stream.ts';
import { access, commonHeaders, type RepositoryContext } from './repository-context.ts';
import { closingUrl, locationOf, type UploadSession } from './upload-session.ts';

export interface ChunkedPush {
  readonly descriptor: Descriptor;
  readonly content: Readable;
  readonly upload: UploadSession;
  readonly signal: AbortSignal | undefined;
}

/** Bytes of a chunk where the registry asks for no more. */
const CHUNK = 2 * 1024 * 1024;
/** A registry that wants more than this in one chunk is not served: chunks are kept in memory. */
const LARGEST_CHUNK = 64 * 1024 * 1024;

/** Sends the content chunk by chunk and ends the session. */
export async function pushInChunks(
  context: RepositoryContext,
  party: RepositoryParty,
  { descriptor, content, upload, signal }: ChunkedPush,
): Promise<void> {
  if (upload.chunkMinimum > LARGEST_CHUNK) {
    throw new KubecrateError(
      'LIMIT_EXCEEDED',
      `${upload.url.host} wants chunks of ${upload.chunkMinimum} bytes, the limit is ${LARGEST_CHUNK}`,
    );
  }
  let { url } = upload;
  let offset = 0;
  for await (const chunk of chunksOf(checkedStream(content, descriptor), Math.max(CHUNK, upload.chunkMinimum))) {
    url = await sendChunk(context, party, { url, chunk, offset, descriptor, signal });
    offset += chunk.byteLength;
  }
  const { answer } = await request(context.session, party, {
    what: `push ${descriptor.digest} to ${context.name}`,
    method: 'PUT',
    url: closingUrl(url, descriptor),
    headers: commonHeaders(context),
    expect: [200, 201, 202, 204],
    ...access(party, pushScope, signal),
  });
  discard(answer);
}

interface Chunk {
  readonly url: URL;
  readonly chunk: Buffer;
  readonly offset: number;
  readonly descriptor: Descriptor;
  readonly signal: AbortSignal | undefined;
}

/** Sends one chunk; after a failure the registry is asked how far it got, and gets the rest. */
async function sendChunk(context: RepositoryContext, party: RepositoryParty, sending: Chunk): Promise<URL> {
  const { chunk, offset, descriptor, signal } = sending;
  const what = `push ${descriptor.digest} to ${context.name}`;
  let { url } = sending;
  let sent = 0;
  let doubtful = false;
  return patiently(patienceFor(context.session, party, { what, signal }), async () => {
    if (doubtful) {
      const status = await uploadStatus(context, party, { ...sending, url });
      url = status.url;
      sent = status.received - offset;
      if (sent < 0 || sent > chunk.byteLength) {
        throw new KubecrateError(
          'REGISTRY',
          `${url.host} lost part of an upload: it has ${status.received} bytes, ${offset} were sent before`,
        );
      }
      if (sent === chunk.byteLength) return url;
    }
    doubtful = true;
    const rest = chunk.subarray(sent);
    const { answer, url: from } = await requestOnce(context.session, party, {
      what,
      method: 'PATCH',
      url,
      headers: {
        ...commonHeaders(context),
        'content-type': 'application/octet-stream',
        'content-range': `${offset + sent}-${offset + chunk.byteLength - 1}`,
      },
      body: { kind: 'bytes', bytes: rest },
      expect: [202, 204, 416],
      ...access(party, pushScope, signal),
    });
    discard(answer);
    if (answer.status !== 416) return locationOf(answer, from);
    throw new TransientError('REGISTRY', `${url.host} has other bytes of an upload than were sent to it`, {
      retryAfterMs: 0,
    });
  });
}

/** How many bytes of a session the registry has. */
async function uploadStatus(
  context: RepositoryContext,
  party: RepositoryParty,
  { url, descriptor, signal }: Chunk,
): Promise<{ readonly url: URL; readonly received: number }> {
  const { answer, url: from } = await requestOnce(context.session, party, {
    what: `ask how far the upload of ${descriptor.digest} to ${context.name} is`,
    method: 'GET',
    url,
    headers: commonHeaders(context),
    expect: [204, 200],
    ...access(party, pushScope, signal),
  });
  discard(answer);
  const last = /^(?:bytes=)?0-(\d+)$/.exec(headerOf(answer, 'range') ?? '')?.[1];
  // `0-0` is what distribution says of a session that has nothing as well as of one that has a byte.
  const received = last === undefined || last === '0' ? 0 : Number(last) + 1;
  return { url: headerOf(answer, 'location') === undefined ? url : locationOf(answer, from), received };
}

async function* chunksOf(content: Readable, size: number): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of content as AsyncIterable<Buffer>) {
    pieces.push(piece);
    length += piece.byteLength;
    if (length < size) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(pieces);
}
