/** Sending a blob: in one piece, or in chunks where the registry does not take it whole. */

import { Readable } from 'node:stream';
import { ContentCheck, isWrongContent, type OperationOptions } from '@kubecrate/content';
import { TransientError } from '@kubecrate/errors';
import type { Descriptor } from '@kubecrate/oci';
import { pushScope } from '../auth/scopes.ts';
import { discard } from '../http/body.ts';
import { tried } from '../http/patience.ts';
import type { Answer } from '../http/wire.ts';
import type { RepositoryParty } from '../parties.ts';
import { type NamedQuestion, request, requestOnce } from '../session.ts';
import { checkedStream } from './checked-stream.ts';
import { CHUNK, TOO_LARGE } from './chunk-size.ts';
import { pushInChunks } from './push-chunks.ts';
import { access, commonHeaders, type RepositoryContext, registryOf } from './repository-context.ts';
import { abandonUpload, closingUrl, openUpload, type UploadSession } from './upload-session.ts';

/** Small blobs are read first, so that they can be sent again; bytes. */
const SMALL = 1024 * 1024;

/**
 * Stores a blob; verified before its last byte is sent.
 * A `TransientError` says that the same push may work with a new stream: a stream cannot be sent twice from here.
 */
export async function pushBlob(
  context: RepositoryContext,
  descriptor: Descriptor,
  content: Readable,
  { signal }: OperationOptions,
): Promise<void> {
  try {
    signal?.throwIfAborted();
    if (descriptor.size <= SMALL)
      await pushBytes(context, descriptor, await readChecked(content, descriptor, signal), signal);
    else await pushStream(context, descriptor, content, signal);
    context.written.value = 'something';
  } catch (error) {
    signal?.throwIfAborted();
    // Content that is not what it should be is its source's.
    if (isWrongContent(error) || error instanceof TransientError) throw error;
    throw tried(`push ${descriptor.digest} to ${context.name}`, error);
  } finally {
    content.destroy();
  }
}

async function pushBytes(
  context: RepositoryContext,
  descriptor: Descriptor,
  bytes: Buffer,
  signal: AbortSignal | undefined,
): Promise<void> {
  const party = await registryOf(context);
  const upload = await openUpload(context, descriptor, signal);
  await abandoning(context, party, upload, async () => {
    const most = context.session.chunked.get(upload.url.host) ?? descriptor.size;
    if (descriptor.size <= most && (await takesWhole())) return;
    // Whoever said that it is too large said so before the registry heard of it: its session is as it was.
    const content = Readable.from([bytes], { objectMode: false });
    await pushInChunks(context, party, { descriptor, content, upload, signal });
  });

  async function takesWhole(): Promise<boolean> {
    const question = closing(context, party, { descriptor, upload, signal });
    const expect = [...question.expect, TOO_LARGE];
    const { answer } = await request(context.session, party, { ...question, expect, body: { kind: 'bytes', bytes } });
    discard(answer);
    return answer.status !== TOO_LARGE;
  }
}

async function pushStream(
  context: RepositoryContext,
  descriptor: Descriptor,
  content: Readable,
  signal: AbortSignal | undefined,
): Promise<void> {
  const party = await registryOf(context);
  const upload = await openUpload(context, descriptor, signal);
  await abandoning(context, party, upload, async () => {
    if (context.session.chunked.has(upload.url.host)) {
      await pushInChunks(context, party, { descriptor, content, upload, signal });
      return;
    }
    const question = closing(context, party, { descriptor, upload, signal });
    const stream = checkedStream(content, descriptor);
    const expect = [...question.expect, ...NOT_WHOLE];
    const { answer } = await requestOnce(context.session, party, {
      ...question,
      expect,
      body: { kind: 'stream', stream, size: descriptor.size },
    });
    discard(answer);
    if (NOT_WHOLE.includes(answer.status)) throw wantsChunks(context, upload, descriptor, answer);
  });
}

/** Remembers that a host does not take blobs whole; the error makes the blob be sent again. */
export function wantsChunks(
  { session }: RepositoryContext,
  { url }: UploadSession,
  { digest }: Descriptor,
  { status }: Answer,
): TransientError {
  session.chunked.set(url.host, CHUNK);
  const message = `${url.host} answered ${status} to blob ${digest} in one piece; it gets it in chunks`;
  return new TransientError('REGISTRY', message, { retryAfterMs: 0 });
}

/** The request that ends a session. 201 by the specification; some registries say 202 or 204. */
export function closing(
  context: RepositoryContext,
  party: RepositoryParty,
  { descriptor, upload, signal }: { descriptor: Descriptor; upload: UploadSession; signal: AbortSignal | undefined },
): NamedQuestion {
  return {
    what: `push ${descriptor.digest} to ${context.name}`,
    method: 'PUT',
    url: closingUrl(upload.url, descriptor),
    headers: { ...commonHeaders(context), 'content-type': 'application/octet-stream' },
    expect: [200, 201, 202, 204],
    ...access(party, pushScope, signal),
  };
}

/** Runs `work`; where it fails, the session is given up. */
export async function abandoning<T>(
  context: RepositoryContext,
  party: RepositoryParty,
  upload: UploadSession,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await abandonUpload(context, party, upload.url);
    throw error;
  }
}

/** Reads small content whole. @throws KubecrateError SIZE_MISMATCH, DIGEST_MISMATCH */
export async function readChecked(
  content: Readable,
  descriptor: Descriptor,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const check = new ContentCheck(descriptor);
  const chunks: Uint8Array[] = [];
  const abort = (): void => void content.destroy();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      check.update(chunk);
      chunks.push(chunk);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
    content.destroy();
  }
  signal?.throwIfAborted();
  check.finish();
  return Buffer.concat(chunks);
}

/** What registries, and proxies before them, answer to a blob that they want in smaller pieces. */
export const NOT_WHOLE: readonly number[] = [404, 405, 411, TOO_LARGE, 416];
