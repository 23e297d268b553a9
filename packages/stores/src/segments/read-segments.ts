/** The bytes that segments stand for, as a stream. */

import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { OperationOptions, Segment } from '@kubecrate/content';
import { fileError, isMissing, KubecrateError, NotFoundError } from '@kubecrate/errors';

export interface ReadSegmentsOptions extends OperationOptions {
  /** The first byte wanted, from 0. */
  readonly start?: number | undefined;
}

/** Number of bytes that the segments make. */
export function sizeOfSegments(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + lengthOf(segment), 0);
}

/** Reads segments one after the other; a file is opened when its turn comes. */
export function readSegments(segments: readonly Segment[], { start = 0, signal }: ReadSegmentsOptions = {}): Readable {
  const chunks = readAll(after(segments, start), signal);
  return Readable.from(chunks, { objectMode: false, signal });
}

/** Segments without their first `start` bytes. */
export function after(segments: readonly Segment[], start: number): readonly Segment[] {
  let skip = start;
  return segments.flatMap((segment): Segment[] => {
    const skipped = Math.min(skip, lengthOf(segment));
    skip -= skipped;
    if (skipped === lengthOf(segment)) return [];
    if (segment.kind === 'literal') return [{ ...segment, bytes: segment.bytes.subarray(skipped) }];
    return [{ ...segment, offset: segment.offset + skipped, length: segment.length - skipped }];
  });
}

function lengthOf(segment: Segment): number {
  return segment.kind === 'literal' ? segment.bytes.byteLength : segment.length;
}

async function* readAll(segments: readonly Segment[], signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for (const segment of segments) {
    signal?.throwIfAborted();
    if (segment.kind === 'literal') yield segment.bytes;
    else yield* readRange(segment, signal);
  }
}

async function* readRange(
  { path, offset, length }: Extract<Segment, { kind: 'file' }>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  await using handle = await openFile(path);
  for (let done = 0; done < length; ) {
    signal?.throwIfAborted();
    const buffer = Buffer.allocUnsafe(Math.min(READ_SIZE, length - done));
    const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength, offset + done);
    if (bytesRead === 0) throw endsEarly(path, offset + length);
    done += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (isMissing(error)) throw new NotFoundError(`${JSON.stringify(path)} is not there any more`, { cause: error });
    throw fileError(`cannot read ${JSON.stringify(path)}`, error);
  }
}

/** The error for a file that is shorter than what was known of it. */
export function endsEarly(path: string, expected: number): KubecrateError {
  return new KubecrateError('SIZE_MISMATCH', `${JSON.stringify(path)} ends before byte ${expected}`, {
    hint: 'the file was cut off or changed while it was read: copy or download it again',
  });
}

/** Bytes of a read. */
const READ_SIZE = 512 * 1024;
