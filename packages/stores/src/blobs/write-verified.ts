/** Writing content into a file while its size and digest are checked. */

import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ContentCheck } from '@kubecrate/content';
import type { Descriptor } from '@kubecrate/oci';

/**
 * Fills the empty file at `path` with `content`.
 * @throws KubecrateError SIZE_MISMATCH, DIGEST_MISMATCH; the signal's reason
 */
export async function writeVerified(
  path: string,
  descriptor: Descriptor,
  content: Readable,
  signal?: AbortSignal,
): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await pipeline(content, (chunks: AsyncIterable<Uint8Array>) => write(handle, descriptor, chunks), {
      signal,
    });
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    await handle.close();
  }
}

/**
 * Reads small `content` whole.
 * @throws KubecrateError SIZE_MISMATCH, DIGEST_MISMATCH; the signal's reason
 */
export async function readVerified(
  descriptor: Descriptor,
  content: Readable,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const check = new ContentCheck(descriptor);
  const chunks: Uint8Array[] = [];
  try {
    await pipeline(
      content,
      async (read: AsyncIterable<Uint8Array>) => {
        for await (const chunk of read) {
          check.update(chunk);
          chunks.push(chunk);
        }
      },
      { signal },
    );
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
  check.finish();
  return Buffer.concat(chunks);
}

/** One batch is written while the next one is hashed. */
async function write(handle: FileHandle, descriptor: Descriptor, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const check = new ContentCheck(descriptor);
  let written: Promise<void> = Promise.resolve();
  let batch: Uint8Array[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    await written;
    written = writeAll(handle, batch);
    // Awaited by the next flush; until then a failure must not count as unhandled.
    written.catch(() => undefined);
    batch = [];
    bytes = 0;
  };
  try {
    for await (const chunk of chunks) {
      check.update(chunk);
      batch.push(chunk);
      bytes += chunk.byteLength;
      if (bytes >= BATCH) await flush();
    }
    check.finish();
    await flush();
  } finally {
    await written;
  }
}

async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  let rest = chunks;
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest);
    rest = after(rest, bytesWritten);
  }
}

/** What a short write left (a disk that is nearly full); the next write then says why. */
function after(chunks: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skip = bytes;
  return chunks.flatMap((chunk) => {
    const rest = chunk.subarray(Math.min(skip, chunk.byteLength));
    skip -= chunk.byteLength - rest.byteLength;
    return rest.byteLength === 0 ? [] : [rest];
  });
}

/** Bytes of a write. Larger ones of a power of two cost more on common file systems. */
const BATCH = 192 * 1024;
