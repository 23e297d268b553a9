/** A layer of an image as its manifest and its configuration name it. */

import type { Descriptor, Digest } from '@kubecrate/oci';

export interface PackedLayer {
  /** The layer as it is stored: what the manifest names. */
  readonly descriptor: Descriptor;
  /** The digest of its tar without compression: what the configuration names (OCI image-spec config.md, "Layer DiffID"). */
  readonly diffId: Digest;
}
