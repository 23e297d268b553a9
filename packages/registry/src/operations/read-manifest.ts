/** Manifests: from a tag or a digest to a descriptor, and to bytes. */

import { createHash } from 'node:crypto';
import { digestMismatch, type OperationOptions, type ResolveOptions, sizeMismatch } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import {
  algorithmOf,
  type Descriptor,
  type Digest,
  isDigest,
  isManifestMediaType,
  isSchema1MediaType,
  MANIFEST_MEDIA_TYPES,
  MAX_MANIFEST_SIZE,
  parseDigest,
  parseManifest,
} from '@kubecrate/oci';
import { pullScope } from '../auth/scopes.ts';
import { discard, readBody } from '../http/body.ts';
import { patiently } from '../http/patience.ts';
import { type Answer, bytesHeader, headerOf, mediaTypeOf } from '../http/wire.ts';
import type { RepositoryParty } from '../parties.ts';
import { patienceFor, requestOnce } from '../session.ts';
import {
  access,
  commonHeaders,
  describeLooking,
  firstAnswer,
  type RepositoryContext,
  readUrl,
  registryOf,
} from './repository-context.ts';

export interface ReceivedManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
}

/**
 * The descriptor of the manifest behind a tag or a digest, by HEAD; by GET where HEAD does not say enough, or the bytes are wanted next: they are kept.
 * @throws NotFoundError; KubecrateError DIGEST_MISMATCH, UNSUPPORTED for Docker's schema 1
 */
export async function resolveManifest(
  context: RepositoryContext,
  tagOrDigest: string,
  { signal, absence = 'surprising', next = 'unknown' }: ResolveOptions,
): Promise<Descriptor> {
  signal?.throwIfAborted();
  const what = describe(context, tagOrDigest);
  const patience = patienceFor(context.session, await registryOf(context), { what, signal });
  return patiently(patience, () =>
    firstAnswer(
      context,
      isDigest(tagOrDigest) ? 'by-digest' : 'by-tag',
      async (party) => {
        const head =
          next === 'fetch' ? undefined : await headManifest(context, party, tagOrDigest, { signal, absence });
        return head ?? (await getManifest(context, party, tagOrDigest, signal)).descriptor;
      },
      signal,
    ),
  );
}

/** The bytes behind a tag or a digest, verified where it is a digest. @throws NotFoundError; KubecrateError DIGEST_MISMATCH */
export async function fetchManifest(
  context: RepositoryContext,
  tagOrDigest: string,
  { signal }: OperationOptions,
): Promise<ReceivedManifest> {
  signal?.throwIfAborted();
  const what = describe(context, tagOrDigest);
  const patience = patienceFor(context.session, await registryOf(context), { what, signal });
  return patiently(patience, () =>
    firstAnswer(
      context,
      isDigest(tagOrDigest) ? 'by-digest' : 'by-tag',
      (party) => getManifest(context, party, tagOrDigest, signal),
      signal,
    ),
  );
}

/** Undefined where HEAD is refused or leaves something out. */
async function headManifest(
  context: RepositoryContext,
  party: RepositoryParty,
  reference: string,
  { signal, absence }: ResolveOptions,
): Promise<Descriptor | undefined> {
  const { answer } = await requestOnce(context.session, party, {
    what: describe(context, reference),
    method: 'HEAD',
    url: readUrl(party, `manifests/${reference}`),
    headers: { ...commonHeaders(context), accept: ACCEPT },
    // An answer to HEAD has no words: what is refused is asked for by GET, which says why.
    expect: [200, 400, 403, ...(absence === 'expected' ? [] : [404]), 405, 406, 415, 501],
    ...access(party, pullScope, signal),
  });
  discard(answer);
  if (answer.status !== 200) return undefined;
  const mediaType = mediaTypeOf(answer);
  refuseSchema1(mediaType, context, reference);
  const digest = headerOf(answer, 'docker-content-digest') ?? '';
  const size = bytesHeader(answer, 'content-length');
  if (!isDigest(digest) || size === undefined || size === 0 || !isManifestMediaType(mediaType)) return undefined;
  const descriptor: Descriptor = { mediaType, digest, size };
  if (isDigest(reference) && reference !== digest) {
    if (algorithmOf(reference) !== algorithmOf(digest)) return undefined;
    throw digestMismatch({ ...descriptor, digest: reference }, digest);
  }
  return descriptor;
}

async function getManifest(
  context: RepositoryContext,
  party: RepositoryParty,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<ReceivedManifest> {
  const what = describe(context, reference);
  const { answer, url } = await requestOnce(context.session, party, {
    what,
    method: 'GET',
    url: readUrl(party, `manifests/${reference}`),
    headers: { ...commonHeaders(context), accept: ACCEPT },
    expect: [200],
    ...access(party, pullScope, signal),
  });
  const said = mediaTypeOf(answer);
  try {
    refuseSchema1(said, context, reference);
  } catch (error) {
    discard(answer);
    throw error;
  }
  const { stallMs } = context.session.timeouts;
  const bytes = await readBody(answer, { url, stallMs, signal, limit: MAX_MANIFEST_SIZE });
  const length = bytesHeader(answer, 'content-length');
  const digest = digestOfManifest(bytes, reference, answer);
  const descriptor: Descriptor = { mediaType: said, digest, size: bytes.byteLength };
  if (length !== undefined && length !== bytes.byteLength)
    throw sizeMismatch({ ...descriptor, size: length }, String(bytes.byteLength));
  const { mediaType } = readable(bytes, said, what);
  context.manifests.put(context.name, digest, { mediaType, bytes });
  return { descriptor: { ...descriptor, mediaType }, bytes };
}

/** The digest asked for, held against the bytes; for a tag, the digest of the bytes, held against what the registry says. */
function digestOfManifest(bytes: Buffer, reference: string, answer: Answer): Digest {
  const said = headerOf(answer, 'docker-content-digest') ?? '';
  const wanted = isDigest(reference) ? reference : isDigest(said) ? said : undefined;
  const algorithm = wanted === undefined ? 'sha256' : algorithmOf(wanted);
  const actual = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
  if (wanted !== undefined && wanted !== actual) {
    throw digestMismatch({ mediaType: '', digest: wanted, size: bytes.byteLength }, actual);
  }
  return parseDigest(actual);
}

function readable(bytes: Buffer, said: string, what: string): { readonly mediaType: string } {
  try {
    return parseManifest(bytes, said);
  } catch (error) {
    if (!(error instanceof KubecrateError)) throw error;
    throw new KubecrateError(error.code, `cannot ${what}: ${error.message}`, {
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

function refuseSchema1(mediaType: string, { name }: RepositoryContext, reference: string): void {
  if (!isSchema1MediaType(mediaType)) return;
  throw new KubecrateError(
    'UNSUPPORTED',
    `cannot read ${JSON.stringify(reference)} of ${name}: it is a manifest of Docker schema 1, which was withdrawn`,
    {
      hint: 'push the image again with a current Docker, or use another tag',
    },
  );
}

function describe(context: RepositoryContext, reference: string): string {
  if (context.aim === 'push') return describeLooking(context, `manifest ${JSON.stringify(reference)}`);
  return `read manifest ${JSON.stringify(reference)} of ${context.name}`;
}

/** Schema 1 is asked for last, so that a registry that has nothing else says so instead of "not found". */
const ACCEPT = [...MANIFEST_MEDIA_TYPES, 'application/vnd.docker.distribution.manifest.v1+prettyjws;q=0.1'].join(', ');
