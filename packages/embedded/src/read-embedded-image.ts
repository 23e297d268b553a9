/** An embedded image out of its files: the manifest, its checksum in `NAME.sgn`, the layers beside them. */

import { open, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { OperationOptions } from '@kubecrate/content';
import { fileError, isMissing, KubecrateError, messageOf, NotFoundError } from '@kubecrate/errors';
import { type Digest, digestOf } from '@kubecrate/oci';
import { checkLayers } from './check-layers.ts';
import { type EmbeddedManifest, parseEmbeddedManifest } from './embedded-manifest.ts';

/** An image that was checked when it was read. Its layers stay where they are. */
export interface EmbeddedImage {
  /** The digest of the manifest, which is the id of the image too. */
  readonly digest: Digest;
  /** The real path of the manifest. */
  readonly path: string;
  readonly manifest: EmbeddedManifest;
  /** The bytes of the manifest. */
  readonly bytes: Buffer;
  /** The bytes of all layers but the first. */
  readonly size: number;
}

/** Larger manifests are refused; bytes. */
export const MAX_EMBEDDED_MANIFEST: number = 10 * 1024 * 1024;

/**
 * Reads a manifest and makes every check that iSulad makes, and that real paths stay inside its directory, sizes are those of the files
 * and dates are real.
 * @throws NotFoundError; KubecrateError INVALID_MANIFEST, DIGEST_MISMATCH, SIZE_MISMATCH, UNSAFE_PATH, LIMIT_EXCEEDED
 */
export async function readEmbeddedImage(file: string, options: OperationOptions = {}): Promise<EmbeddedImage> {
  options.signal?.throwIfAborted();
  const path = await realpath(file).catch((error: unknown) => {
    throw isMissing(error) ? missing('Invalid manifest: manifest not found', file) : unreadable(file, error);
  });
  try {
    const bytes = await readRegular(path, MAX_EMBEDDED_MANIFEST, 'manifest');
    const digest = digestOf(bytes);
    await checkSum(sumFile(path), digest);
    const manifest = parseEmbeddedManifest(bytes);
    const size = await checkLayers(dirname(path), manifest.layers, options);
    return { digest, path, manifest, bytes, size };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof KubecrateError)) throw error;
    const { code, hint } = error;
    const message = `cannot load the embedded image ${JSON.stringify(file)}: ${messageOf(error)}`;
    if (error instanceof NotFoundError)
      throw new NotFoundError(message, { cause: error, ...(hint === undefined ? {} : { hint }) });
    throw new KubecrateError(code, message, { cause: error, ...(hint === undefined ? {} : { hint }) });
  }
}

/** `NAME.sgn` of `NAME.manifest`, beside it. */
function sumFile(path: string): string {
  return join(dirname(path), `${basename(path).replace(/\.[^.]*$/, '')}.sgn`);
}

async function checkSum(file: string, digest: Digest): Promise<void> {
  const bytes = await readRegular(file, MAX_SUM, 'signature');
  const sum = bytes.toString('latin1');
  const name = JSON.stringify(file);
  if (!/^sha256:[0-9a-f]{64}$/.test(sum)) {
    throw new KubecrateError('INVALID_MANIFEST', `Invalid manifest: invalid digest in ${name}`, {
      hint: 'it holds "sha256:" and 64 digits, 71 bytes without a line end',
    });
  }
  if (sum === digest) return;
  throw new KubecrateError(
    'DIGEST_MISMATCH',
    `Invalid manifest: invalid digest: the manifest is ${digest}, and ${name} says ${sum}`,
  );
}

/** One byte more than a checksum has, so that a line end is seen. */
const MAX_SUM = 72;

async function readRegular(path: string, limit: number, what: 'manifest' | 'signature'): Promise<Buffer> {
  try {
    // Before it is opened: opening a pipe waits for whoever writes to it.
    const { size, ...found } = await fileStatus(path);
    if (!found.isRegular)
      throw new KubecrateError('INVALID_MANIFEST', `Invalid manifest: ${what} is not a regular file`);
    if (size > limit && what === 'manifest') {
      throw new KubecrateError('LIMIT_EXCEEDED', `Invalid manifest: it has ${size} bytes, more than ${limit}`);
    }
    await using handle = await open(path, 'r');
    const buffer = Buffer.alloc(Math.min(size, limit));
    const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if (!isMissing(error)) throw unreadable(path, error);
    throw missing(
      what === 'manifest' ? 'Invalid manifest: manifest not found' : "Manifest's signature file not exist",
      path,
    );
  }
}

async function fileStatus(path: string): Promise<{ readonly size: number; readonly isRegular: boolean }> {
  const found = await stat(path);
  return { size: found.size, isRegular: found.isFile() };
}

function missing(words: string, path: string): NotFoundError {
  return new NotFoundError(`${words}: ${JSON.stringify(path)}`, { hint: 'check the path' });
}

function unreadable(path: string, error: unknown): unknown {
  return fileError(`cannot read ${JSON.stringify(path)}`, error);
}
