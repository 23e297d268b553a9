/** The files of the cluster image that an argument names: one of the store, or the one of an archive or an OCI layout. */

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubecrateError } from '@kubecrate/errors';
import type { Platform } from '@kubecrate/oci';
import { type LayerTree, openImageTree } from '@kubecrate/packer';
import { openArchive, openOciLayout } from '@kubecrate/stores';
import type { ImageSource } from './images-namespace.ts';
import { leaseImages } from './lease-images.ts';
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
    await using _ = await leaseImages(store, [image.descriptor], { signal });
    const manifest = await selectManifest(store, { name, descriptor: image.descriptor }, choice);
    await using tree = await openImageTree(store, manifest, { tempDirectory: join(store.directory, 'tmp'), signal });
    return await use(tree);
  }
  const { path } = subject;
  if (subject.kind === 'registry-directory') throw unsupported(path, 'it is no image');
  if (subject.kind === 'layout') {
    const layout = await openOciLayout(path, { access: 'read', signal });
    return await withOnlyImage({ content: layout, images: await layout.images({ signal }), path }, choice, use);
  }
  await using archive = await openArchive(path, { signal, temporaryDirectory: tmpdir() });
  return await withOnlyImage({ content: archive, images: await archive.images({ signal }), path }, choice, use);
}

async function withOnlyImage<T>(
  { content, images, path }: ImageSource,
  choice: ImageTreeChoice,
  use: (tree: LayerTree) => Promise<T>,
): Promise<T> {
  const [image, ...others] = images;
  if (image === undefined) throw unsupported(path, 'it holds no image');
  if (others.length > 0) throw unsupported(path, `it holds ${others.length + 1} images`);
  const manifest = await selectManifest(content, { name: path, descriptor: image.descriptor }, choice);
  await using tree = await openImageTree(content, manifest, { tempDirectory: tmpdir(), signal: choice.signal });
  return await use(tree);
}

function unsupported(path: string, reason: string): KubecrateError {
  return new KubecrateError(
    'UNSUPPORTED',
    `cannot read the files of a cluster image from ${JSON.stringify(path)}: ${reason}`,
    {
      hint: 'give a cluster image of the store, or an archive that holds one',
    },
  );
}
