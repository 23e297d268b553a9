/** Reading small content whole: manifests, indexes, configurations. */

import { readFileSync } from 'node:fs';
import { KubecrateError, messageOf } from '@kubecrate/errors';
import { type Descriptor, MAX_MANIFEST_SIZE, type Manifest, parseManifest } from '@kubecrate/oci';
import { isLocator } from './powers.ts';
import type { Fetcher, OperationOptions } from './target.ts';
import { ContentCheck, sizeMismatch, verifyBytes } from './verify.ts';

/**
 * Fetches content into memory and verifies it.
 * @throws KubecrateError LIMIT_EXCEEDED where the descriptor says more than 4 MiB; SIZE_MISMATCH, DIGEST_MISMATCH; NotFoundError
 */
export async function readContent(
  source: Fetcher,
  descriptor: Descriptor,
  options: OperationOptions = {},
): Promise<Buffer> {
  if (descriptor.size > MAX_MANIFEST_SIZE) {
    throw new KubecrateError(
      'LIMIT_EXCEEDED',
      `cannot read ${descriptor.digest} (${descriptor.mediaType}) into memory: ${descriptor.size} bytes, the limit is ${MAX_MANIFEST_SIZE}`,
    );
  }
  const near = await readLocated(source, descriptor, options);
  if (near !== undefined) return near;
  const check = new ContentCheck(descriptor);
  const chunks: Uint8Array[] = [];
  for await (const chunk of await source.fetch(descriptor, options)) {
    check.update(chunk);
    chunks.push(chunk);
  }
  options.signal?.throwIfAborted();
  check.finish();
  return Buffer.concat(chunks);
}

/** Content that is a whole small file on this machine is read at once: a run that finds nothing to do reads hundreds of manifests. */
async function readLocated(
  source: Fetcher,
  descriptor: Descriptor,
  options: OperationOptions,
): Promise<Buffer | undefined> {
  if (!isLocator(source)) return undefined;
  const [segment, ...others] = (await source.locate(descriptor, options)) ?? [];
  if (segment?.kind !== 'file' || others.length > 0 || segment.offset !== 0) return undefined;
  if (segment.length !== descriptor.size) throw sizeMismatch(descriptor, String(segment.length));
  const bytes = readFileSync(segment.path);
  verifyBytes(descriptor, bytes);
  return bytes;
}

/** A manifest with the bytes it was read from; the bytes are never written anew, so that the digest stays. */
export interface LoadedManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
  readonly manifest: Manifest;
}

/** Fetches, verifies and parses a manifest or an index. */
export async function readManifest(
  source: Fetcher,
  descriptor: Descriptor,
  options: OperationOptions = {},
): Promise<LoadedManifest> {
  const bytes = await readContent(source, descriptor, options);
  try {
    return { descriptor, bytes, manifest: parseManifest(bytes, descriptor.mediaType) };
  } catch (error) {
    if (!(error instanceof KubecrateError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new KubecrateError(error.code, `cannot read manifest ${descriptor.digest}: ${messageOf(error)}`, {
      cause: error,
      ...hint,
    });
  }
}
