/** Images that any container engine accepts: real layers with real files, a configuration whose diff IDs are right. */

import { gzipSync } from 'node:zlib';
import { digestOf, MEDIA_TYPES, type Platform } from '@kubecrate/oci';
import { type BlobFixture, blob, type ManifestFixture, manifest } from './manifest-fixture.ts';
import { randomBytes } from './random-bytes.ts';
import { type TarFixture, tarOf } from './tar-fixture.ts';

/** One layer; equal options give equal bytes, so that images share layers by sharing seeds. */
export interface LayerOptions {
  readonly seed: number | string;
  /** Bytes of a file that does not compress. Default 1000. */
  readonly size?: number;
  /** Further entries. */
  readonly files?: TarFixture;
}

export interface ImageOptions {
  readonly seed: number | string;
  /** Default linux/amd64. */
  readonly platform?: Platform;
  /** How many layers of their own, or which. Default 2. */
  readonly layers?: number | readonly LayerOptions[];
  /** The family of media types. Default `oci`. */
  readonly format?: 'oci' | 'docker';
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly cmd?: readonly string[];
}

export interface ImageFixture extends ManifestFixture {
  readonly config: BlobFixture;
  readonly layers: readonly BlobFixture[];
}

/** An image for one platform; its descriptor carries the platform, as an index wants it. */
export function image(options: ImageOptions): ImageFixture {
  const { platform = { os: 'linux', architecture: 'amd64' }, format = 'oci', annotations } = options;
  const types = MEDIA_TYPES_OF[format];
  const tars = layersOf(options).map(layerTar);
  const layers = tars.map((tar) => blob(types.layer, gzipSync(tar, { level: 1 })));
  const config = blob(types.config, JSON.stringify(imageConfig(options, platform, tars)));
  const value = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
    ...(annotations === undefined ? {} : { annotations }),
  };
  const { descriptor, bytes } = manifest(value);
  const named = { ...descriptor, platform };
  return { descriptor: named, bytes, manifests: [], blobs: [config, ...layers], config, layers };
}

/** The uncompressed tar of a layer. */
export function layerTar({ seed, size = 1000, files = {} }: LayerOptions): Buffer {
  return tarOf({
    'data/': '',
    [`data/${seed}.bin`]: randomBytes(seed, size),
    [`data/${seed}.txt`]: `layer ${seed}\n`,
    ...files,
  });
}

function layersOf({ seed, layers = 2 }: ImageOptions): readonly LayerOptions[] {
  if (typeof layers !== 'number') return layers;
  return Array.from({ length: layers }, (_, i) => ({ seed: `${seed}-${i}` }));
}

function imageConfig({ seed, labels, cmd = ['/bin/true'] }: ImageOptions, platform: Platform, tars: Buffer[]): object {
  return {
    ...platform,
    created: '1970-01-01T00:00:00Z',
    config: { Cmd: cmd, Env: [`SEED=${seed}`], ...(labels === undefined ? {} : { Labels: labels }) },
    rootfs: { type: 'layers', diff_ids: tars.map((tar) => digestOf(tar)) },
    history: tars.map((_, i) => ({ created: '1970-01-01T00:00:00Z', created_by: `layer ${i} of ${seed}` })),
  };
}

const MEDIA_TYPES_OF = {
  oci: { manifest: MEDIA_TYPES.ociManifest, config: MEDIA_TYPES.ociConfig, layer: MEDIA_TYPES.ociLayerGzip },
  docker: {
    manifest: MEDIA_TYPES.dockerManifest,
    config: MEDIA_TYPES.dockerConfig,
    layer: MEDIA_TYPES.dockerLayerGzip,
  },
} as const;
