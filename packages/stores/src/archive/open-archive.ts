/** Opening an image archive of any kind and age, to read it in place. */

import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { OperationOptions } from '@kubecrate/content';
import { fileError, KubecrateError, toldWith } from '@kubecrate/errors';
import {
  type Compression,
  decompress,
  detectCompression,
  openAtomicFile,
  type TempDirectory,
  tempDirectory,
} from '@kubecrate/files';
import type { StoredFiles } from '../files/stored-files.ts';
import { INDEX_FILE, LAYOUT_FILE } from '../layout/layout-index.ts';
import { OciLayoutFiles } from '../layout/oci-layout-files.ts';
import { DOCKER_MANIFEST_FILE, readDockerImages } from './docker-images.ts';
import { type ArchiveContents, type ArchiveFormat, ImageArchive } from './image-archive.ts';
import { LEGACY_FILE, readLegacyImages } from './legacy-images.ts';
import { tarFiles } from './tar-files.ts';

export interface OpenArchiveOptions extends OperationOptions {
  /** Where an archive that is compressed as a whole is unpacked while it is open. Default: the directory of the file. */
  readonly temporaryDirectory?: string | undefined;
  /** What is read where the archive is several things at once. Default: an OCI layout, if it is one. */
  readonly format?: 'oci-archive' | 'docker-archive' | undefined;
}

/**
 * Opens an OCI archive or a docker archive, also one that is compressed as a whole (gzip, zstd, xz, bzip2).
 * @throws KubecrateError INVALID_ARCHIVE, UNSAFE_PATH, LIMIT_EXCEEDED, UNSUPPORTED; NOT_FOUND, DENIED, IO
 */
export async function openArchive(file: string, options: OpenArchiveOptions = {}): Promise<ImageArchive> {
  options.signal?.throwIfAborted();
  const unpacked = await unpack(file, options);
  try {
    const files = await tarFiles(unpacked === undefined ? file : join(unpacked.path, UNPACKED), {
      where: file,
      signal: options.signal,
    });
    const format = await formatOf(files, options.format);
    return new ImageArchive(format, await CONTENTS[format](files, options), unpacked);
  } catch (error) {
    await unpacked?.[Symbol.asyncDispose]();
    throw error;
  }
}

/** Opens an archive that has to be, or to hold, an OCI layout. */
export function openOciArchive(file: string, options: OpenArchiveOptions = {}): Promise<ImageArchive> {
  return openArchive(file, { ...options, format: 'oci-archive' });
}

/** Opens an archive that `docker load` reads: its manifests are made on the spot, the digests of its layers are kept. */
export function openDockerArchive(file: string, options: OpenArchiveOptions = {}): Promise<ImageArchive> {
  return openArchive(file, { ...options, format: 'docker-archive' });
}

const CONTENTS: Readonly<
  Record<ArchiveFormat, (files: StoredFiles, options: OperationOptions) => Promise<ArchiveContents>>
> = {
  'oci-archive': async (files, options) => {
    const layout = new OciLayoutFiles(files);
    await layout.check(options);
    return layout;
  },
  'docker-archive': readDockerImages,
  'docker-archive-legacy': readLegacyImages,
};

const UNPACKED = 'archive.tar';

async function formatOf(files: StoredFiles, wanted: OpenArchiveOptions['format']): Promise<ArchiveFormat> {
  const has = async (path: string): Promise<boolean> => (await files.size(path)) !== undefined;
  if (wanted !== 'docker-archive' && (await has(LAYOUT_FILE)) && (await has(INDEX_FILE))) return 'oci-archive';
  if (wanted !== 'oci-archive' && (await has(DOCKER_MANIFEST_FILE))) return 'docker-archive';
  if (wanted !== 'oci-archive' && (await has(LEGACY_FILE))) return 'docker-archive-legacy';
  throw new KubecrateError(
    'INVALID_ARCHIVE',
    `${JSON.stringify(files.where)} is no ${wanted ?? 'image archive'}: it has ${
      wanted === 'oci-archive'
        ? `no ${LAYOUT_FILE} and ${INDEX_FILE}`
        : `none of ${INDEX_FILE}, ${DOCKER_MANIFEST_FILE} and ${LEGACY_FILE}`
    }`,
    { hint: 'give a file that docker save, podman save, skopeo or kubecrate save wrote' },
  );
}

/** The archive without its compression, in a directory of its own; undefined where it is not compressed. */
async function unpack(
  file: string,
  { temporaryDirectory = dirname(file), signal }: OpenArchiveOptions,
): Promise<TempDirectory | undefined> {
  try {
    const compression = await compressionOf(file);
    if (compression === 'none') return undefined;
    const directory = await tempDirectory(temporaryDirectory);
    try {
      await using unpacked = await openAtomicFile(join(directory.path, UNPACKED));
      await using packed = await open(file, 'r');
      const content = decompress(packed.createReadStream({ autoClose: false }), compression);
      await pipeline(content, unpacked.writable(), { ...(signal === undefined ? {} : { signal }) });
      await unpacked.commit();
      return directory;
    } catch (error) {
      await directory[Symbol.asyncDispose]();
      throw error;
    }
  } catch (error) {
    signal?.throwIfAborted();
    const tried = `cannot read the archive ${JSON.stringify(file)}`;
    throw error instanceof KubecrateError ? toldWith(tried, error) : fileError(tried, error);
  }
}

async function compressionOf(file: string): Promise<Compression> {
  await using handle = await open(file, 'r');
  const first = Buffer.alloc(16);
  const { bytesRead } = await handle.read(first, 0, first.byteLength, 0);
  return detectCompression(first.subarray(0, bytesRead));
}
