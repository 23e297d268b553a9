/** The digest of content in segments: read and hashed in one thread, through one buffer. */

import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import type { Segment } from '@kubecrate/content';

/** Lower-case hex, or why not. */
export type HashAnswer =
  | { readonly hex: string }
  | { readonly message: string; readonly code: string | undefined; readonly path: string | undefined };

/** Bytes of a read, all into one buffer. */
const READ_SIZE = 512 * 1024;

/** The sha256 of the bytes of all segments. */
export function hashOf(segments: readonly Segment[]): HashAnswer {
  const buffer = Buffer.allocUnsafeSlow(READ_SIZE);
  const hash = createHash('sha256');
  for (const segment of segments) {
    if (segment.kind === 'literal') {
      hash.update(segment.bytes);
      continue;
    }
    const failure = hashFile(segment, hash, buffer);
    if (failure !== undefined) return failure;
  }
  return { hex: hash.digest('hex') };
}

function hashFile(
  { path, offset, length }: Extract<Segment, { kind: 'file' }>,
  hash: Hash,
  buffer: Buffer,
): HashAnswer | undefined {
  try {
    const file = openSync(path, 'r');
    try {
      for (let done = 0; done < length; ) {
        const bytes = readSync(file, buffer, 0, Math.min(READ_SIZE, length - done), offset + done);
        if (bytes === 0) return { message: `it ends before byte ${offset + length}`, code: undefined, path };
        hash.update(buffer.subarray(0, bytes));
        done += bytes;
      }
    } finally {
      closeSync(file);
    }
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    return { message, code, path };
  }
}
