/** Embedded images beside the others: kept with the store, shown like them. */

import { join } from 'node:path';
import type { EmbeddedImage, EmbeddedImages } from '@kubecrate/embedded';
import type { ImageStore } from '@kubecrate/image-store';
import type { ImageReport } from './image-report.ts';
import type { ImageRow } from './image-table.ts';

/** The embedded images of a store. */
export async function openEmbedded(store: Pick<ImageStore, 'directory' | 'workDirectory'>): Promise<EmbeddedImages> {
  const { openEmbeddedImages } = await import('@kubecrate/embedded');
  return openEmbeddedImages(join(store.directory, 'embedded'), () => store.workDirectory());
}

/** As a line of the table of images. */
export function embeddedRow({ digest, manifest, size }: EmbeddedImage): ImageRow {
  return { id: digest, names: [manifest.imageName], created: manifest.created, size };
}

/** As `--output json` has it. */
export function embeddedReport({ digest, manifest, size }: EmbeddedImage): ImageReport {
  const { imageName, created, document } = manifest;
  const mediaType = String(document['mediaType']);
  return { id: digest, names: [imageName], digest, mediaType, created, size, platforms: [], labels: {} };
}
