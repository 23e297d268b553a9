/** The root file system of an image, and the content of an archive, as file trees. */

import type { Readable } from 'node:stream';
import { type OperationOptions, type ReadOnlyStore, readManifest } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import type { Descriptor, ImageManifest } from '@kubecrate/oci';
import { applyLayer } from './apply-layer.ts';
import { LayerTree } from './layer-tree.ts';
import { SpooledContent } from './spooled-content.ts';

export interface ImageTreeOptions extends OperationOptions {
  /** Below it the small files of packed layers are kept as long as the tree is open. */
  readonly tempDirectory: string;
}

/** An image by its manifest, or layers that are no image yet; none at all make an empty tree. */
export type ImageSource = ImageManifest | Descriptor | readonly Descriptor[];

/**
 * Applies the layers of an image. Plain tars that lie on disk, and described layers, are read from their headers alone; a packed layer is
 * read once. Links lead nowhere here: they are entries, and what is behind one is for the caller to find.
 * @throws KubecrateError INVALID_ARGUMENT for an index, INVALID_ARCHIVE and UNSAFE_PATH for a layer that cannot be trusted; NotFoundError
 */
export async function openImageTree(
  store: ReadOnlyStore,
  image: ImageSource,
  options: ImageTreeOptions,
): Promise<LayerTree> {
  const layers = await layersOf(store, image, options);
  return filled(options.tempDirectory, async (tree) => {
    for (const layer of layers) await applyLayer(tree, layer, store, options);
  });
}

/**
 * The files of a tar, packed or not, that came from anywhere and go into an image. `open` gives it from its beginning, again where a large file of it is asked for.
 * @throws KubecrateError INVALID_ARCHIVE, UNSAFE_PATH, LIMIT_EXCEEDED, UNSUPPORTED
 */
export async function openArchiveTree(open: () => Promise<Readable>, options: ImageTreeOptions): Promise<LayerTree> {
  const { signal, tempDirectory } = options;
  return filled(tempDirectory, async (tree) => {
    const path = await tree.temporaryPath();
    const content = new SpooledContent({
      rules: 'rootfs',
      fetch: open,
      path,
      signal,
    });
    await tree.add(content.index(), content);
  });
}

async function layersOf(
  store: ReadOnlyStore,
  image: ImageSource,
  options: OperationOptions,
): Promise<readonly Descriptor[]> {
  if (isArray(image)) return image;
  if ('layers' in image) return image.layers;
  const { manifest } = await readManifest(store, image, options);
  if (manifest.kind === 'manifest') return manifest.layers;
  throw new KubecrateError(
    'INVALID_ARGUMENT',
    `cannot read the files of ${image.digest}: it is an index of several images`,
    {
      hint: 'choose one of its platforms',
    },
  );
}

/** `Array.isArray` does not tell a readonly array from what else it may be. */
function isArray(image: ImageSource): image is readonly Descriptor[] {
  return Array.isArray(image);
}

/** A tree that is not left behind where it cannot be filled. */
async function filled(tempDirectory: string, fill: (tree: LayerTree) => Promise<void>): Promise<LayerTree> {
  const tree = new LayerTree(tempDirectory);
  try {
    await fill(tree);
    return tree;
  } catch (error) {
    await tree[Symbol.asyncDispose]();
    throw error;
  }
}
