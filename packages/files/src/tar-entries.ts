/** Reading tars: as a stream with the content of each entry, or as an index of a file on disk. */

import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { fileError, KubecrateError, messageOf } from '@kubecrate/errors';
import { invalidArchive } from './tar-block.ts';
import { readTar, type TarOptions, type TarPosition } from './tar-reader.ts';
import { SegmentSource, StreamSource, type TarSegment } from './tar-source.ts';

/** An entry of a tar that passes by. The content ends, read or not, when the next entry is asked for. */
export interface TarEntry extends TarPosition {
  readonly content: Readable;
}

/**
 * The entries of a tar that arrives as a stream, which is read to its end, or destroyed where the loop is left.
 * @throws KubecrateError INVALID_ARCHIVE, UNSAFE_PATH, LIMIT_EXCEEDED, UNSUPPORTED
 */
export async function* tarEntries(stream: Readable, options: TarOptions = {}): AsyncGenerator<TarEntry> {
  const source = new StreamSource(stream);
  try {
    for await (const position of readTar(source, options)) {
      const content = new EntryContent(source, position.header.size);
      try {
        yield { ...position, content };
      } finally {
        await content.finish();
      }
    }
  } finally {
    await source.close();
  }
}

/**
 * The entries of a tar on disk, from its headers alone: content is not read, so that this is fast whatever the size.
 * `source` is the path of a file, or the segments that make up the tar. Every content lies whole in it, at `offset`,
 * with the length `header.size`.
 * @throws KubecrateError as {@link tarEntries}, the file named; NOT_FOUND, DENIED, IO
 */
export async function* tarIndex(
  source: string | readonly TarSegment[],
  options: TarOptions = {},
): AsyncGenerator<TarPosition> {
  options.signal?.throwIfAborted();
  try {
    const segments = typeof source === 'string' ? await wholeFile(source) : source;
    await using reader = new SegmentSource(segments);
    yield* readTar(reader, options);
  } catch (error) {
    throw typeof source === 'string' ? named(source, error) : fileError('cannot read the archive', error);
  }
}

/** The content of one entry: as much of the source as it has bytes. */
class EntryContent extends Readable {
  readonly #source: StreamSource;
  #missing: number;
  #reading: Promise<void> = Promise.resolve();
  #state: 'current' | 'past' = 'current';

  constructor(source: StreamSource, size: number) {
    super();
    this.#source = source;
    this.#missing = size;
  }

  override _read(): void {
    if (this.#state === 'past') {
      this.destroy(
        new KubecrateError(
          'INVALID_ARGUMENT',
          'the content of a tar entry was read after the next entry was asked for',
        ),
      );
      return;
    }
    this.#reading = this.#next();
  }

  /** Leaves what is left to the reader, once no read is under way. */
  async finish(): Promise<void> {
    this.#state = 'past';
    await this.#reading;
  }

  async #next(): Promise<void> {
    try {
      const bytes = this.#missing === 0 ? Buffer.alloc(0) : await this.#source.some(this.#missing);
      if (bytes.byteLength === 0 && this.#missing > 0) {
        throw invalidArchive(
          'it ends early, within the content of an entry',
          'the file was cut off: copy or download it again',
        );
      }
      this.#missing -= bytes.byteLength;
      this.push(bytes.byteLength === 0 ? null : bytes);
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

async function wholeFile(path: string): Promise<readonly TarSegment[]> {
  const { size } = await stat(path);
  return [{ kind: 'file', path, offset: 0, length: size }];
}

function named(path: string, error: unknown): unknown {
  if (!(error instanceof KubecrateError)) return fileError(`cannot read the archive ${JSON.stringify(path)}`, error);
  const message = messageOf(error).replace(
    /^cannot read the archive/,
    `cannot read the archive ${JSON.stringify(path)}`,
  );
  return new KubecrateError(error.code, message, {
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}
