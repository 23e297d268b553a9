/** Layers of blobs that a store has: their digests, and the recipes that stand for their bytes. */

import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  type Fetcher,
  isLocator,
  isRecipeFinder,
  type OperationOptions,
  type ReadOnlyStore,
  type Recipe,
  type RecipePart,
  type Segment,
  sizeOfParts,
} from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import { type Descriptor, type Digest, digestFrom, MEDIA_TYPES } from '@kubecrate/oci';
import { hashSegments } from './hash-segments.ts';
import { layerParts } from './layer-parts.ts';
import type { PackedLayer } from './packed-layer.ts';
import type { RegistryEntry } from './registry-entry.ts';

/** A plain tar whose bytes need not be stored: the recipe tells them. */
export interface DescribedLayer extends PackedLayer {
  readonly recipe: Recipe;
}

export interface DescribeOptions extends OperationOptions {
  /**
   * Digests that are known already, by the digest of the blob: of the layer that holds it alone.
   * Computed over the blob within its {@link framingOf}; trusted.
   */
  readonly framed?: ReadonlyMap<Digest, Digest>;
}

/**
 * Describes one layer for each group of files. A digest that is not known is asked of the store, if it remembers, else computed
 * over the blobs where they lie on disk, several layers at a time.
 * @throws NotFoundError where the store lacks a blob; KubecrateError SIZE_MISMATCH where it has another size
 */
export async function describeLayers(
  groups: readonly (readonly RegistryEntry[])[],
  store: ReadOnlyStore,
  options: DescribeOptions = {},
): Promise<readonly DescribedLayer[]> {
  options.signal?.throwIfAborted();
  const directories = new Map<string, Buffer>();
  const layers = groups.map((files) => layerParts(files, directories));
  const known = await Promise.all(layers.map((parts) => knownDigest(parts, store, options)));
  const unknown = layers.filter((_, i) => known[i] === undefined);
  const computed = (await digestsOf(unknown, store, options)).values();
  return layers.map((parts, i) => describedLayer(parts, known[i] ?? next(computed)));
}

/** The bytes that parts stand for, the blobs read from a store. */
export function readParts(parts: readonly RecipePart[], store: Fetcher, options: OperationOptions = {}): Readable {
  return Readable.from(partBytes(parts, store, options), { objectMode: false });
}

function describedLayer(parts: readonly RecipePart[], digest: Digest): DescribedLayer {
  const size = sizeOfParts(parts);
  return {
    descriptor: { mediaType: MEDIA_TYPES.ociLayer, digest, size },
    diffId: digest,
    recipe: { digest, size, parts },
  };
}

async function knownDigest(
  parts: readonly RecipePart[],
  store: ReadOnlyStore,
  { framed }: DescribeOptions,
): Promise<Digest | undefined> {
  const blobs = parts.filter((part) => part.kind === 'blob');
  const [only] = blobs;
  const given = blobs.length === 1 && only !== undefined ? framed?.get(only.digest) : undefined;
  return given ?? (isRecipeFinder(store) ? await store.digestOfParts(parts) : undefined);
}

async function digestsOf(
  layers: readonly (readonly RecipePart[])[],
  store: ReadOnlyStore,
  options: OperationOptions,
): Promise<readonly Digest[]> {
  const located = await Promise.all(layers.map((parts) => locateParts(parts, store, options)));
  const onDisk = located.filter((segments) => segments !== undefined);
  const hashed = (await hashSegments(onDisk, options)).values();
  const digests: Digest[] = [];
  for (const [i, parts] of layers.entries()) {
    digests.push(located[i] === undefined ? await hashStream(parts, store, options) : next(hashed));
  }
  return digests;
}

async function locateParts(
  parts: readonly RecipePart[],
  store: ReadOnlyStore,
  options: OperationOptions,
): Promise<readonly Segment[] | undefined> {
  if (!isLocator(store)) return undefined;
  const segments: Segment[] = [];
  for (const part of parts) {
    const found = part.kind === 'literal' ? [part] : await store.locate(blobDescriptor(part), options);
    if (found === undefined) return undefined;
    const size = found.reduce((sum, segment) => sum + sizeOfSegment(segment), 0);
    if (part.kind === 'blob' && size !== part.size) throw wrongSize(part, size);
    segments.push(...found);
  }
  return segments;
}

async function hashStream(
  parts: readonly RecipePart[],
  store: ReadOnlyStore,
  options: OperationOptions,
): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of partBytes(parts, store, options)) hash.update(chunk);
  return digestFrom(hash);
}

async function* partBytes(
  parts: readonly RecipePart[],
  store: Fetcher,
  options: OperationOptions,
): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    options.signal?.throwIfAborted();
    if (part.kind === 'literal') {
      yield part.bytes;
      continue;
    }
    let seen = 0;
    for await (const chunk of await store.fetch(blobDescriptor(part), options)) {
      seen += chunk.byteLength;
      yield chunk;
    }
    if (seen !== part.size) throw wrongSize(part, seen);
  }
}

type BlobPart = Extract<RecipePart, { kind: 'blob' }>;

/** A blob of a registry may be anything, also a manifest; its digest finds it. */
export function blobDescriptor({ digest, size }: BlobPart): Descriptor {
  return { mediaType: 'application/octet-stream', digest, size };
}

function sizeOfSegment(segment: Segment): number {
  return segment.kind === 'literal' ? segment.bytes.byteLength : segment.length;
}

function wrongSize({ digest, size }: BlobPart, actual: number): KubecrateError {
  return new KubecrateError(
    'SIZE_MISMATCH',
    `the blob ${digest} should have ${size} bytes but the store has ${actual}`,
    {
      hint: 'run: kubecrate verify',
    },
  );
}

function next(digests: Iterator<Digest>): Digest {
  const { value, done } = digests.next();
  if (done === true) throw new RangeError('fewer digests than layers');
  return value;
}
