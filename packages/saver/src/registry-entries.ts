/** What was saved, as the files of a registry directory. */

import type { Descriptor } from '@kubecrate/oci';
import { blobDataPath, type RegistryEntry, type RepositoryContents, registryLinkEntries } from '@kubecrate/stores';
import type { NamedImage } from './name-plan.ts';
import type { SavedImage } from './save-images.ts';

/** What was saved under one name: an image, or anything else that was copied. */
export interface SavedContents {
  readonly named: Pick<NamedImage, 'repository'>;
  readonly result: SavedImage['result'];
}

/** The files that serve the saved images, sorted by path; images that failed have none. */
export function registryEntriesOf(saved: readonly SavedContents[]): readonly RegistryEntry[] {
  return registryLinkEntries(saved.flatMap(contentsOf));
}

/** The file that holds a blob. */
export function blobEntryOf({ digest, size }: Descriptor): RegistryEntry {
  return { path: blobDataPath(digest), content: { kind: 'blob', digest, size } };
}

/** What the repository of one saved name serves. */
function contentsOf({ named, result }: SavedContents): readonly RepositoryContents[] {
  if (result.status === 'failed') return [];
  const tags = result.tags.map(({ tag, descriptor }) => ({ tag, digest: descriptor.digest }));
  return [{ repository: named.repository, tags, ...result.content }];
}
