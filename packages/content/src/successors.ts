/** What is under a manifest. The one place that knows which parts of a manifest are content to move. */

import { type Descriptor, isForeignLayerMediaType, isManifestMediaType, type Manifest } from '@kubecrate/oci';

/** The content directly under a manifest, in the order it is written. */
export interface Successors {
  /** Child manifests and indexes. */
  readonly manifests: readonly Descriptor[];
  /** Configuration and layers that the registry serves; foreign layers are left where their URLs are. */
  readonly blobs: readonly Descriptor[];
}

/** The subject of a manifest is not under it: it points up. */
export function successorsOf(manifest: Manifest): Successors {
  if (manifest.kind === 'index') {
    return {
      manifests: manifest.manifests.filter(({ mediaType }) => isManifestMediaType(mediaType)),
      blobs: manifest.manifests.filter(({ mediaType }) => !isManifestMediaType(mediaType)),
    };
  }
  const layers = manifest.layers.filter(
    ({ mediaType, urls }) => !isForeignLayerMediaType(mediaType) || urls === undefined,
  );
  return { manifests: [], blobs: [manifest.config, ...layers] };
}
