/** The unique blobs that one platform of the corpus consists of. */

import { readManifest, selectPlatforms } from '@kubecrate/content';
import { type Digest, parsePlatform } from '@kubecrate/oci';
import { openRegistryDirectory } from '@kubecrate/stores';
import type { Corpus } from './corpus.ts';

export interface CorpusBlob {
  readonly digest: Digest;
  readonly size: number;
  /** A repository that serves it. */
  readonly repository: string;
}

export async function blobsOf({ directory, images }: Corpus): Promise<readonly CorpusBlob[]> {
  const registry = await openRegistryDirectory(directory, { access: 'read' });
  const blobs = new Map<Digest, CorpusBlob>();
  for (const image of images) {
    const [repository = '', tag = ''] = image.split(':');
    const target = registry.repository(repository);
    const root = await readManifest(target, await target.resolve(tag));
    const children =
      root.manifest.kind === 'index'
        ? selectPlatforms(root.manifest, [parsePlatform('linux/amd64')]).manifests
        : [root.descriptor];
    for (const child of children) {
      const { manifest } = await readManifest(target, child);
      if (manifest.kind !== 'manifest') continue;
      for (const { digest, size } of [manifest.config, ...manifest.layers])
        blobs.set(digest, { digest, size, repository });
    }
  }
  return [...blobs.values()];
}
