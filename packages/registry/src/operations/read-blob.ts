/** Blobs as streams, which go on where they were broken off. */

import type { Readable } from 'node:stream';
import { type FetchOptions, sizeMismatch } from '@kubecrate/content';
import { KubecrateError, TransientError } from '@kubecrate/errors';
import type { Descriptor } from '@kubecrate/oci';
import { pullScope } from '../auth/scopes.ts';
import { bodyChunks, discard } from '../http/body.ts';
import { type Patience, patiently } from '../http/patience.ts';
import { type Answer, bytesHeader, headerOf, type StreamedAnswer } from '../http/wire.ts';
import type { RepositoryParty } from '../parties.ts';
import { patienceFor, requestOnce } from '../session.ts';
import { closableStream } from './closable-stream.ts';
import {
  access,
  commonHeaders,
  firstAnswer,
  type RepositoryContext,
  readUrl,
  registryOf,
} from './repository-context.ts';

/** A body that begins `skip` bytes before the first byte wanted. */
interface OpenedBlob {
  readonly answer: StreamedAnswer;
  readonly url: URL;
  readonly skip: number;
}

/** The bytes of a blob from `start`; not verified. @throws NotFoundError; KubecrateError INVALID_ARGUMENT, SIZE_MISMATCH */
export async function fetchBlob(
  context: RepositoryContext,
  descriptor: Descriptor,
  { signal, start = 0 }: FetchOptions,
): Promise<Readable> {
  signal?.throwIfAborted();
  if (start > 0 && start >= descriptor.size) {
    throw new KubecrateError(
      'INVALID_ARGUMENT',
      `cannot read ${descriptor.digest} from byte ${start}: it has ${descriptor.size}`,
    );
  }
  const closed = new AbortController();
  const ends = signal === undefined ? closed.signal : AbortSignal.any([signal, closed.signal]);
  const what = describeBlob(context, descriptor);
  const patience = patienceFor(context.session, await registryOf(context), { what, signal: ends });
  const opened = await patiently(patience, () => openBlob(context, descriptor, start, ends));
  const chunks = resuming(context, descriptor, { opened, start, patience, signal: ends });
  return closableStream(chunks, () => {
    opened.answer.body.destroy();
    closed.abort();
  });
}

/** `read blob sha256:... of docker.io/library/mysql` */
export function describeBlob({ name }: RepositoryContext, { digest }: Descriptor): string {
  return `read blob ${digest} of ${name}`;
}

/** The headers of a request for a blob from `start`. */
export function blobHeaders(context: RepositoryContext, start: number): Record<string, string> {
  return { ...commonHeaders(context), accept: '*/*', ...(start === 0 ? {} : { range: `bytes=${start}-` }) };
}

/** True where a 206 holds the content of `descriptor` from `start` to its end. */
export function isWantedPart(answer: Answer, descriptor: Descriptor, start: number): boolean {
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headerOf(answer, 'content-range') ?? '') ?? [];
  return (
    Number(first) === start &&
    Number(last) === descriptor.size - 1 &&
    (total === '*' || Number(total) === descriptor.size)
  );
}

async function openBlob(
  context: RepositoryContext,
  descriptor: Descriptor,
  start: number,
  signal: AbortSignal | undefined,
): Promise<OpenedBlob> {
  return firstAnswer(context, 'by-digest', (party) => openAt(context, party, { descriptor, start, signal }), signal);
}

async function openAt(
  context: RepositoryContext,
  party: RepositoryParty,
  { descriptor, start, signal }: { descriptor: Descriptor; start: number; signal: AbortSignal | undefined },
): Promise<OpenedBlob> {
  const { answer, url } = await requestOnce(context.session, party, {
    what: describeBlob(context, descriptor),
    method: 'GET',
    url: readUrl(party, `blobs/${descriptor.digest}`),
    headers: blobHeaders(context, start),
    expect: start === 0 ? [200] : [200, 206],
    ...access(party, pullScope, signal),
  });
  try {
    return { answer, url, skip: checkedSkip(answer, url, descriptor, start) };
  } catch (error) {
    discard(answer);
    throw error;
  }
}

/** How many bytes of the body come before the one wanted: a server that ignores Range sends all of them again. */
function checkedSkip(answer: Answer, url: URL, descriptor: Descriptor, start: number): number {
  const encoding = headerOf(answer, 'content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    throw new KubecrateError(
      'REGISTRY',
      `${url.host} sent blob ${descriptor.digest} encoded as ${JSON.stringify(encoding)}, which was not asked for`,
      { hint: `the registry, or a proxy before it, compresses what it sends: switch that off for ${url.host}/v2/` },
    );
  }
  if (answer.status === 206) {
    if (isWantedPart(answer, descriptor, start)) return 0;
    const range = JSON.stringify(headerOf(answer, 'content-range') ?? '');
    throw new KubecrateError(
      'REGISTRY',
      `${url.host} sent ${range} of blob ${descriptor.digest} where bytes from ${start} to ${descriptor.size - 1} were asked for`,
      { hint: 'the registry, or a proxy before it, does not do as a range says: run the same command again' },
    );
  }
  const length = bytesHeader(answer, 'content-length');
  if (length !== undefined && length !== descriptor.size) throw sizeMismatch(descriptor, String(length));
  return start;
}

interface Resumption {
  readonly opened: OpenedBlob;
  readonly start: number;
  readonly patience: Patience;
  readonly signal: AbortSignal | undefined;
}

/** Every opening asks the registry anew, so that a signed address which expired meanwhile is replaced. */
async function* resuming(
  context: RepositoryContext,
  descriptor: Descriptor,
  { opened, start, patience, signal }: Resumption,
): AsyncGenerator<Buffer> {
  let current: OpenedBlob | undefined = opened;
  let at = start;
  for (;;) {
    try {
      current ??= await openBlob(context, descriptor, at, signal);
      for await (const chunk of wantedChunks(context, current, signal)) {
        at += chunk.byteLength;
        if (at > descriptor.size) throw sizeMismatch(descriptor, `more than ${descriptor.size}`);
        patience.renew();
        yield chunk;
      }
      if (at === descriptor.size) return;
      throw new TransientError(
        'NETWORK',
        `${current.url.host} ended blob ${descriptor.digest} after ${at} of ${descriptor.size} bytes`,
      );
    } catch (error) {
      current = undefined;
      await patience.afterFailure(error);
    }
  }
}

async function* wantedChunks(
  context: RepositoryContext,
  { answer, url, skip }: OpenedBlob,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  let left = skip;
  const { stallMs } = context.session.timeouts;
  for await (const chunk of bodyChunks(answer.body, { url, stallMs, signal })) {
    const skipped = Math.min(left, chunk.byteLength);
    left -= skipped;
    if (skipped < chunk.byteLength) yield skipped === 0 ? chunk : chunk.subarray(skipped);
  }
}
