/** Filling a store with fixtures. */

import { Readable } from 'node:stream';
import type { Descriptor } from '@kubecrate/oci';
import type { OperationOptions, Store, Target } from '../target.ts';
import type { BlobFixture, ManifestFixture } from './manifest-fixture.ts';

/** Pushes one piece of content as it is. */
export async function pushBlob(store: Store, blob: BlobFixture, options: OperationOptions = {}): Promise<void> {
  await store.push(blob.descriptor, streamOf(blob.bytes), options);
}

/** Pushes a manifest and everything under it, children before parents, and gives it the tag if there is one. */
export async function pushImage(
  target: Target,
  manifest: ManifestFixture,
  tag?: string,
  options: OperationOptions = {},
): Promise<Descriptor> {
  for (const child of manifest.manifests) await pushImage(target, child, undefined, options);
  for (const blob of manifest.blobs) await pushBlob(target, blob, options);
  await pushBlob(target, manifest, options);
  if (tag !== undefined) await target.tag(manifest.descriptor, tag, options);
  return manifest.descriptor;
}

/** Bytes as a stream, in chunks of at most 64 KiB. */
export function streamOf(bytes: Uint8Array): Readable {
  return Readable.from(chunksOf(bytes), { objectMode: false });
}

/** All bytes of a stream. */
export async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** All items of a listing, in its order. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += CHUNK) yield bytes.subarray(start, start + CHUNK);
}

const CHUNK = 64 * 1024;
