/** Paged listings: tags, the catalog, referrers. */

import type { OperationOptions, ReferrerOptions, TagOptions } from '@kubecrate/content';
import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import {
  type Descriptor,
  type Digest,
  expectArray,
  type Fields,
  parseDescriptor,
  parseJsonObject,
} from '@kubecrate/oci';
import { CATALOG_SCOPE, pullScope } from '../auth/scopes.ts';
import { readBody } from '../http/body.ts';
import { nextPage } from '../http/link.ts';
import type { RepositoryParty } from '../parties.ts';
import { type NamedQuestion, request, requestOnce, type Session } from '../session.ts';
import { fallbackTag, readFallbackTag } from './fallback-tag.ts';
import {
  access,
  commonHeaders,
  firstAnswer,
  type RepositoryContext,
  readUrl,
  registryOf,
  urlFor,
} from './repository-context.ts';

/** Entries of one listing that are kept in memory. */
const MAX_ENTRIES = 1_000_000;

/**
 * All tags of a repository in ascending order, whatever order the registry has. Mirrors are asked as for a pull by tag; all pages come
 * from the same place. @throws NotFoundError
 */
export async function* listTags(
  context: RepositoryContext,
  { signal, pages, mirrors = 'first' }: TagOptions,
): AsyncGenerator<string> {
  signal?.throwIfAborted();
  const list = async (party: RepositoryParty): Promise<readonly string[]> => {
    const what = `list the tags of ${context.name}`;
    const url = readUrl(party, 'tags/list');
    url.searchParams.set('n', '1000');
    const question = { what, url, headers: commonHeaders(context), ...access(party, pullScope, signal) };
    const tags = await collect(context.session, party, { ...question, pages }, 'tags');
    if (tags.length > 0 || party.role === 'registry') return tags;
    throw new NotFoundError(`cannot ${what}: ${party.base.host} has none`);
  };
  if (mirrors === 'never') yield* await list(await registryOf(context));
  else yield* await firstAnswer(context, 'by-tag', list, signal);
}

/** All repositories of a registry in ascending order; many registries do not tell. */
export async function* listRepositories(
  session: Session,
  party: RepositoryParty,
  { signal, userAgent }: OperationOptions & { readonly userAgent: string },
): AsyncGenerator<string> {
  signal?.throwIfAborted();
  const url = new URL('_catalog?n=1000', party.base);
  const headers = { 'accept-encoding': 'identity', 'user-agent': userAgent };
  const what = `list the repositories of ${party.registry}`;
  try {
    yield* await collect(session, party, { what, url, headers, scopes: [CATALOG_SCOPE], signal }, 'repositories');
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    throw new KubecrateError('UNSUPPORTED', error.message, {
      cause: error,
      hint: 'this registry does not list its repositories; name them',
    });
  }
}

/** What has `digest` as its subject: by the referrers API, else by the fallback tag. */
export async function* listReferrers(
  context: RepositoryContext,
  digest: Digest,
  { signal, tags }: ReferrerOptions,
): AsyncGenerator<Descriptor> {
  signal?.throwIfAborted();
  const party = await registryOf(context);
  const served = context.session.referrers.get(party.base.host) !== 'absent';
  const pages = served ? await referrerPages(context, party, digest, signal) : undefined;
  if (pages !== undefined) {
    yield* pages;
    return;
  }
  context.session.referrers.set(party.base.host, 'absent');
  if (tags?.has(fallbackTag(digest)) !== false) yield* await readFallbackTag(context, digest, signal);
}

/** Undefined where the registry does not have the API. */
async function referrerPages(
  context: RepositoryContext,
  party: RepositoryParty,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<readonly Descriptor[] | undefined> {
  const found: Descriptor[] = [];
  const question = {
    what: `list the referrers of ${digest} in ${context.name}`,
    url: urlFor(party, `referrers/${digest}`),
    headers: { ...commonHeaders(context), accept: 'application/vnd.oci.image.index.v1+json' },
    ...access(party, pullScope, signal),
  };
  try {
    for await (const fields of pagesOf(context.session, party, question)) {
      const manifests = expectArray(fields['manifests'] ?? [], 'referrers.manifests');
      found.push(...manifests.map((entry, index) => parseDescriptor(entry, `referrers.manifests[${index}]`)));
      if (found.length > MAX_ENTRIES) throw tooMany(question.what);
    }
    return found;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    if (error instanceof KubecrateError && found.length === 0 && NO_API.has(error.code)) return undefined;
    throw error;
  }
}

type ListingQuestion = Omit<NamedQuestion, 'method' | 'expect'> & { readonly pages?: number | undefined };

async function collect(
  session: Session,
  party: RepositoryParty,
  question: ListingQuestion,
  field: 'tags' | 'repositories',
): Promise<readonly string[]> {
  const names = new Set<string>();
  for await (const fields of pagesOf(session, party, question)) {
    for (const name of expectArray(fields[field] ?? [], field)) {
      if (typeof name !== 'string')
        throw new KubecrateError('REGISTRY', `cannot ${question.what}: ${field} holds a value that is not a string`);
      names.add(name);
    }
    if (names.size > MAX_ENTRIES) throw tooMany(question.what);
  }
  return [...names].sort();
}

async function* pagesOf(
  session: Session,
  party: RepositoryParty,
  { pages = session.limits.pages, ...question }: ListingQuestion,
): AsyncGenerator<Fields> {
  const { what, signal } = question;
  const seen = new Set<string>();
  // A mirror that fails is one to go past, and not to wait for.
  const send = party.role === 'mirror' ? requestOnce : request;
  for (let next: URL | undefined = question.url; next !== undefined; ) {
    if (seen.has(next.href) || seen.size >= pages) throw tooMany(what);
    seen.add(next.href);
    const { answer, url } = await send(session, party, { ...question, method: 'GET', url: next, expect: [200] });
    const bytes = await readBody(answer, {
      url,
      stallMs: session.timeouts.stallMs,
      signal,
      limit: session.limits.answerBytes,
    });
    yield parsePage(bytes, what);
    next = nextPage(answer, next);
  }
}

function parsePage(bytes: Buffer, what: string): Fields {
  try {
    return parseJsonObject(bytes, 'the answer');
  } catch (cause) {
    throw new KubecrateError('REGISTRY', `cannot ${what}: the registry's answer is not JSON`, { cause });
  }
}

function tooMany(what: string): KubecrateError {
  return new KubecrateError('LIMIT_EXCEEDED', `cannot ${what}: the registry's listing does not end`);
}

/** How registries that do not know the referrers API refuse it. */
const NO_API = new Set(['REGISTRY', 'DENIED', 'UNAUTHORIZED', 'INVALID_MANIFEST']);
