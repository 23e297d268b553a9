/** Reading tars: as a stream with the content of each entry, or as an index of a file on disk. */

import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { fileError, KubecrateError, messageOf } from '@kubecrate/errors';
import type { TarHeader, TarOptions } from './check-tar-header.ts';
import { endsEarly } from './tar-block.ts';
import { readTar, type TarPosition } from './tar-reader.ts';
import { SegmentSource, StreamSource, type TarSegment } from './tar-source.ts';

/** An entry of a tar that passes by. The content is read once, and not after the next entry was asked for. */
export interface TarEntry extends TarPosition {
  readonly content: Readable;
  /** The whole content in memory; whoever asks has looked at `header.size`. */
  bytes(): Promise<Buffer>;
}

/**
 * The entries of a tar that arrives as a stream, which is read to its end, or destroyed where the loop is left.
 * @throws KubecrateError INVALID_ARCHIVE, UNSAFE_PATH, LIMIT_EXCEEDED, UNSUPPORTED
 */
export async function* tarEntries(stream: Readable, options: TarOptions = {}): AsyncGenerator<TarEntry> {
  const source = new StreamSource(stream);
  try {
    for await (const position of readTar(source, options)) {
      const entry = new PassingEntry(source, position);
      try {
        yield entry;
      } finally {
        await entry.finish();
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

/** An entry whose content is the next bytes of the source. */
class PassingEntry implements TarEntry {
  readonly header: TarHeader;
  readonly offset: number;
  readonly #source: StreamSource;
  #missing: number;
  #stream: Readable | undefined;
  #reading: Promise<unknown> = Promise.resolve();
  #state: 'current' | 'past' = 'current';

  constructor(source: StreamSource, { header, offset }: TarPosition) {
    this.header = header;
    this.offset = offset;
    this.#source = source;
    this.#missing = header.size;
  }

  get content(): Readable {
    this.#stream ??= new Readable({ read: () => this.#pull(this.content) });
    return this.#stream;
  }

  async bytes(): Promise<Buffer> {
    this.#refusePast();
    const reading = this.#source.read(this.#missing);
    this.#reading = reading.catch(() => undefined);
    const bytes = await reading;
    this.#missing -= bytes.byteLength;
    if (this.#missing > 0) throw endsEarly(WITHIN);
    return bytes;
  }

  /** Leaves what is left to the reader, once no read is under way. */
  async finish(): Promise<void> {
    this.#state = 'past';
    await this.#reading;
  }

  #pull(stream: Readable): void {
    this.#reading = this.#next().then(
      (bytes) => stream.push(bytes),
      (error: unknown) => stream.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  }

  async #next(): Promise<Buffer | null> {
    this.#refusePast();
    if (this.#missing === 0) return null;
    const bytes = await this.#source.some(this.#missing);
    if (bytes.byteLength === 0) throw endsEarly(WITHIN);
    this.#missing -= bytes.byteLength;
    return bytes;
  }

  #refusePast(): void {
    if (this.#state === 'current') return;
    const why = 'the content of a tar entry was read after the next entry was asked for';
    throw new KubecrateError('INVALID_ARGUMENT', why);
  }
}

const WITHIN = 'within the content of an entry';

async function wholeFile(path: string): Promise<readonly TarSegment[]> {
  const { size } = await stat(path);
  return [{ kind: 'file', path, offset: 0, length: size }];
}

function named(path: string, error: unknown): unknown {
  const tried = `cannot read the archive ${JSON.stringify(path)}`;
  if (!(error instanceof KubecrateError)) return fileError(tried, error);
  // What its entries are refused for says nothing of archives.
  const said = messageOf(error).replace(/^cannot read the archive: /, '');
  return new KubecrateError(error.code, `${tried}: ${said}`, {
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}
