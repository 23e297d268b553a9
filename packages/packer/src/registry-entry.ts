/** The files of a registry directory that go into an image, and how they look in a layer. */

import { comparePaths, type TreeEntry } from '@kubecrate/files';
import type { Digest } from '@kubecrate/oci';

/** The bytes of a file: as they are, or the blob that they are. */
export type RegistryContent =
  | { readonly kind: 'literal'; readonly bytes: Uint8Array }
  | { readonly kind: 'blob'; readonly digest: Digest; readonly size: number };

/** One file of a registry directory. */
export interface RegistryEntry {
  /** Relative to the root directory of the registry. */
  readonly path: string;
  readonly content: RegistryContent;
}

/** An entry of a layer; directories have no content. */
export interface LayerEntry {
  readonly entry: TreeEntry;
  readonly content?: RegistryContent;
}

/** Where the registry directory is in a cluster image. */
export const REGISTRY_ROOT = 'registry';

/**
 * The entries of a layer that holds these files: the directories above them too, so that a layer is whole by itself and its bytes
 * depend on nothing else; all of root, 0644 and 0755, and of the year 1970: a date would make every layer of every build a new one.
 */
export function layerEntries(files: readonly RegistryEntry[]): readonly LayerEntry[] {
  const entries = new Map<string, LayerEntry>();
  for (const { path, content } of files) {
    const place = `${REGISTRY_ROOT}/${path}`;
    for (let parent = parentOf(place); parent !== '' && !entries.has(parent); parent = parentOf(parent)) {
      entries.set(parent, { entry: entryOf(parent, 'directory', 0) });
    }
    const size = content.kind === 'blob' ? content.size : content.bytes.byteLength;
    entries.set(place, { entry: entryOf(place, 'file', size), content });
  }
  return [...entries.values()].sort((a, b) => comparePaths(a.entry.path, b.entry.path));
}

function entryOf(path: string, type: 'file' | 'directory', size: number): TreeEntry {
  return { path, type, size, mode: type === 'file' ? 0o644 : 0o755, uid: 0, gid: 0, mtime: 0 };
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}
