/** How large the chunks of a push are: what registries, and the proxies before them, take is learned as they refuse. */

import { KubecrateError } from '@kubecrate/errors';
import { sizeLimitHint } from '../http/refusal.ts';
import type { Session } from '../session.ts';
import type { UploadSession } from './upload-session.ts';

/** The status of a request that is too large. */
export const TOO_LARGE = 413;
/** Bytes of a chunk where nobody asked for more or less. */
export const CHUNK: number = 2 * 1024 * 1024;
/** Smaller chunks would cost more requests than a registry can be expected to answer. */
const SMALLEST_CHUNK = 256 * 1024;
/** A registry that wants more than this in one chunk is not served: chunks are kept in memory. */
const LARGEST_CHUNK = 64 * 1024 * 1024;

/** Bytes of the next chunk. @throws KubecrateError LIMIT_EXCEEDED */
export function chunkSize({ chunked }: Session, { url, chunkMinimum }: UploadSession): number {
  if (chunkMinimum > LARGEST_CHUNK) {
    throw new KubecrateError(
      'LIMIT_EXCEEDED',
      `${url.host} wants chunks of ${chunkMinimum} bytes, the limit is ${LARGEST_CHUNK}`,
    );
  }
  return Math.max(chunked.get(url.host) ?? CHUNK, chunkMinimum);
}

/** After a chunk of `refused` bytes that was too large (413): the next ones are half of it. @throws KubecrateError REGISTRY where that is too little */
export function shrinkChunks(
  { chunked }: Session,
  { url, chunkMinimum }: UploadSession,
  { refused, what }: { readonly refused: number; readonly what: string },
): void {
  const { host } = url;
  const least = Math.max(SMALLEST_CHUNK, chunkMinimum);
  if (refused > least) {
    const known = chunked.get(host) ?? CHUNK;
    chunked.set(host, Math.max(least, Math.min(known, Math.floor(refused / 2))));
    return;
  }
  const wanted = chunkMinimum > SMALLEST_CHUNK ? `, and the registry wants no less than ${chunkMinimum}` : '';
  throw new KubecrateError(
    'REGISTRY',
    `cannot ${what}: ${host} answered 413 Payload Too Large, also to a chunk of ${refused} bytes${wanted}`,
    { hint: sizeLimitHint(host) },
  );
}
