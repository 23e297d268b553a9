/**
 * The corpus of the benchmarks: images and charts in a registry directory, made from a seed.
 *
 * In the shape of a Kubernetes release with its add-ons: 61 images of two platforms over shared base layers, and 5 charts. At scale 1
 * one platform is some 350 unique blobs and 3.4 GB unique, about 10 GB referenced.
 */

import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Target } from '@kubecrate/content';
import {
  blob,
  chart,
  index,
  type ManifestFixture,
  manifest,
  pushBlob,
  randomBytes,
  tarOf,
} from '@kubecrate/content/testing';
import { digestOf, MEDIA_TYPES, type Platform, parsePlatform } from '@kubecrate/oci';
import { openRegistryDirectory } from '@kubecrate/stores';

export interface Corpus {
  /** The root directory for a registry. */
  readonly directory: string;
  /** `repository:tag` of every image and chart. */
  readonly images: readonly string[];
}

const IMAGES = 61;
const CHARTS = 5;
const PLATFORMS: readonly Platform[] = ['linux/amd64', 'linux/arm64'].map(parsePlatform);

/** Makes the corpus, or takes the one that is there. `scale` multiplies the sizes of layers. */
export async function makeCorpus(directory: string, scale: number): Promise<Corpus> {
  const images = [
    ...Array.from({ length: IMAGES }, (_, i) => `bench/group${i % 7}/image${i}:v1.${i}`),
    ...Array.from({ length: CHARTS }, (_, i) => `helm-charts/chart${i}:1.0.${i}`),
  ];
  const root = join(directory, `corpus-${scale}`);
  const done = join(root, '.complete');
  const complete = await access(done).then(
    () => true,
    () => false,
  );
  if (complete) return { directory: root, images };
  await mkdir(root, { recursive: true });
  const registry = await openRegistryDirectory(root, { access: 'write' });
  for (const [i, name] of images.entries()) {
    const [repository = '', tag = ''] = name.split(':');
    const target = registry.repository(repository);
    if (i >= IMAGES) await push(target, chart({ name: `chart${i - IMAGES}`, version: tag }), tag);
    else await pushIndexed(target, i, scale, tag);
  }
  await writeFile(done, '');
  return { directory: root, images };
}

/** One image of every platform, pushed layer by layer, so that no more than one layer is in memory. */
async function pushIndexed(target: Target, i: number, scale: number, tag: string): Promise<void> {
  const children: ManifestFixture[] = [];
  for (const platform of PLATFORMS) {
    const layers = [];
    const diffIds = [];
    for (const { seed, size } of layersOf(i, scale)) {
      const tar = tarOf({ [`data/${seed}`]: randomBytes(`${platform.architecture} ${seed}`, size) });
      const layer = blob(MEDIA_TYPES.ociLayerGzip, gzipSync(tar, { level: 0 }));
      await pushBlob(target, layer);
      layers.push(layer.descriptor);
      diffIds.push(digestOf(tar));
    }
    const config = blob(
      MEDIA_TYPES.ociConfig,
      JSON.stringify({ ...platform, config: { Env: [`IMAGE=${i}`] }, rootfs: { type: 'layers', diff_ids: diffIds } }),
    );
    await pushBlob(target, config);
    const value = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config: config.descriptor, layers };
    const child = manifest(value);
    children.push({ ...child, descriptor: { ...child.descriptor, platform } });
  }
  await push(target, index(children), tag);
}

async function push(target: Target, fixture: ManifestFixture, tag?: string): Promise<void> {
  for (const child of fixture.manifests) await push(target, child);
  for (const below of fixture.blobs) await pushBlob(target, below);
  await pushBlob(target, fixture);
  if (tag !== undefined) await target.tag(fixture.descriptor, tag);
}

/** A base that a seventh of the images share, a runtime that a third of those share, and three layers of its own. */
function layersOf(i: number, scale: number): readonly { readonly seed: string; readonly size: number }[] {
  const sized = (seed: string, bytes: number): { seed: string; size: number } => ({
    seed,
    size: Math.max(100, Math.round(bytes * scale)),
  });
  const base = i % 7;
  const runtime = i % 21;
  return [
    sized(`base${base}`, 28_000_000 + base * 7_000_000),
    sized(`ca${base}`, 230_000),
    sized(`runtime${runtime}`, 12_000_000 + runtime * 4_200_000),
    sized(`app${i}`, 9_000_000 + ((i * 37) % 61) * 750_000),
    sized(`assets${i}`, 90_000 + ((i * 11) % 61) * 40_000),
    sized(`entrypoint${i}`, 1_900 + i * 13),
  ];
}
