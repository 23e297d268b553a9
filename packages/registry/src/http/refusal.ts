/** The error for an answer that is not the one hoped for, in the registry's own words. */

import { STATUS_CODES } from 'node:http';
import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import type { RegistryWords } from './registry-words.ts';
import { passingFailure, retryAfterOf } from './retry-after.ts';
import { type Answer, type Method, mediaTypeOf } from './wire.ts';

export interface RefusalContext {
  /** What was tried: `read manifest "9" of docker.io/library/mysql`. */
  readonly what: string;
  readonly method: Method;
  /** The registry as people name it. */
  readonly registry: string;
  /** Where the answer came from. */
  readonly url: URL;
  /** 'elsewhere': the registry had sent the client to another origin; 'moved': and said that this is its address from now on. */
  readonly origin: 'registry' | 'elsewhere' | 'moved';
  readonly credentials: 'shown' | 'none';
  readonly now: number;
}

/** The error for a status that ends a question. Those that may pass are a `TransientError`. */
export function refusal(answer: Answer, words: RegistryWords, context: RefusalContext): KubecrateError {
  const { status } = answer;
  const { what, method, registry, url, origin, credentials, now } = context;
  const said = words.text === '' ? '' : `: ${JSON.stringify(words.text)}`;
  const message = `cannot ${what}: ${url.host} answered ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd() + said;
  const login = `kubecrate login ${registry}`;
  const passing = (code: 'RATE_LIMITED' | 'REGISTRY', hint: string): KubecrateError =>
    passingFailure(code, message, { hint, retryAfterMs: retryAfterOf(answer, now) });
  if (status === 429)
    return passing(
      'RATE_LIMITED',
      credentials === 'none'
        ? `the registry limits how often it is asked; more is allowed after: ${login}`
        : 'the registry limits how often it is asked; wait a while',
    );
  if (status === 408 || status === 425 || (status >= 500 && status !== 501 && status !== 505)) {
    return passing('REGISTRY', 'the registry has trouble; try again later');
  }
  if (origin === 'elsewhere' && [401, 403, 404, 410].includes(status)) {
    return passing('REGISTRY', `${registry} sent this client there; the address it gave may have expired`);
  }
  if (origin === 'moved' && [401, 403, 404, 410].includes(status)) {
    const hint = `${registry} has moved to ${url.host}: name that one, and log in there: kubecrate login ${url.host}`;
    if (status === 404 || status === 410) return new NotFoundError(message, { hint });
    return new KubecrateError(status === 401 ? 'UNAUTHORIZED' : 'DENIED', message, { hint });
  }
  if (status === 401) {
    const hint =
      credentials === 'none'
        ? `the name may be wrong, or the repository is private; log in first: ${login}`
        : `the credentials were refused, or do not reach this repository; log in again: ${login}`;
    return new KubecrateError('UNAUTHORIZED', message, { hint });
  }
  if (status === 403) {
    const hint =
      credentials === 'none'
        ? `log in first: ${login}`
        : 'the account does not have the right to do this; ask whoever runs the registry';
    return new KubecrateError('DENIED', message, { hint });
  }
  const page = mediaTypeOf(answer) === 'text/html' ? `; ${NO_REGISTRY}` : '';
  if (status === 404) return new NotFoundError(message, { hint: `${notFoundHint(words, what)}${page}` });
  if (status === 413) return new KubecrateError('REGISTRY', message, { hint: sizeLimitHint(url.host) });
  if (status === 400 && /no required ssl certificate|ssl certificate error/i.test(words.text)) {
    return new KubecrateError('TLS', message, {
      hint: 'this registry wants to see a client certificate that it knows: put NAME.cert and NAME.key into its certs.d directory',
    });
  }
  if (
    /http request to an https server/i.test(words.text) ||
    (status === 400 && /plain http request was sent to https port/i.test(words.text))
  ) {
    return new KubecrateError('TLS', message, {
      hint: `this registry speaks TLS; write ${JSON.stringify(`https://${url.host}`)} into insecure-registries, or give it a certs.d directory`,
    });
  }
  if (status === 405 && method !== 'GET' && method !== 'HEAD')
    return new KubecrateError('DENIED', message, { hint: READ_ONLY });
  return new KubecrateError('REGISTRY', message, page === '' ? {} : { hint: NO_REGISTRY });
}

/** What to do about a limit that is not the registry's own. */
export function sizeLimitHint(host: string): string {
  return `a proxy before ${host} limits the size of requests: raise its limit (nginx: client_max_body_size 0)`;
}

const NO_REGISTRY = 'this host may be no registry, or a proxy or a login page of the network answers in its place';

const READ_ONLY =
  'this registry takes no content: it is read-only, or a mirror of another one; push to another registry, or ask whoever runs it to allow writing';

/** A web page where an answer of the distribution API was expected. */
export function webPage(
  answer: Answer,
  { what, url }: Pick<RefusalContext, 'what' | 'url'>,
): KubecrateError | undefined {
  if (mediaTypeOf(answer) !== 'text/html') return undefined;
  return new KubecrateError('REGISTRY', `cannot ${what}: ${url.host} answered with a web page`, {
    hint: NO_REGISTRY,
  });
}

function notFoundHint({ codes }: RegistryWords, what: string): string {
  if (codes.includes('NAME_UNKNOWN'))
    return 'check the name of the repository; some registries say this also of private ones';
  return /\bsha(?:256|512):/.test(what) ? 'check the name and the digest' : 'check the name and the tag';
}
