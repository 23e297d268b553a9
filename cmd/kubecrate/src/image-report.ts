/** What `--output json` says of an image of the store. */

import type { StoredImage } from '@kubecrate/image-store';
import { formatPlatform } from '@kubecrate/oci';
import { familiarName } from './image-table.ts';

export interface ImageReport {
  /** The digest of the configuration, or of the index. */
  readonly id: string;
  readonly names: readonly string[];
  /** The digest of the manifest or the index: what a registry is asked for. */
  readonly digest: string;
  readonly mediaType: string;
  readonly created?: string;
  /** Bytes. */
  readonly size: number;
  readonly platforms: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

export function reportOf({ id, names, descriptor, created, size, platforms, labels }: StoredImage): ImageReport {
  return {
    id,
    names: names.map(familiarName),
    digest: descriptor.digest,
    mediaType: descriptor.mediaType,
    ...(created === undefined ? {} : { created }),
    size,
    platforms: platforms.map(formatPlatform),
    labels,
  };
}
