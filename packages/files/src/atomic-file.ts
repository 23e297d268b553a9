/** Writing a file so that it is there whole or not at all: a temporary file beside it, then a rename. */

import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { fileError } from '@kubecrate/errors';
import { checkReplaceable } from './check-destination.ts';

/**
 * How long written bytes last: `cached` leaves them to the operating system, which is enough against a crash of this process;
 * `synced` waits for the disk, which is what an index needs that must survive a power cut.
 */
export type Durability = 'cached' | 'synced';

export interface AtomicFileOptions {
  readonly signal?: AbortSignal | undefined;
  /** Exact permission bits; else 0o666 less the umask. */
  readonly mode?: number;
  /** `cached` unless given. */
  readonly durability?: Durability;
}

/** Writes a file whole. On failure or abort what was there before is there still, and nothing else. */
export async function writeFileAtomic(
  path: string,
  bytes: Uint8Array | string,
  options: AtomicFileOptions = {},
): Promise<void> {
  await using file = await openAtomicFile(path, options);
  try {
    await file.handle.writeFile(bytes, options.signal === undefined ? {} : { signal: options.signal });
  } catch (error) {
    options.signal?.throwIfAborted();
    throw fileError(`cannot write ${JSON.stringify(path)}`, error);
  }
  await file.commit();
}

/**
 * Opens an empty temporary file beside `path`, whose directory exists; {@link AtomicFile.commit} gives it the name.
 * @throws KubecrateError INVALID_ARGUMENT where something that is no file has the name
 */
export async function openAtomicFile(path: string, options: AtomicFileOptions = {}): Promise<AtomicFile> {
  options.signal?.throwIfAborted();
  await checkReplaceable(path);
  const temporaryPath = join(dirname(path), `${TEMPORARY_PREFIX}${randomBytes(9).toString('hex')}`);
  try {
    const handle = await open(temporaryPath, 'wx+', 0o666);
    return new AtomicFile(path, temporaryPath, handle, options);
  } catch (error) {
    throw fileError(`cannot write ${JSON.stringify(path)}`, error);
  }
}

/** True for the name of a file or directory that was temporary: left over if the process that made it is gone. */
export function isTemporaryName(name: string): boolean {
  return name.startsWith(TEMPORARY_PREFIX);
}

/** A file on its way to its name. Disposed of before {@link AtomicFile.commit}, it leaves nothing behind. */
export class AtomicFile implements AsyncDisposable {
  /** Where it will be. */
  readonly path: string;
  /** Where it is until then. */
  readonly temporaryPath: string;
  /** Open for reading and writing until the commit. */
  readonly handle: FileHandle;
  readonly #options: AtomicFileOptions;
  #state: 'open' | 'closed' | 'committed' = 'open';

  constructor(path: string, temporaryPath: string, handle: FileHandle, options: AtomicFileOptions) {
    this.path = path;
    this.temporaryPath = temporaryPath;
    this.handle = handle;
    this.#options = options;
  }

  /** A stream that appends to the file, for `pipeline`; the end of the stream is not yet the commit. */
  writable(): Writable {
    const { handle, path } = this;
    const write = (chunks: readonly Buffer[], callback: (error?: Error | null) => void): void => {
      writeAll(handle, chunks).then(
        () => callback(),
        (error: unknown) => callback(asError(fileError(`cannot write ${JSON.stringify(path)}`, error))),
      );
    };
    return new Writable({
      highWaterMark: 1024 * 1024,
      write: (chunk: Buffer, _encoding, callback) => write([chunk], callback),
      writev: (chunks, callback) =>
        write(
          chunks.map(({ chunk }) => chunk as Buffer),
          callback,
        ),
    });
  }

  /** Makes the file visible under its name, in place of what was there. */
  async commit(): Promise<void> {
    const { signal, mode, durability = 'cached' } = this.#options;
    signal?.throwIfAborted();
    try {
      if (mode !== undefined) await this.handle.chmod(mode);
      if (durability === 'synced') await this.handle.sync();
      await this.#close();
      await rename(this.temporaryPath, this.path);
      this.#state = 'committed';
      if (durability === 'synced') await syncDirectory(dirname(this.path));
    } catch (error) {
      throw fileError(`cannot write ${JSON.stringify(this.path)}`, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === 'committed') return;
    await this.#close();
    await rm(this.temporaryPath, { force: true });
  }

  async #close(): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'closed';
    await this.handle.close();
  }
}

/** Waits until the names in a directory are on the disk. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const TEMPORARY_PREFIX = '.kubecrate-';

/** As many buffers as one `writev` takes. */
const MAX_BUFFERS = 1024;

async function writeAll(handle: FileHandle, chunks: readonly Buffer[]): Promise<void> {
  for (let i = 0; i < chunks.length; i += MAX_BUFFERS) {
    let rest = chunks.slice(i, i + MAX_BUFFERS);
    while (rest.length > 0) {
      const { bytesWritten } = await handle.writev(rest);
      rest = after(rest, bytesWritten);
    }
  }
}

/** A write may be shorter than asked (a disk that is nearly full); the next one then says why. */
function after(chunks: readonly Buffer[], bytes: number): Buffer[] {
  let skip = bytes;
  return chunks.flatMap((chunk) => {
    const part = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - part.length;
    return part.length === 0 ? [] : [part];
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
