/** Compressed streams: telling which compression it is, and unpacking it. */

import { pipeline, Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { KubecrateError, messageOf, systemCode } from '@kubecrate/errors';
import { unpackByProgram } from './unpack-program.ts';

export type Compression = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2';

/** What compressed content may grow to; a bomb is small and has no end. */
export interface ExpansionLimits {
  /** Bytes of unpacked content. */
  readonly maxBytes?: number;
  /** Unpacked bytes for each packed one, looked at from 64 MiB on. */
  readonly maxRatio?: number;
}

/** The compression of content that begins with `bytes`, by its magic number; `none` where it has none of those known. */
export function detectCompression(bytes: Uint8Array): Compression {
  const found = MAGIC.find(([, magic]) => magic.every((byte, i) => bytes[i] === byte));
  return found === undefined ? 'none' : found[0];
}

/** Looks at the first bytes of content, which are still in the stream that comes back; it takes the place of `content`. */
export async function sniffCompression(
  content: Readable,
): Promise<{ readonly compression: Compression; readonly content: Readable }> {
  const chunks = content[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  while (sizeOf(first) < MAGIC_SIZE) {
    const { value, done } = await chunks.next();
    if (done === true) break;
    first.push(value);
  }
  return { compression: detectCompression(Buffer.concat(first)), content: streamOf(followed(first, chunks), content) };
}

/**
 * Content without its compression, which may consist of several packed parts in a row.
 * The stream fails with INVALID_ARCHIVE where the content is damaged or ends early, with LIMIT_EXCEEDED where it grows beyond
 * the limits, with UNSUPPORTED where the program for it is not installed. When it is destroyed, so is `content`.
 */
export function decompress(content: Readable, compression: Compression, limits: ExpansionLimits = {}): Readable {
  if (compression === 'none') return content;
  return streamOf(unpacked(content, compression, limits), content);
}

const MAGIC: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['bzip2', [0x42, 0x5a, 0x68]],
];
const MAGIC_SIZE = 6;

/** Real content packs to a hundredth here and there (zeros in a disk image), never all of a large file. */
const DEFAULT_RATIO = 500;
const RATIO_FROM = 64 * 1024 * 1024;

async function* unpacked(
  content: Readable,
  compression: Exclude<Compression, 'none'>,
  { maxBytes = Number.POSITIVE_INFINITY, maxRatio = DEFAULT_RATIO }: ExpansionLimits,
): AsyncGenerator<Buffer> {
  let packed = 0;
  let first: Buffer = Buffer.alloc(0);
  let size = 0;
  const counted = streamOf(
    counting(content, (chunk) => {
      packed += chunk.byteLength;
      if (first.byteLength < MAGIC_SIZE) first = Buffer.concat([first, chunk.subarray(0, MAGIC_SIZE)]);
    }),
    content,
  );
  const decoder = decoderOf(compression);
  const chunks =
    decoder === undefined
      ? unpackByProgram(counted, compression)
      : decoded(counted, decoder, { compression, found: () => detectCompression(first) });
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > maxBytes) throw bomb(`to more than ${maxBytes} bytes`);
    if (size > RATIO_FROM && size > packed * maxRatio) throw bomb(`to more than ${maxRatio} times its size`);
    yield chunk;
  }
}

/** What Node has itself; zstd from 22.15 on. */
function decoderOf(compression: Compression): Transform | undefined {
  if (compression === 'gzip') return zlib.createGunzip({ chunkSize: 64 * 1024 });
  const createZstd: unknown = Reflect.get(zlib, 'createZstdDecompress');
  return compression === 'zstd' && typeof createZstd === 'function' ? createZstd() : undefined;
}

async function* decoded(
  content: Readable,
  decoder: Transform,
  { compression, found }: { readonly compression: Compression; readonly found: () => Compression },
): AsyncGenerator<Buffer> {
  try {
    // Errors of every stream come out of the last one, which is read here.
    yield* pipeline(content, decoder, () => {});
  } catch (error) {
    const code = systemCode(error);
    if (code?.startsWith('Z_') !== true && code?.startsWith('ZSTD_') !== true) throw error;
    const cut = code === 'Z_BUF_ERROR';
    if (!cut && found() !== compression) {
      const instead = found() === 'none' ? '' : ` but ${found()}`;
      throw new KubecrateError('INVALID_ARCHIVE', `cannot unpack ${compression}: it is not ${compression}${instead}`, {
        hint: `give a file that is compressed with ${compression}`,
        cause: error,
      });
    }
    throw new KubecrateError(
      'INVALID_ARCHIVE',
      `cannot unpack ${compression}: ${cut ? 'it ends early' : `it is damaged (${messageOf(error)})`}`,
      { hint: 'copy or download the file again', cause: error },
    );
  }
}

async function* counting(content: Readable, onChunk: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    onChunk(chunk);
    yield chunk;
  }
}

async function* followed(first: readonly Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield* first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

/** A generator that was never asked for anything does not end what it reads from, so the stream does. */
function streamOf(chunks: AsyncGenerator<Buffer>, source: Readable): Readable {
  return Readable.from(chunks, { objectMode: false }).once('close', () => source.destroy());
}

function sizeOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
}

function bomb(what: string): KubecrateError {
  return new KubecrateError('LIMIT_EXCEEDED', `cannot unpack the content: it grows ${what}`, {
    hint: 'content like this is made to fill disks',
  });
}
