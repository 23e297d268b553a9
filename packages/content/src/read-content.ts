/** Reading small content whole: manifests, indexes, configurations. */

import { KubecrateError, messageOf } from '@kubecrate/errors';
import { type Descriptor, MAX_MANIFEST_SIZE, type Manifest, parseManifest } from '@kubecrate/oci';
import type { Fetcher, OperationOptions } from './target.ts';
import { ContentCheck } from './verify.ts';

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
