/** The content of a layer that has to be read from its beginning: it is packed, or not on a disk of this machine. */

import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FetchOptions, OperationOptions } from '@kubecrate/content';
import { fileError, KubecrateError } from '@kubecrate/errors';
import {
  decompress,
  type FileExtent,
  readSegments,
  sniffCompression,
  type TarOptions,
  type TarPosition,
  tarEntries,
} from '@kubecrate/files';
import type { ContentRange, LayerContent } from './layer-content.ts';

/** Files up to this size are kept when the layer is read first; a cluster image's own texts are far below. Bytes. */
const SMALL = 1024 * 1024;

export interface SpoolOptions extends OperationOptions {
  readonly rules: NonNullable<TarOptions['rules']>;
  /** Gives the layer from its beginning; asked again where a large file is wanted. */
  readonly fetch: () => Promise<Readable>;
  /** Where two files can be made whose names begin with this. */
  readonly path: string;
}

/**
 * Reads a layer once and keeps its small files in one file on disk; where a large one is asked for, it is read again, whole, into
 * another. Memory holds neither.
 */
export class SpooledContent implements LayerContent {
  readonly #options: SpoolOptions;
  /** From offsets in the tar to those in the file of small ones. */
  readonly #small = new Map<number, number>();
  #whole: Promise<FileExtent> | undefined;

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  /** The entries of the layer; only after the last of them its content can be asked for. */
  async *index(): AsyncGenerator<TarPosition> {
    const { rules, signal } = this.#options;
    const entries = tarEntries(await this.#unpacked(), { rules, signal });
    const found: TarPosition[] = [];
    let kept = 0;
    const small = this.#small;
    async function* smallFiles(): AsyncGenerator<Buffer> {
      for await (const entry of entries) {
        const { header, offset } = entry;
        found.push({ header, offset });
        if (header.size === 0 || header.size > SMALL) continue;
        small.set(offset, kept);
        kept += header.size;
        yield await entry.bytes();
      }
    }
    await this.#write(smallFiles, this.#smallPath);
    yield* found;
  }

  async open(range: ContentRange, { start = 0, ...options }: FetchOptions): Promise<Readable> {
    const { path, offset, length } = this.extent(range) ?? cut(await this.#all(), range);
    return readSegments([{ kind: 'file', path, offset: offset + start, length: length - start }], options);
  }

  extent({ offset, length }: ContentRange): FileExtent | undefined {
    const start = this.#small.get(offset);
    return start === undefined ? undefined : { path: this.#smallPath, offset: start, length };
  }

  get #smallPath(): string {
    return `${this.#options.path}.small`;
  }

  /** The whole tar, on disk. One reading serves all who ask; a failed one is tried again by the next. */
  async #all(): Promise<FileExtent> {
    this.#whole ??= this.#spool();
    try {
      return await this.#whole;
    } catch (error) {
      this.#whole = undefined;
      throw error;
    }
  }

  async #spool(): Promise<FileExtent> {
    const path = `${this.#options.path}.tar`;
    await this.#write(await this.#unpacked(), path);
    return { path, offset: 0, length: (await stat(path)).size };
  }

  async #unpacked(): Promise<Readable> {
    const { compression, content } = await sniffCompression(await this.#options.fetch());
    return decompress(content, compression);
  }

  async #write(content: Readable | (() => AsyncGenerator<Buffer>), path: string): Promise<void> {
    const { signal } = this.#options;
    try {
      await pipeline(content, createWriteStream(path), { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw fileError(`cannot write ${JSON.stringify(path)}`, error);
    }
  }
}

function cut(whole: FileExtent, { offset, length }: ContentRange): FileExtent {
  if (offset + length <= whole.length) return { path: whole.path, offset: whole.offset + offset, length };
  throw new KubecrateError('SIZE_MISMATCH', 'a layer became shorter between two readings of it');
}
