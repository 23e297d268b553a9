/** A blob through the bulk door, into whatever is to be filled: what to ask and what to do about the answer is decided here. */

import type { BulkResult } from '@kubecrate/content';
import { hasCode } from '@kubecrate/errors';
import type { Descriptor } from '@kubecrate/oci';
import { pullScope } from '../auth/scopes.ts';
import type { BulkAnswer } from '../bulk/filled-file.ts';
import { ask } from '../http/ask.ts';
import { refusal } from '../http/refusal.ts';
import { wordsOf } from '../http/registry-words.ts';
import type { WireRequest } from '../http/wire.ts';
import type { RepositoryParty } from '../parties.ts';
import { contextOf, patienceFor } from '../session.ts';
import { blobHeaders, describeBlob } from './read-blob.ts';
import { access, firstAnswer, type RepositoryContext, readUrl, registryOf } from './repository-context.ts';

/** Something that fills with a blob. */
export interface Fillable {
  /** Bytes of the blob that it has. */
  readonly have: number;
  /** What it holds, once it is whole. */
  readonly result: BulkResult | undefined;
  /** Sends one request; content goes into it. */
  exchange(request: WireRequest): Promise<BulkAnswer>;
}

interface Wanted {
  readonly descriptor: Descriptor;
  readonly signal: AbortSignal | undefined;
}

/** Fills it with a blob, going on where it was broken off; 'declined' where the ordinary door has to do it. @throws NotFoundError */
export async function fillBlob(
  context: RepositoryContext,
  file: Fillable,
  filling: Wanted,
): Promise<BulkResult | 'declined'> {
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
  file: Fillable,
  { descriptor, signal }: Wanted,
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
