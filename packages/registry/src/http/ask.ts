/**
 * One question to a registry, from the first request to the answer that counts: authentication, redirects, refusals.
 * Both doors come through here, so that the policy is the same for both.
 */

import type { Readable } from 'node:stream';
import type { AccessRequest, Authorization, Authorizer } from '../auth/authorizer.ts';
import type { TlsOptions } from '../config/certificates.ts';
import { discard } from './body.ts';
import { isPermanent, redirectTarget } from './redirect.ts';
import { type Answer, type Exchange, isSentOnce, type Method, type RequestBody, type WireRequest } from './wire.ts';

/** The registry, or the mirror of one, that is asked. */
export interface Party {
  /** The API's root with a final slash: `https://registry-1.docker.io/v2/`. */
  readonly base: URL;
  readonly authorizer: Authorizer;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls?: TlsOptions | undefined;
}

export interface Question extends AccessRequest {
  readonly method: Method;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: RequestBody | undefined;
  /** 'within': a redirect to another origin is the answer. Default: it is followed. */
  readonly redirects?: 'everywhere' | 'within';
  readonly signal?: AbortSignal | undefined;
}

export interface Answered<A extends Answer> {
  readonly answer: A;
  /** Where the answer came from in the end. */
  readonly url: URL;
  /** What was shown to the registry; undefined where it was asked without credentials. */
  readonly authorization: Authorization | undefined;
  /** 'for-good': every redirect that led there was a permanent one. */
  readonly moved: 'not' | 'for-good' | 'for-now';
}

/** Asks once, with as many requests as authentication and redirects take. The answer may still be a refusal. */
export async function ask<A extends Answer & { readonly body?: Readable }>(
  party: Party,
  question: Question,
  exchange: Exchange<A>,
): Promise<Answered<A>> {
  let { url } = question;
  let hops = 0;
  let moved: Answered<A>['moved'] = 'not';
  for (let lessons = 0; ; ) {
    const own = url.origin === party.base.origin;
    const authorization = own ? await party.authorizer.authorization(question) : undefined;
    const answer = await exchange(requestOf(party, question, url, authorization));
    const refused = answer.status === 401 || answer.status === 403;
    if (own && refused && lessons < MAX_LESSONS && !isSentOnce(question.body)) {
      lessons += 1;
      if ((await party.authorizer.learn(answer, question, authorization)) === 'again') {
        discard(answer);
        continue;
      }
    }
    const target = redirectTarget(answer, url, { hops, method: question.method });
    const leaves = target !== undefined && target.origin !== url.origin && question.redirects === 'within';
    if (target === undefined || leaves) return { answer, url, authorization, moved };
    discard(answer);
    moved = moved !== 'for-now' && isPermanent(answer) ? 'for-good' : 'for-now';
    hops += 1;
    url = target;
  }
}

/** Headers that are for the registry alone stay there: nothing of them follows a redirect to another origin. */
function requestOf(
  { base, headers, tls }: Party,
  question: Question,
  url: URL,
  authorization: Authorization | undefined,
): WireRequest {
  const own = url.origin === base.origin;
  const { method, body, signal } = question;
  return {
    method,
    url,
    headers: {
      ...question.headers,
      ...(own ? headers : {}),
      ...(authorization === undefined ? {} : { authorization: authorization.header }),
    },
    body,
    tls: own ? tls : undefined,
    signal,
  };
}

/** A first challenge, one that wants other scopes, one for an expired token. */
const MAX_LESSONS = 3;
