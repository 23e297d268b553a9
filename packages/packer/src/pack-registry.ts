/** A registry directory to layers, in a store that has its blobs. */

import { Readable } from 'node:stream';
import { isDescriber, readContent, type Store } from '@kubecrate/content';
import type { TarInput } from '@kubecrate/files';
import type { Descriptor, Digest } from '@kubecrate/oci';
import { blobDescriptor, type DescribedLayer, describeLayers, readParts } from './describe-layers.ts';
import { type PackOptions, packFiles } from './pack-files.ts';
import type { PackedLayer } from './packed-layer.ts';
import { planRegistryLayers, type RegistryPlanOptions } from './plan-registry-layers.ts';
import { layerEntries, type RegistryEntry } from './registry-entry.ts';

export interface PackRegistryOptions extends RegistryPlanOptions, Pick<PackOptions, 'tempDirectory' | 'signal'> {
  /** As in {@link describeLayers}. */
  readonly framed?: ReadonlyMap<Digest, Digest>;
}

/**
 * Packs the files of a registry directory below `registry/`: plain tars, as their content is packed already.
 * Layers of blobs are kept as recipes where the store takes them, so that no blob is written twice; the last layer, of links and
 * manifests, is small and stored.
 * @throws NotFoundError where the store lacks a blob
 */
export async function packRegistry(
  entries: readonly RegistryEntry[],
  store: Store,
  options: PackRegistryOptions,
): Promise<readonly PackedLayer[]> {
  const plan = planRegistryLayers(entries, options);
  const layers = await describeLayers(plan.blobs, store, options);
  await Promise.all(layers.map((layer) => keep(layer, store, options)));
  const packed = layers.map(({ descriptor, diffId }) => ({ descriptor, diffId }));
  if (plan.links.length === 0) return packed;
  const links = await packFiles(tarInputs(plan.links, store, options), store, { ...options, compression: 'none' });
  return [...packed, links];
}

async function keep({ descriptor, recipe }: DescribedLayer, store: Store, options: PackRegistryOptions): Promise<void> {
  options.signal?.throwIfAborted();
  if (await store.exists(descriptor, options)) return;
  if (isDescriber(store)) await store.describe(descriptor, recipe);
  else await store.push(descriptor, readParts(recipe.parts, store, options), options);
}

function tarInputs(files: readonly RegistryEntry[], store: Store, options: PackRegistryOptions): readonly TarInput[] {
  return layerEntries(files).map(({ entry, content }): TarInput => {
    if (content === undefined) return { entry };
    if (content.kind === 'literal') return { entry, bytes: content.bytes };
    return { entry, open: () => openContent(blobDescriptor(content), store, options) };
  });
}

/** Nearly all of them are manifests: read at once, where streams would cost more than what they carry. */
async function openContent(descriptor: Descriptor, store: Store, options: PackRegistryOptions): Promise<Readable> {
  if (descriptor.size > SMALL) return await store.fetch(descriptor, options);
  return Readable.from([await readContent(store, descriptor, options)], { objectMode: false });
}

/** Bytes. */
const SMALL = 64 * 1024;
