/** Everything that one directory `manifests` holds. */

import type { OperationOptions } from '@kubecrate/content';
import { type Digest, isDigest, isTag } from '@kubecrate/oci';
import type { StoredFiles } from '../files/stored-files.ts';
import { type BrokenManifest, type FoundManifest, readManifestFile } from './manifest-file.ts';
import { LAYOUT, manifestPath, manifestsPath } from './paths.ts';
import { type FolderPlace, readLayout, readTag } from './read-tag.ts';

/** One repository in one folder, every file read. */
export interface ManifestsFolder extends FolderPlace {
  readonly tags: ReadonlyMap<string, FoundManifest>;
  readonly digests: ReadonlyMap<Digest, FoundManifest>;
  /** The file `layout` where it is broken: which tags there are is then not known. */
  readonly layout?: BrokenManifest;
}

export async function readFolder(
  files: StoredFiles,
  place: FolderPlace,
  options: OperationOptions = {},
): Promise<ManifestsFolder> {
  const { folder, repository } = place;
  const names = await files.names(manifestsPath(folder, repository), 'file');
  const layout = await readLayout(files, place, options);
  const listed = layout.state === 'listed' ? [...layout.tags.keys()] : [];
  const own = names.filter((name) => isTag(name) && (name !== LAYOUT || layout.state === 'manifest'));
  const tags = new Map<string, FoundManifest>();
  for (const tag of new Set([...listed, ...own])) {
    const found = await readTag(files, { ...place, tag, layout }, options);
    if (found !== undefined) tags.set(tag, found);
  }
  const digests = new Map<Digest, FoundManifest>();
  for (const digest of names.filter(isDigest)) {
    const found = await readManifestFile(files, manifestPath(folder, repository, digest), options);
    if (found !== undefined) digests.set(digest, found);
  }
  return { ...place, tags, digests, ...(layout.state === 'broken' ? { layout: layout.broken } : {}) };
}
