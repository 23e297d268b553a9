/** The files of a registry directory as data: what a layer that carries one is made of. */

import type { Descriptor, Digest } from '@kubecrate/oci';
import { blobDataPath, layerLinkPath, revisionLinkPath, tagCurrentPath, tagIndexPath } from './paths.ts';

/** What one repository serves. */
export interface RepositoryContents {
  readonly repository: string;
  readonly tags: readonly { readonly tag: string; readonly digest: Digest }[];
  /** Every manifest and index that can be pulled by digest: the tagged ones and the children. */
  readonly manifests: readonly Descriptor[];
  /** Every configuration and layer. */
  readonly blobs: readonly Descriptor[];
}

/** One file: its bytes, or the blob that it is. */
export interface RegistryEntry {
  /** Relative to the registry's root directory. */
  readonly path: string;
  readonly content:
    | { readonly kind: 'literal'; readonly bytes: Uint8Array }
    | { readonly kind: 'blob'; readonly digest: Digest; readonly size: number };
}

/**
 * The files of a registry directory that serves `repositories`: links, and the data of every manifest and blob once.
 * In ascending order of their paths, which depends on nothing but the contents.
 */
export function registryLinkEntries(repositories: Iterable<RepositoryContents>): readonly RegistryEntry[] {
  const entries = new Map<string, RegistryEntry>();
  const add = (path: string, content: RegistryEntry['content']): void => void entries.set(path, { path, content });
  const link = (path: string, digest: Digest): void => add(path, { kind: 'literal', bytes: Buffer.from(digest) });
  const data = ({ digest, size }: Descriptor): void => add(blobDataPath(digest), { kind: 'blob', digest, size });
  for (const { repository, tags, manifests, blobs } of repositories) {
    for (const blob of blobs) {
      data(blob);
      link(layerLinkPath(repository, blob.digest), blob.digest);
    }
    for (const manifest of manifests) {
      data(manifest);
      link(revisionLinkPath(repository, manifest.digest), manifest.digest);
    }
    for (const { tag, digest } of tags) {
      link(tagIndexPath(repository, tag, digest), digest);
      link(tagCurrentPath(repository, tag), digest);
    }
  }
  return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
