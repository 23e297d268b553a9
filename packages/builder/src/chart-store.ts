/** A chart as the content of a registry: blobs, a manifest and a tag. */

import { Readable } from 'node:stream';
import type { ChartArtifact } from '@kubecrate/charts';
import { MemoryStore, type OperationOptions } from '@kubecrate/content';
import { type Descriptor, descriptorOf, MEDIA_TYPES } from '@kubecrate/oci';

/**
 * Makes a repository that holds nothing but the chart, under its tag: what `helm push` sends, ready to be copied.
 * The manifest has no `mediaType`, and its layers stand in the order of their digests, as Helm 3 writes it.
 */
export async function chartStore(artifact: ChartArtifact, options: OperationOptions = {}): Promise<MemoryStore> {
  const store = new MemoryStore();
  const push = async (mediaType: string, bytes: Buffer): Promise<Descriptor> => {
    const descriptor = descriptorOf(mediaType, bytes);
    await store.push(descriptor, Readable.from([bytes], { objectMode: false }), options);
    return descriptor;
  };
  const config = await push(MEDIA_TYPES.helmConfig, artifact.config);
  const layers: Descriptor[] = [];
  for (const { content, data } of artifact.layers) layers.push(await push(LAYER_TYPES[content], data));
  layers.sort((a, b) => (a.digest < b.digest ? -1 : 1));
  const annotations = Object.fromEntries([...artifact.annotations].sort(([a], [b]) => (a < b ? -1 : 1)));
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, config, layers, annotations }));
  await store.tag(await push(MEDIA_TYPES.ociManifest, manifest), artifact.tag, options);
  return store;
}

const LAYER_TYPES = { chart: MEDIA_TYPES.helmChart, provenance: MEDIA_TYPES.helmProvenance } as const;
