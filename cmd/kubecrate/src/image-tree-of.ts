/** The files of the cluster image that an argument names: one of the store, or the one of an archive. */

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubecrateError } from '@kubecrate/errors';
import type { Platform } from '@kubecrate/oci';
import { type LayerTree, openImageTree } from '@kubecrate/packer';
import { openArchive } from '@kubecrate/stores';
import { selectManifest } from './stored-platforms.ts';
import type { Subject } from './subject.ts';

/** How to choose among the platforms of an image. */
export interface ImageTreeChoice {
  readonly wanted: Platform | undefined;
  readonly machine: Platform;
  readonly signal: AbortSignal;
}

/** Gives `use` the files, which last no longer. @throws KubecrateError UNSUPPORTED for what has no files of one image; PLATFORM_MISSING */
export async function withImageTree<T>(
  subject: Subject,
  choice: ImageTreeChoice,
  use: (tree: LayerTree) => Promise<T>,
): Promise<T> {
  const { signal } = choice;
  if (subject.kind === 'image') {
    const { store, image, name } = subject;
    const manifest = await selectManifest(store, { name, descriptor: image.descriptor }, choice);
    await using tree = await openImageTree(store, manifest, { tempDirectory: join(store.directory, 'tmp'), signal });
    return await use(tree);
  }
  const { path } = subject;
  if (subject.kind !== 'archive') throw unsupported(path, 'it is no image');
  await using archive = await openArchive(path, { signal, temporaryDirectory: tmpdir() });
  const [image, ...others] = await archive.images({ signal });
  if (image === undefined) throw unsupported(path, 'it holds no image');
  if (others.length > 0) throw unsupported(path, `it holds ${others.length + 1} images`);
  const manifest = await selectManifest(archive, { name: path, descriptor: image.descriptor }, choice);
  await using tree = await openImageTree(archive, manifest, { tempDirectory: tmpdir(), signal });
  return await use(tree);
}

function unsupported(path: string, reason: string): KubecrateError {
  return new KubecrateError('UNSUPPORTED', `cannot list the images that ${JSON.stringify(path)} needs: ${reason}`, {
    hint: 'give a build context, a directory of files, a chart, or a cluster image',
  });
}
