/** The image of a stage while it is made: layers, configuration and what sealer reads. Values only; nothing here does I/O. */

import type { Descriptor, Digest, HistoryEntry, ImageConfig, ImageManifest } from '@kubecrate/oci';
import { type Application, type ContainerImage, type Launch, readExtension } from './extension.ts';

/** A layer and the digest of its uncompressed bytes. */
export interface Layer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
}

export interface StageImage {
  readonly layers: readonly Layer[];
  readonly history: readonly HistoryEntry[];
  readonly labels: Readonly<Record<string, string>>;
  readonly author: string | undefined;
  readonly applications: ReadonlyMap<string, Application>;
  /** The environment of every application, beside its own. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the image's own configuration says of the environment: `PATH` and the like. */
  readonly containerEnvironment: Readonly<Record<string, string>>;
  readonly launch: Launch;
  /** The container images that the base carries. */
  readonly images: readonly ContainerImage[];
}

/** The image of `FROM scratch`. */
export const SCRATCH: StageImage = {
  layers: [],
  history: [],
  labels: {},
  author: undefined,
  applications: new Map(),
  environment: {},
  containerEnvironment: {},
  launch: {},
  images: [],
};

/** The image of `FROM image`: its layers, applications, environment and container images stay; its launch does not. */
export function imageOf(manifest: ImageManifest, config: ImageConfig): StageImage {
  const { applications, env, images } = readExtension(manifest.annotations);
  return {
    ...SCRATCH,
    layers: manifest.layers.flatMap((descriptor, i) => {
      const diffId = config.rootfs.diff_ids[i];
      return diffId === undefined ? [] : [{ descriptor, diffId }];
    }),
    history: config.history ?? [],
    labels: config.config?.Labels ?? {},
    author: config.author,
    applications: new Map(applications.map((application) => [application.name, application])),
    environment: env,
    containerEnvironment: environmentOf(config.config?.Env ?? []),
    images,
  };
}

/** `NAME=VALUE` entries as a record; the last of a name counts. */
function environmentOf(entries: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.indexOf('=');
      return at === -1 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}

/** The image with one more layer. */
export function withLayer(image: StageImage, layer: Layer, createdBy: string): StageImage {
  return { ...image, layers: [...image.layers, layer], history: [...image.history, { created_by: createdBy }] };
}
