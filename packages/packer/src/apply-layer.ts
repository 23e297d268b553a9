/** Reading one layer of a store into a tree. */

import { once } from 'node:events';
import { isLocator, type OperationOptions, type ReadOnlyStore, type Segment } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import { type Compression, readSegments, sliceSegments, sniffCompression, tarIndex } from '@kubecrate/files';
import type { Descriptor } from '@kubecrate/oci';
import { SegmentContent } from './layer-content.ts';
import type { LayerTree } from './layer-tree.ts';
import { SpooledContent } from './spooled-content.ts';

/**
 * Applies a layer over those that the tree has; nobody reads the tree meanwhile.
 * @throws KubecrateError INVALID_ARCHIVE, UNSAFE_PATH, LIMIT_EXCEEDED, UNSUPPORTED, the layer named; NotFoundError
 */
export async function applyLayer(
  tree: LayerTree,
  layer: Descriptor,
  store: ReadOnlyStore,
  options: OperationOptions = {},
): Promise<void> {
  try {
    const segments = isLocator(store) ? await store.locate(layer, options) : undefined;
    if (segments !== undefined && (await compressionOf(segments)) === 'none') {
      await tree.add(tarIndex(segments, { ...options, rules: 'layer' }), new SegmentContent(segments));
      return;
    }
    const path = await tree.temporaryPath();
    const fetch = (): ReturnType<ReadOnlyStore['fetch']> => store.fetch(layer, options);
    const content = new SpooledContent({ ...options, rules: 'layer', fetch, path });
    await tree.add(content.index(), content);
  } catch (error) {
    throw named(layer, error);
  }
}

/** What the first bytes say: media types of layers are not always right. */
async function compressionOf(segments: readonly Segment[]): Promise<Compression> {
  const { compression, content } = await sniffCompression(readSegments(sliceSegments(segments, 0, 512)));
  content.destroy();
  await once(content, 'close');
  return compression;
}

function named(layer: Descriptor, error: unknown): unknown {
  if (!(error instanceof KubecrateError) || error.code === 'NOT_FOUND') return error;
  return new KubecrateError(error.code, `cannot read the layer ${layer.digest}: ${error.message}`, {
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}
