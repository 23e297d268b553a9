/** Writing a tar as a stream. */

import { Readable } from 'node:stream';
import { KubecrateError } from '@kubecrate/errors';
import type { TarHeader } from './check-tar-header.ts';
import { TAR_END, tarPadding } from './tar-format.ts';
import { tarHeader } from './tar-header.ts';

/** An entry and, where it is a file with bytes, the bytes or where to get them. A hard link comes after its file. */
export interface TarInput {
  readonly entry: TarHeader;
  readonly bytes?: Uint8Array;
  readonly open?: () => Promise<Readable>;
}

/**
 * The bytes of a tar with these entries, in the order in which they come: whoever wants equal bytes sorts them.
 * The stream fails with SIZE_MISMATCH where a file has not as many bytes as its entry says, with UNSUPPORTED for a device.
 */
export function writeTar(inputs: AsyncIterable<TarInput> | Iterable<TarInput>): Readable {
  return Readable.from(gathered(tarBytes(inputs)), { objectMode: false, highWaterMark: PIECE });
}

/** Headers and small files are passed on together. Bytes. */
const PIECE = 128 * 1024;

async function* tarBytes(inputs: AsyncIterable<TarInput> | Iterable<TarInput>): AsyncGenerator<Uint8Array> {
  for await (const input of inputs) {
    const { entry } = input;
    yield tarHeader(entry);
    if (entry.type !== 'file') continue;
    yield* contentOf(input);
    const padding = tarPadding(entry.size);
    if (padding.byteLength > 0) yield padding;
  }
  yield TAR_END;
}

async function* contentOf({ entry, bytes, open }: TarInput): AsyncGenerator<Uint8Array> {
  const chunks = bytes !== undefined ? [bytes] : open === undefined || entry.size === 0 ? [] : await open();
  let seen = 0;
  for await (const chunk of chunks) {
    seen += chunk.byteLength;
    if (seen > entry.size) throw sizeMismatch(entry, 'more');
    yield chunk;
  }
  if (seen < entry.size) throw sizeMismatch(entry, String(seen));
}

async function* gathered(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pending: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    pending.push(chunk);
    size += chunk.byteLength;
    if (size < PIECE) continue;
    yield* flushed(pending);
    [pending, size] = [[], 0];
  }
  yield* flushed(pending);
}

/** Small chunks as one; a large one is not copied. */
function* flushed(chunks: readonly Uint8Array[]): Generator<Uint8Array> {
  const last = chunks.at(-1);
  if (last === undefined || last.byteLength < PIECE / 2) {
    if (chunks.length > 0) yield Buffer.concat(chunks);
    return;
  }
  if (chunks.length > 1) yield Buffer.concat(chunks.slice(0, -1));
  yield last;
}

function sizeMismatch(entry: TarHeader, actual: string): KubecrateError {
  return new KubecrateError(
    'SIZE_MISMATCH',
    `cannot pack ${JSON.stringify(entry.path)}: it should have ${entry.size} bytes but has ${actual}`,
    { hint: 'the file changed while it was read; run the command again' },
  );
}
