/** The registry directory of a cluster image as layers: blobs that the base has already are not packed again. */

import type { FileTree } from '@kubecrate/files';
import type { Digest } from '@kubecrate/oci';
import { type PackedLayer, packRegistry, REGISTRY_ROOT, type RegistryEntry } from '@kubecrate/packer';
import { registryEntriesOf, type SavedContents } from '@kubecrate/saver';
import type { BuildTools } from './build-options.ts';

/** A blob of this many bytes is a layer of its own. */
export const MIN_OWN_LAYER: number = 1024 * 1024;

/** Layers that overlayfs mounts for one container image, less a few that runtimes add. */
const MAX_LAYERS = 120;

/** Layers of small blobs, by the first digit of their digest, and the one of links. */
const GROUPED_LAYERS = 17;

/** Packs what `rootfs`, the files below, does not have yet, in the order in which the layers lie above it. */
export async function packImages(
  saved: readonly SavedContents[],
  rootfs: FileTree,
  options: { readonly framed: ReadonlyMap<Digest, Digest>; readonly layersBelow: number },
  { store, temporary, signal }: BuildTools,
): Promise<readonly PackedLayer[]> {
  const entries: RegistryEntry[] = [];
  for (const entry of registryEntriesOf(saved)) if (!(await isThere(rootfs, entry))) entries.push(entry);
  if (entries.length === 0) return [];
  return packRegistry(entries, store, {
    manifests: new Set(saved.flatMap(manifestsOf)),
    threshold: MIN_OWN_LAYER,
    maxSingles: Math.max(0, Math.min(100, MAX_LAYERS - GROUPED_LAYERS - options.layersBelow)),
    framed: options.framed,
    tempDirectory: temporary,
    signal,
  });
}

function manifestsOf({ result }: SavedContents): readonly Digest[] {
  return result.status === 'failed' ? [] : result.content.manifests.map(({ digest }) => digest);
}

/** True where a layer of the base has the file: blobs are known by their names, links by their few bytes. */
async function isThere(rootfs: FileTree, { path, content }: RegistryEntry): Promise<boolean> {
  const place = `${REGISTRY_ROOT}/${path}`;
  const entry = await rootfs.stat(place);
  if (entry?.type !== 'file') return false;
  if (content.kind === 'blob') return entry.size === content.size;
  if (entry.size !== content.bytes.byteLength) return false;
  const chunks: Uint8Array[] = [];
  for await (const chunk of await rootfs.open(place)) chunks.push(chunk);
  return Buffer.concat(chunks).equals(content.bytes);
}
