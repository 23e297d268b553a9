/** Telling an archive, which ADD unpacks, from any other file. */

import type { Readable } from 'node:stream';
import { hasCode } from '@kubecrate/errors';
import { decompress, sniffCompression } from '@kubecrate/files';

/** Where POSIX and GNU tars have their mark in the first header. */
const MARK = 'ustar';
const MARK_OFFSET = 257;

/** True for a tar, packed or not. The stream is read from its beginning and closed. */
export async function isTar(content: Readable): Promise<boolean> {
  const sniffed = await sniffCompression(content);
  const unpacked = decompress(sniffed.content, sniffed.compression);
  const first: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of unpacked) {
      first.push(chunk);
      size += chunk.byteLength;
      if (size >= MARK_OFFSET + MARK.length) break;
    }
  } catch (error) {
    // It begins like a packed file and is none.
    if (!hasCode(error, 'INVALID_ARCHIVE')) throw error;
  } finally {
    unpacked.destroy();
  }
  return Buffer.concat(first).toString('latin1', MARK_OFFSET, MARK_OFFSET + MARK.length) === MARK;
}
