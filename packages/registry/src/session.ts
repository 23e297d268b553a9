/** What all repositories of one client share. */

import type { OnEvent, RetryPolicy } from '@kubecrate/content';
import type { RegistryLimits, Timeouts } from './config/registry-config.ts';
import { type Answered, ask, type Party, type Question } from './http/ask.ts';
import { discard } from './http/body.ts';
import type { Connections } from './http/connections.ts';
import type { HostGate } from './http/host-gate.ts';
import type { MirrorHealth } from './http/mirror-health.ts';
import { Patience, patiently } from './http/patience.ts';
import { type RefusalContext, refusal, webPage } from './http/refusal.ts';
import { readWords } from './http/registry-words.ts';
import type { Answer, StreamedAnswer } from './http/wire.ts';

export interface Session {
  readonly connections: Connections;
  readonly gate: HostGate;
  readonly mirrors: MirrorHealth;
  /** Hosts that refused a blob in one piece, by the bytes of the chunks they get. */
  readonly chunked: Map<string, number>;
  /** Hosts by whether they have the referrers API, once that is known. */
  readonly referrers: Map<string, 'served' | 'absent'>;
  readonly retry: RetryPolicy;
  readonly timeouts: Timeouts;
  readonly limits: RegistryLimits;
  readonly now: () => number;
  readonly onEvent: OnEvent | undefined;
}

/** A party with the names that messages need. */
export interface NamedParty extends Party {
  /** The registry as people name it: `docker.io`. */
  readonly registry: string;
}

/** A question with what it is about: `read manifest "9" of docker.io/library/mysql`, and which statuses are answers to it. */
export interface NamedQuestion extends Question {
  readonly what: string;
  readonly expect: readonly number[];
}

/**
 * Asks until there is an answer of an expected status, through the ordinary door.
 * @throws KubecrateError what was refused, in the registry's words; NotFoundError
 */
export async function request(
  session: Session,
  party: NamedParty,
  question: NamedQuestion,
): Promise<Answered<StreamedAnswer>> {
  const patience = patienceFor(session, party, question);
  return patiently(patience, () => requestOnce(session, party, question));
}

/** The same without a second attempt: a `TransientError` where one may help. */
export async function requestOnce(
  session: Session,
  party: NamedParty,
  question: NamedQuestion,
): Promise<Answered<StreamedAnswer>> {
  await session.gate.pass(party.base.host, question.signal);
  const answered = await ask(party, question, (wire) => session.connections.exchange(wire));
  const { answer } = answered;
  if (question.expect.includes(answer.status)) {
    const page = answer.status < 300 ? webPage(answer, { what: question.what, url: answered.url }) : undefined;
    if (page === undefined) return answered;
    discard(answer);
    throw page;
  }
  const words = await readWords(answer.body);
  question.signal?.throwIfAborted();
  throw refusal(answer, words, await contextOf(session, party, question, answered));
}

/** The patience for one question. */
export function patienceFor(
  { retry, gate, onEvent }: Session,
  { base }: NamedParty,
  { what, signal }: Pick<NamedQuestion, 'what' | 'signal'>,
): Patience {
  return new Patience({ policy: retry, gate, host: base.host, what, onEvent, signal });
}

/** What the error for a refused question has to know. */
export async function contextOf(
  session: Session,
  { registry, base, authorizer }: NamedParty,
  { what, method, repository }: NamedQuestion,
  { url, authorization, moved }: Pick<Answered<Answer>, 'url' | 'authorization' | 'moved'>,
): Promise<RefusalContext> {
  const shown = authorization !== undefined && (await authorizer.hasCredential(repository));
  return {
    what,
    method,
    registry,
    url,
    origin: url.origin === base.origin ? 'registry' : moved === 'for-good' ? 'moved' : 'elsewhere',
    credentials: shown ? 'shown' : 'none',
    now: session.now(),
  };
}
