/** Bytes that look random and depend on a seed alone, at the speed of AES. */

import { createCipheriv, createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Descriptor, digestFrom, MEDIA_TYPES } from '@kubecrate/oci';

/** `size` bytes; the same seed gives the same bytes, and a shorter run is the beginning of a longer one. */
export function randomBytes(seed: number | string, size: number): Buffer {
  return keystream(seed).update(Buffer.alloc(size));
}

/** The bytes of {@link randomBytes} as a stream that holds one chunk in memory, for content too large for a Buffer. */
export function randomStream(seed: number | string, size: number): Readable {
  return Readable.from(randomChunks(seed, size), { objectMode: false });
}

/** Content that is made while it is read. */
export interface StreamedContent {
  readonly descriptor: Descriptor;
  /** The whole content, anew at each call. */
  open(): Readable;
}

/** Random content of any size, with its descriptor; making it hashes every byte once. */
export function randomContent(
  seed: number | string,
  size: number,
  { mediaType = MEDIA_TYPES.ociLayer }: { readonly mediaType?: string } = {},
): StreamedContent {
  const hash = createHash('sha256');
  for (const chunk of randomChunks(seed, size)) hash.update(chunk);
  return { descriptor: { mediaType, digest: digestFrom(hash), size }, open: () => randomStream(seed, size) };
}

function* randomChunks(seed: number | string, size: number): Generator<Buffer> {
  const cipher = keystream(seed);
  const zeros = Buffer.alloc(Math.min(size, CHUNK));
  for (let left = size; left > 0; left -= CHUNK) yield cipher.update(zeros.subarray(0, Math.min(left, CHUNK)));
}

function keystream(seed: number | string): ReturnType<typeof createCipheriv> {
  const key = createHash('sha256').update(`seed ${seed}`).digest().subarray(0, 16);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
}

const CHUNK = 256 * 1024;
