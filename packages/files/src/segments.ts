/** Content that lies in memory and in parts of files: cutting out a run of it, and reading it. */

import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { fileError, KubecrateError } from '@kubecrate/errors';
import type { TarSegment } from './tar-source.ts';

/** The segments that make up `length` bytes from `offset`; fewer where the content ends before. */
export function sliceSegments(segments: readonly TarSegment[], offset: number, length: number): readonly TarSegment[] {
  const slices: TarSegment[] = [];
  let start = 0;
  for (const segment of segments) {
    const size = segment.kind === 'literal' ? segment.bytes.byteLength : segment.length;
    const from = Math.max(offset - start, 0);
    const to = Math.min(offset + length - start, size);
    start += size;
    if (from >= to) continue;
    slices.push(
      segment.kind === 'literal'
        ? { kind: 'literal', bytes: segment.bytes.subarray(from, to) }
        : { ...segment, offset: segment.offset + from, length: to - from },
    );
  }
  return slices;
}

/** The bytes of segments as a stream, which fails with SIZE_MISMATCH where a file is shorter than its segment. */
export function readSegments(
  segments: readonly TarSegment[],
  options: { readonly signal?: AbortSignal | undefined } = {},
): Readable {
  return Readable.from(bytesOf(segments, options.signal), { objectMode: false, highWaterMark: READ_SIZE });
}

/** Bytes of a read. */
const READ_SIZE = 512 * 1024;

async function* bytesOf(segments: readonly TarSegment[], signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for (const segment of segments) {
    signal?.throwIfAborted();
    if (segment.kind === 'literal') yield segment.bytes;
    else yield* fileBytes(segment, signal);
  }
}

async function* fileBytes(
  { path, offset, length }: Extract<TarSegment, { kind: 'file' }>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const handle = await opened(path);
  try {
    for (let done = 0; done < length; ) {
      signal?.throwIfAborted();
      const size = Math.min(READ_SIZE, length - done);
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(size), 0, size, offset + done);
      if (bytesRead === 0) throw endsEarly(path, offset + length);
      done += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    throw fileError(`cannot read ${JSON.stringify(path)}`, error);
  } finally {
    await handle.close();
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw fileError(`cannot read ${JSON.stringify(path)}`, error);
  }
}

function endsEarly(path: string, end: number): KubecrateError {
  return new KubecrateError('SIZE_MISMATCH', `cannot read ${JSON.stringify(path)}: it ends before byte ${end}`, {
    hint: 'the file was cut off or changed while it was read',
  });
}
