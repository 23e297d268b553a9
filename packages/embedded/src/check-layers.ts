/** The files of an embedded image, held against its manifest. */

import { createReadStream, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { ContentCheck, type OperationOptions } from '@kubecrate/content';
import { fileError, isMissing, KubecrateError, NotFoundError } from '@kubecrate/errors';
import { resolveInside } from '@kubecrate/files';
import type { Digest } from '@kubecrate/oci';
import { type EmbeddedLayer, invalid } from './embedded-manifest.ts';

/**
 * Checks that every layer is there, is what it is said to be, and lies inside `directory`, links followed.
 * @returns the bytes of all layers but the first
 * @throws KubecrateError INVALID_MANIFEST, UNSAFE_PATH, SIZE_MISMATCH, DIGEST_MISMATCH
 */
export async function checkLayers(
  directory: string,
  [root, ...others]: readonly EmbeddedLayer[],
  options: OperationOptions,
): Promise<number> {
  if (root?.kind === 'squashfs') {
    const found = await statOf(root.pathInHost, root.pathInHost);
    if (!found.isBlockDevice()) throw invalid('layer is not block device', root.pathInHost);
  }
  let bytes = 0;
  for (const layer of others) bytes += await checkLayer(directory, layer, options);
  return bytes;
}

async function checkLayer(directory: string, layer: EmbeddedLayer, { signal }: OperationOptions): Promise<number> {
  signal?.throwIfAborted();
  const { kind, pathInHost, size, digest } = layer;
  const path = await realPath(directory, pathInHost);
  const found = await statOf(path, pathInHost);
  if (kind === 'directory') {
    if (!found.isDirectory()) throw invalid('layer(except first layer) is not a directory', pathInHost);
    return 0;
  }
  if (!found.isFile()) throw invalid('layer(except first layer) is not a regular file', pathInHost);
  if (size !== 0 && size !== found.size) {
    const message = `layer ${JSON.stringify(pathInHost)} should have ${size} bytes but has ${found.size}`;
    throw new KubecrateError('SIZE_MISMATCH', message);
  }
  if (digest !== undefined) await checkDigest(path, { digest, size: found.size, pathInHost }, { signal });
  return found.size;
}

async function checkDigest(
  path: string,
  { digest, size, pathInHost }: { readonly digest: Digest; readonly size: number; readonly pathInHost: string },
  { signal }: OperationOptions,
): Promise<void> {
  const check = new ContentCheck({ mediaType: 'application/octet-stream', digest, size });
  try {
    const content = createReadStream(path);
    await pipeline(
      content,
      async (chunks: AsyncIterable<Uint8Array>) => {
        for await (const chunk of chunks) check.update(chunk);
      },
      signal === undefined ? {} : { signal },
    );
    check.finish();
  } catch (cause) {
    signal?.throwIfAborted();
    if (!(cause instanceof KubecrateError)) throw fileError(`cannot read the layer ${JSON.stringify(path)}`, cause);
    const message = `Invalid content in manifest: layer(except first layer) has invalid digest: ${JSON.stringify(pathInHost)}: ${cause.message}`;
    throw new KubecrateError(cause.code, message, { cause });
  }
}

async function realPath(directory: string, path: string): Promise<string> {
  try {
    return await resolveInside(directory, path);
  } catch (error) {
    if (error instanceof NotFoundError) throw invalid('layer not exists', path);
    throw error;
  }
}

async function statOf(path: string, shown: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) throw invalid('layer not exists', shown);
    throw fileError(`cannot read the layer ${JSON.stringify(path)}`, error);
  }
}
