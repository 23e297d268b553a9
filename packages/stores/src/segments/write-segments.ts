/** Copying segments to their places in a file: positional reads and writes, several at a time. */

import { type FileHandle, open } from 'node:fs/promises';
import type { OperationOptions, Segment } from '@kubecrate/content';
import { isMissing, NotFoundError } from '@kubecrate/errors';
import { endsEarly } from './read-segments.ts';

/** A segment and the offset at which it goes into the file. */
export interface PlacedSegment {
  readonly segment: Segment;
  readonly offset: number;
}

export interface WriteSegmentsOptions extends OperationOptions {
  /** Called with the number of bytes that were just written. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Gives segments that follow one another from `offset` their places. */
export function placeSegments(segments: readonly Segment[], offset: number): readonly PlacedSegment[] {
  let next = offset;
  return segments.map((segment) => {
    const placed = { segment, offset: next };
    next += segment.kind === 'literal' ? segment.bytes.byteLength : segment.length;
    return placed;
  });
}

/** Writes the segments, one after the other. @throws NotFoundError, KubecrateError SIZE_MISMATCH where a file is gone or too short */
export async function writeSegments(
  handle: FileHandle,
  placed: readonly PlacedSegment[],
  options: WriteSegmentsOptions = {},
): Promise<void> {
  for (const { segment, offset } of placed) {
    options.signal?.throwIfAborted();
    if (segment.kind === 'file') await copyRange(handle, segment, offset, options);
    else await writeAt(handle, segment.bytes, offset, options);
  }
}

/** Writes bytes at an offset, all of them. */
export async function writeAt(
  handle: FileHandle,
  bytes: Uint8Array,
  offset: number,
  { onBytes }: WriteSegmentsOptions = {},
): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.byteLength - done, offset + done);
    done += bytesWritten;
    onBytes?.(bytesWritten);
  }
}

/** One piece is written while the next one is read. */
async function copyRange(
  handle: FileHandle,
  { path, offset: from, length }: Extract<Segment, { kind: 'file' }>,
  to: number,
  options: WriteSegmentsOptions,
): Promise<void> {
  await using source = await openFile(path);
  const size = Math.min(PIECE, length);
  const buffers = [Buffer.allocUnsafe(size), Buffer.allocUnsafe(length > PIECE ? size : 0)] as const;
  let writing: Promise<void> = Promise.resolve();
  try {
    for (let done = 0, turn = 0; done < length; turn += 1) {
      options.signal?.throwIfAborted();
      const buffer = buffers[turn % 2 === 0 ? 0 : 1];
      const { bytesRead } = await source.read(buffer, 0, Math.min(PIECE, length - done), from + done);
      if (bytesRead === 0) throw endsEarly(path, from + length);
      await writing;
      writing = writeAt(handle, buffer.subarray(0, bytesRead), to + done, options);
      // Awaited in the next turn; until then a failure must not count as unhandled.
      writing.catch(() => undefined);
      done += bytesRead;
    }
  } finally {
    await writing;
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (isMissing(error)) throw new NotFoundError(`${JSON.stringify(path)} is not there any more`, { cause: error });
    throw error;
  }
}

/** Bytes of a read and a write: no power of two, for page-aligned writes of such sizes cost up to twice as much. */
const PIECE = 520_192;
