/** A blob straight into a file, through the bulk door: what to ask and what to do about the answer is decided here. */

import type { BulkDestination, BulkOptions, BulkResult } from '@kubecrate/content';
import { hasCode } from '@kubecrate/errors';
import { type Descriptor, isManifestMediaType } from '@kubecrate/oci';
import { pullScope } from '../auth/scopes.ts';
import type { BulkDoor } from '../bulk/door.ts';
import type { FilledFile } from '../bulk/filled-file.ts';
import { ask } from '../http/ask.ts';
import { refusal } from '../http/refusal.ts';
import { wordsOf } from '../http/registry-words.ts';
import type { RepositoryParty } from '../parties.ts';
import { contextOf, patienceFor } from '../session.ts';
import { blobHeaders, describeBlob } from './read-blob.ts';
import { access, firstAnswer, type RepositoryContext, readUrl, registryOf } from './repository-context.ts';

/** Smaller blobs go through the ordinary door; bytes. */
const SMALLEST = 16 * 1024;

export interface FetchToFile extends BulkOptions {
  readonly descriptor: Descriptor;
  readonly destination: BulkDestination;
}

/** Fills the file, going on where it was broken off; 'declined' where the ordinary door has to do it. @throws NotFoundError */
export async function fetchToFile(
  context: RepositoryContext,
  bulk: BulkDoor,
  { descriptor, destination, signal, onProgress }: FetchToFile,
): Promise<BulkResult | 'declined'> {
  signal?.throwIfAborted();
  if (descriptor.size < SMALLEST || isManifestMediaType(descriptor.mediaType)) return 'declined';
  const file = await bulk.open(descriptor, destination, onProgress);
  if (file === undefined) return 'declined';
  let result: BulkResult | 'declined';
  try {
    signal?.throwIfAborted();
    result = file.result ?? (await fill(context, file, { descriptor, signal }));
  } catch (error) {
    try {
      await file.close('keep');
    } finally {
      signal?.throwIfAborted();
    }
    throw error;
  }
  await file.close(result === 'declined' ? 'restore' : 'keep');
  return result;
}

interface Filling {
  readonly descriptor: Descriptor;
  readonly signal: AbortSignal | undefined;
}

async function fill(context: RepositoryContext, file: FilledFile, filling: Filling): Promise<BulkResult | 'declined'> {
  const { descriptor, signal } = filling;
  const what = describeBlob(context, descriptor);
  const patience = patienceFor(context.session, await registryOf(context), { what, signal });
  let inherited = file.have > 0;
  for (;;) {
    const before = file.have;
    try {
      return await firstAnswer(context, 'by-digest', (party) => fillFrom(context, party, file, filling), signal);
    } catch (error) {
      if (file.have > before) patience.renew();
      // Bytes that were in the file before may have been the wrong ones: those are gone now.
      if (inherited && hasCode(error, 'DIGEST_MISMATCH')) inherited = false;
      else await patience.afterFailure(error);
    }
  }
}

/** One attempt at one party. It begins at the registry every time, so that a signed address which expired is replaced. */
async function fillFrom(
  context: RepositoryContext,
  party: RepositoryParty,
  file: FilledFile,
  { descriptor, signal }: Filling,
): Promise<BulkResult | 'declined'> {
  const { session } = context;
  await session.gate.pass(party.base.host, signal);
  const question = {
    what: describeBlob(context, descriptor),
    method: 'GET' as const,
    url: readUrl(party, `blobs/${descriptor.digest}`),
    headers: blobHeaders(context, file.have),
    expect: [],
    ...access(party, pullScope, signal),
  };
  const answered = await ask(party, question, (request) => file.exchange(request));
  const { answer } = answered;
  if (answer.outcome === 'declined') return 'declined';
  if (answer.outcome === 'complete' && file.result !== undefined) return file.result;
  throw refusal(answer, wordsOf(answer.words), await contextOf(session, party, question, answered));
}
