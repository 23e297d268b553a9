/** A layer of a docker archive: plain as docker saves it, or compressed as others do. */

import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { OperationOptions } from '@kubecrate/content';
import { hasCode } from '@kubecrate/errors';
import { type Compression, decompress, detectCompression } from '@kubecrate/files';
import { type Digest, digestFrom, MEDIA_TYPES } from '@kubecrate/oci';
import type { StoredFiles } from '../files/stored-files.ts';
import { readSegments } from '../segments/read-segments.ts';
import { invalidArchive } from './archive-file.ts';
import type { MadeContent } from './made-images.ts';

export interface ReadLayerOptions extends OperationOptions {
  /** What the configuration says is the digest of the unpacked layer. */
  readonly diffId: Digest | undefined;
}

/**
 * The descriptor of a layer. Of a plain one the diffId is the digest, which whoever stores the layer verifies; a compressed one is
 * read once, and its diffId checked.
 * @throws KubecrateError INVALID_ARCHIVE, DIGEST_MISMATCH
 */
export async function readLayer(files: StoredFiles, path: string, options: ReadLayerOptions): Promise<MadeContent> {
  const size = await files.size(path);
  if (size === undefined) throw invalidArchive(files.where, `it has no layer ${JSON.stringify(path)}`);
  const compression = detectCompression(await firstBytes(files, path, size));
  const mediaType = MEDIA_TYPE_OF[compression];
  if (mediaType === undefined) {
    throw invalidArchive(files.where, `layer ${JSON.stringify(path)} is compressed with ${compression}`);
  }
  if (compression === 'none' && options.diffId !== undefined) {
    return { descriptor: { mediaType, digest: options.diffId, size }, path };
  }
  const digest = await hashOf(await files.open(path, 0, options));
  if (compression !== 'none') await checkDiffId(files, path, compression, options);
  return { descriptor: { mediaType, digest, size }, path };
}

async function checkDiffId(
  files: StoredFiles,
  path: string,
  compression: Compression,
  { diffId, signal }: ReadLayerOptions,
): Promise<void> {
  try {
    const actual = await hashOf(decompress(await files.open(path, 0, { signal }), compression));
    if (actual === diffId) return;
    throw invalidArchive(
      files.where,
      `layer ${JSON.stringify(path)} unpacks to ${actual}, the configuration says ${diffId ?? 'nothing'}`,
    );
  } catch (error) {
    // A compression that this machine cannot undo; whoever unpacks the layer checks it.
    if (!hasCode(error, 'UNSUPPORTED')) throw error;
  }
}

async function hashOf(content: Readable): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of content) hash.update(chunk);
  return digestFrom(hash);
}

async function firstBytes(files: StoredFiles, path: string, size: number): Promise<Buffer> {
  const segment = await files.segment(path);
  if (segment?.kind !== 'file') return Buffer.alloc(0);
  const wanted = { ...segment, length: Math.min(size, MAGIC_SIZE) };
  const chunks: Buffer[] = [];
  for await (const chunk of readSegments([wanted])) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const MAGIC_SIZE = 16;

const MEDIA_TYPE_OF: Readonly<Partial<Record<Compression, string>>> = {
  none: MEDIA_TYPES.ociLayer,
  gzip: MEDIA_TYPES.ociLayerGzip,
  zstd: MEDIA_TYPES.ociLayerZstd,
};
