/** What the operations of one repository work with: whom to ask, and in which order. */

import { hasCode, KubecrateError, messageOf, NotFoundError } from '@kubecrate/errors';
import type { Digest } from '@kubecrate/oci';
import type { Scope } from '../auth/scopes.ts';
import type { RepositoryParty } from '../parties.ts';
import type { Session } from '../session.ts';
import type { ManifestCache } from './manifest-cache.ts';
import type { UploadSession } from './upload-session.ts';

export interface RepositoryContext {
  readonly session: Session;
  /** `docker.io` */
  readonly domain: string;
  /** `library/mysql` */
  readonly repository: string;
  /** `docker.io/library/mysql` */
  readonly name: string;
  readonly userAgent: string;
  /** What the repository is to a copy, for messages. */
  readonly aim: 'read' | 'push';
  readonly manifests: ManifestCache;
  /** The parties of this repository, found once: mirrors in their order, the registry last. */
  parties(): Promise<readonly RepositoryParty[]>;
  /** What this client wrote is read from the registry itself: a mirror may not have it yet. */
  readonly written: { value: 'nothing' | 'something' };
  /** Upload sessions that a declined mount left open, by digest. */
  readonly uploads: Map<Digest, UploadSession>;
  /** Changes of fallback tags that are under way, by the digest of their subject. */
  readonly turns: Map<Digest, Promise<void>>;
}

/** What is read: a mirror may be asked for one and not for the other. */
export type ReadKind = 'by-tag' | 'by-digest';

/** The same repository without its mirrors: what they have says nothing of what the registry has. */
export function withoutMirrors(context: RepositoryContext): RepositoryContext {
  return { ...context, aim: 'push', parties: async () => (await context.parties()).slice(-1) };
}

/** The registry itself: what is written, and what is asked about what was written, goes there. */
export async function registryOf(context: RepositoryContext): Promise<RepositoryParty> {
  const party = (await context.parties()).at(-1);
  if (party === undefined) throw new KubecrateError('INVALID_CONFIG', `there is no host for ${context.name}`);
  return party;
}

/** The parties that a read is asked of, in order. */
export async function readersOf(context: RepositoryContext, kind: ReadKind): Promise<readonly RepositoryParty[]> {
  const parties = await context.parties();
  if (context.written.value === 'something') return parties.slice(-1);
  const capability = kind === 'by-tag' ? 'resolve' : 'pull';
  const readers = parties.filter(
    ({ capabilities, pulls, role }) =>
      role === 'registry' || (capabilities.has(capability) && (pulls === 'all' || pulls === `${kind.slice(3)}-only`)),
  );
  return readers;
}

/** The answer of the first party that has one. A mirror that fails is one to go past; what the last one says is the answer. */
export async function firstAnswer<T>(
  context: RepositoryContext,
  kind: ReadKind,
  work: (party: RepositoryParty) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const readers = await readersOf(context, kind);
  const usable = readers.filter(({ role, base }) => role === 'registry' || !context.session.mirrors.isDown(base.host));
  const last = usable.length - 1;
  for (const [index, party] of usable.entries()) {
    try {
      return await work(party);
    } catch (error) {
      signal?.throwIfAborted();
      if (index === last || !(error instanceof KubecrateError)) throw error;
      if (!(error instanceof NotFoundError)) passOver(context, party, error);
    }
  }
  throw new KubecrateError('INVALID_CONFIG', `there is no host for ${context.name}`);
}

/** `https://host/v2/library/mysql/<path>` */
export function urlFor(party: RepositoryParty, path: string): URL {
  return new URL(`${party.repository}/${path}`, party.base);
}

/** The same for a read: mirrors of containerd's kind are told whose content is wanted. */
export function readUrl(party: RepositoryParty, path: string): URL {
  const url = urlFor(party, path);
  for (const [name, value] of Object.entries(party.parameters)) url.searchParams.set(name, value);
  return url;
}

/** What is asked of a repository, as messages say it: of one that is written to, that a push was to follow. */
export function describeLooking({ name, aim }: RepositoryContext, wanted: string): string {
  return aim === 'push' ? `push to ${name} (asking for ${wanted})` : `look for ${wanted} in ${name}`;
}

/** Headers of every request. */
export function commonHeaders(context: RepositoryContext): Record<string, string> {
  return { 'accept-encoding': 'identity', 'user-agent': context.userAgent };
}

/** Who asks, for the authorizer. */
export function access(
  party: RepositoryParty,
  scope: (repository: string) => Scope,
  signal: AbortSignal | undefined,
): { repository: string; scopes: readonly Scope[]; signal: AbortSignal | undefined } {
  return { repository: party.repository, scopes: [scope(party.repository)], signal };
}

function passOver({ session, name }: RepositoryContext, { base }: RepositoryParty, error: KubecrateError): void {
  const first = session.mirrors.isDown(base.host) === false;
  if (hasCode(error, 'NETWORK') || hasCode(error, 'TLS') || hasCode(error, 'RATE_LIMITED'))
    session.mirrors.leave(base.host);
  if (first)
    session.onEvent?.({
      type: 'warning',
      message: `mirror ${base.host} was passed over for ${name}: ${messageOf(error)}`,
    });
}
