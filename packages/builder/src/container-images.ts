/** The container images of a cluster image: found in its files, saved into the store. */

import { type DiscoveredImage, type Discovery, discoverImages } from '@kubecrate/discovery';
import { type Descriptor, type Digest, type Platform, parseReference } from '@kubecrate/oci';
import { framingOf, openImageTree } from '@kubecrate/packer';
import { blobEntryOf, refuseFailures, type SavedImage, saveInto, viewStore } from '@kubecrate/saver';
import type { BuildOptions, BuildTools } from './build-options.ts';
import { MIN_OWN_LAYER } from './registry-layers.ts';
import type { StageImage } from './stage-image.ts';

export interface SavedContainerImages {
  readonly discovery: Discovery;
  /** Those that were to be saved: `possible` images are listed, not saved. */
  readonly images: readonly DiscoveredImage[];
  readonly saved: readonly SavedImage[];
  /** The digests of single-blob layers that were computed while the blobs passed. */
  readonly framed: ReadonlyMap<Digest, Digest>;
}

/** Discovers what the files of the image need and brings it into the store. */
export async function saveContainerImages(
  image: StageImage,
  platform: Platform,
  options: BuildOptions,
  { store, registries, temporary, onEvent, signal }: BuildTools,
): Promise<SavedContainerImages> {
  const discovery = await discoverIn(image, options, { store, temporary, signal });
  for (const { severity, file, line, message } of discovery.diagnostics) {
    if (severity === 'warning')
      onEvent({ type: 'warning', message: `${file}${line === undefined ? '' : `:${line}`}: ${message}` });
  }
  const images = options.mode === 'lite' ? [] : discovery.images.filter(({ confidence }) => confidence !== 'possible');
  const framed = new Map<Digest, Digest>();
  const saved = await saveInto(
    images.map(({ image: name }) => ({ image: name, reference: parseReference(name) })),
    viewStore(store),
    {
      from: registries,
      naming: options.naming,
      platforms: [platform],
      onMissingPlatform: options.onMissingPlatform,
      framingOf: (blob: Descriptor) =>
        blob.size < MIN_OWN_LAYER ? undefined : framingOf(blobEntryOf(blob).path, blob),
      onFramed: (blob, digest) => framed.set(blob.digest, digest),
      onEvent,
      signal,
    },
  );
  refuseFailures(saved);
  return { discovery, images, saved, framed };
}

/** Finds what the files of an image need. */
export async function discoverIn(
  image: StageImage,
  { imageLists, ignored }: Pick<BuildOptions, 'imageLists' | 'ignored'>,
  { store, temporary, signal }: Pick<BuildTools, 'store' | 'temporary' | 'signal'>,
): Promise<Discovery> {
  const layers = image.layers.map(({ descriptor }) => descriptor);
  await using tree = await openImageTree(store, layers, { tempDirectory: temporary, signal });
  return await discoverImages(tree, { lists: imageLists, ...(ignored === undefined ? {} : { ignored }), signal });
}
