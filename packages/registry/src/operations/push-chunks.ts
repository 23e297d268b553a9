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
import { chunkSize, shrinkChunks, TOO_LARGE } from './chunk-size.ts';
import { ChunkSource } from './chunk-source.ts';
import { access, commonHeaders, type RepositoryContext } from './repository-context.ts';
import { closingUrl, locationOf, type UploadSession } from './upload-session.ts';

export interface ChunkedPush {
  readonly descriptor: Descriptor;
  readonly content: Readable;
  readonly upload: UploadSession;
  readonly signal: AbortSignal | undefined;
}

/** Sends the content chunk by chunk and ends the session. */
export async function pushInChunks(
  context: RepositoryContext,
  party: RepositoryParty,
  { descriptor, content, upload, signal }: ChunkedPush,
): Promise<void> {
  const { session } = context;
  const what = `push ${descriptor.digest} to ${context.name}`;
  const source = new ChunkSource(checkedStream(content, descriptor));
  let { url } = upload;
  let offset = 0;
  try {
    for (;;) {
      const chunk = await source.take(chunkSize(session, upload));
      if (chunk === undefined) break;
      const sent = await sendChunk(context, party, { url, chunk, offset, descriptor, signal });
      const left = chunk.subarray(sent.bytes);
      if (left.byteLength > 0) shrinkChunks(session, upload, { refused: left.byteLength, what });
      source.putBack(left);
      url = sent.url;
      offset += sent.bytes;
    }
  } finally {
    await source.close();
  }
  const { answer } = await request(session, party, {
    what,
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

/** Where the session goes on, and how much of a chunk it has; the rest of it was too large. */
interface SentChunk {
  readonly url: URL;
  readonly bytes: number;
}

/** Sends one chunk; after a failure the registry is asked how far it got, and gets the rest. */
async function sendChunk(context: RepositoryContext, party: RepositoryParty, sending: Chunk): Promise<SentChunk> {
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
      if (sent === chunk.byteLength) return { url, bytes: sent };
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
      expect: [202, 204, TOO_LARGE, 416],
      ...access(party, pushScope, signal),
    });
    discard(answer);
    if (answer.status === TOO_LARGE) return { url, bytes: sent };
    if (answer.status !== 416) return { url: locationOf(answer, from), bytes: chunk.byteLength };
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
