/** Files to a layer: a tar whose bytes depend on nothing but its entries, pushed into a store. */

import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isLinker, type OperationOptions, type Store } from '@kubecrate/content';
import { fileError } from '@kubecrate/errors';
import { comparePaths, gzipReproducible, type TarInput, tempDirectory, writeTar } from '@kubecrate/files';
import { type Descriptor, digestFrom, MEDIA_TYPES } from '@kubecrate/oci';
import type { PackedLayer } from './packed-layer.ts';

export interface PackOptions extends OperationOptions {
  /** Where the layer lies until it is stored; best on the file system of the store, which then takes it by a link. */
  readonly tempDirectory: string;
  /** `gzip` unless given. */
  readonly compression?: 'gzip' | 'none';
}

/**
 * Packs entries into one layer and pushes it. Their order does not matter; of two entries of one path the later counts.
 * The file of a hard link has to sort before it.
 *
 * Owners, times and permission bits are those of the entries. Permission bits of files on disk are part of the input, as they are for
 * Docker and buildah: two checkouts made under different umasks are different input, which `--chmod` makes equal.
 * @throws KubecrateError UNSUPPORTED for a device, SIZE_MISMATCH for a file that changes while it is read
 */
export async function packFiles(
  inputs: AsyncIterable<TarInput> | Iterable<TarInput>,
  store: Store,
  options: PackOptions,
): Promise<PackedLayer> {
  const { signal, compression = 'gzip' } = options;
  signal?.throwIfAborted();
  await using directory = await tempDirectory(options.tempDirectory);
  const path = join(directory.path, 'layer');
  const unpacked: Tally = { hash: createHash('sha256'), size: 0 };
  const packed: Tally = { hash: createHash('sha256'), size: 0 };
  const tar = tallied(writeTar(await sorted(inputs)), unpacked);
  const content = compression === 'gzip' ? gzipReproducible(Readable.from(tar, { objectMode: false })) : tar;
  try {
    await pipeline(content, (source: AsyncIterable<Uint8Array>) => tallied(source, packed), createWriteStream(path), {
      signal,
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw fileError(`cannot pack a layer into ${JSON.stringify(options.tempDirectory)}`, error);
  }
  const descriptor: Descriptor = {
    mediaType: compression === 'gzip' ? MEDIA_TYPES.ociLayerGzip : MEDIA_TYPES.ociLayer,
    digest: digestFrom(packed.hash),
    size: packed.size,
  };
  await keep(descriptor, path, store, { signal });
  return { descriptor, diffId: digestFrom(unpacked.hash) };
}

interface Tally {
  readonly hash: Hash;
  size: number;
}

async function* tallied(chunks: AsyncIterable<Uint8Array>, tally: Tally): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    tally.hash.update(chunk);
    tally.size += chunk.byteLength;
    yield chunk;
  }
}

async function sorted(inputs: AsyncIterable<TarInput> | Iterable<TarInput>): Promise<readonly TarInput[]> {
  const byPath = new Map<string, TarInput>();
  for await (const input of inputs) byPath.set(input.entry.path, input);
  return [...byPath.values()].sort((a, b) => comparePaths(a.entry.path, b.entry.path));
}

async function keep(descriptor: Descriptor, path: string, store: Store, options: OperationOptions): Promise<void> {
  if (await store.exists(descriptor, options)) return;
  if (isLinker(store) && (await store.link(descriptor, path, options)) === 'linked') return;
  await store.push(descriptor, createReadStream(path, { highWaterMark: 512 * 1024 }), options);
}
