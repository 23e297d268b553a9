/** Taking a layer apart while it streams by: the blobs of the registry directory in it are stored, the rest becomes a recipe. */

import { Readable } from 'node:stream';
import { ContentCheck, type OperationOptions, type Recipe, type RecipePart } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import { type TarHeader, tarEntries } from '@kubecrate/files';
import { type Descriptor, isDigest } from '@kubecrate/oci';

/** Where the blobs go. */
export interface BlobSink {
  exists(blob: Descriptor, options: OperationOptions): Promise<boolean>;
  push(blob: Descriptor, content: Readable, options: OperationOptions): Promise<void>;
}

/**
 * Reads a plain tar to its end and gives its recipe. Every blob is verified against the digest in its path, the whole against `descriptor`.
 * Bytes that are no blobs are kept in memory: at most 128 MiB of them are.
 * @throws KubecrateError SIZE_MISMATCH, DIGEST_MISMATCH, INVALID_ARCHIVE, LIMIT_EXCEEDED; the signal's reason
 */
export async function decompose(
  descriptor: Descriptor,
  content: Readable,
  sink: BlobSink,
  options: OperationOptions = {},
): Promise<Recipe> {
  const { signal } = options;
  const check = new ContentCheck(descriptor);
  const literals = new Literals();
  const stop = (): void => void content.destroy(asError(signal?.reason));
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const tapped = Readable.from(tap(content, check, literals), { objectMode: false });
    for await (const { header, offset, content: file } of tarEntries(tapped, { rules: 'layer' })) {
      const blob = blobOf(header);
      if (blob === undefined) continue;
      literals.passOver(offset, blob);
      await store(blob, file, sink, options);
    }
    check.finish();
    return { digest: descriptor.digest, size: descriptor.size, parts: literals.parts() };
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

async function* tap(content: Readable, check: ContentCheck, literals: Literals): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    check.update(chunk);
    literals.append(chunk);
    yield chunk;
  }
}

/** A blob that is stored already is read all the same: what the layer holds under its name must be it. */
async function store(blob: Descriptor, file: Readable, sink: BlobSink, options: OperationOptions): Promise<void> {
  if (!(await sink.exists(blob, options))) {
    await sink.push(blob, file, options);
    return;
  }
  const check = new ContentCheck(blob);
  for await (const chunk of file) check.update(chunk);
  check.finish();
}

/** The bytes of a tar that are not in a blob. */
class Literals {
  readonly #parts: RecipePart[] = [];
  /** The bytes from `#start` up to where the tar has been read, in one or more chunks. */
  #run: Buffer[] = [];
  #start = 0;
  #end = 0;
  #kept = 0;

  /** The next bytes of the tar. Those of a blob that was announced are forgotten at once. */
  append(chunk: Buffer): void {
    const skipped = Math.min(chunk.byteLength, Math.max(0, this.#start - this.#end));
    this.#end += chunk.byteLength;
    const rest = chunk.subarray(skipped);
    if (rest.byteLength === 0) return;
    this.#run.push(rest);
    const pending = this.#end - this.#start;
    if (this.#kept + pending > MAX_LITERALS) {
      throw new KubecrateError(
        'LIMIT_EXCEEDED',
        `cannot take a layer of the registry directory apart: more than ${MAX_LITERALS} bytes of it are no blobs`,
      );
    }
  }

  /** The bytes from `offset` are a blob; some of them may have been read already. */
  passOver(offset: number, { digest, size }: Descriptor): void {
    this.#flush(offset);
    this.#parts.push({ kind: 'blob', digest, size });
    const run = Buffer.concat(this.#run);
    const read = Math.min(run.byteLength, size);
    this.#run = read === run.byteLength ? [] : [Buffer.from(run.subarray(read))];
    this.#start = offset + size;
  }

  parts(): readonly RecipePart[] {
    this.#flush(this.#end);
    return this.#parts;
  }

  #flush(until: number): void {
    const run = Buffer.concat(this.#run);
    const length = until - this.#start;
    if (length === 0) return;
    // A copy, so that the chunk it came in can be freed.
    this.#parts.push({ kind: 'literal', bytes: Buffer.from(run.subarray(0, length)) });
    this.#kept += length;
    this.#run = [run.subarray(length)];
    this.#start = until;
  }
}

/** The blob that an entry of the registry directory is. */
function blobOf({ path, type, size }: TarHeader): Descriptor | undefined {
  const [, algorithm, hex] = type === 'file' ? (BLOB_PATH.exec(path) ?? []) : [];
  const digest = `${algorithm}:${hex}`;
  return isDigest(digest) ? { mediaType: 'application/octet-stream', digest, size } : undefined;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

const BLOB_PATH = /^(?:.*\/)?docker\/registry\/v2\/blobs\/(sha256|sha512)\/[a-f0-9]{2}\/([a-f0-9]{64,128})\/data$/;

const MAX_LITERALS = 128 * 1024 * 1024;
