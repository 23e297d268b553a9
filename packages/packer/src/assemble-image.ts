/** Layers and what is said about them to an image: configuration, manifest, index, always in the same spelling. */

import { Readable } from 'node:stream';
import type { OperationOptions, Store } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import {
  type ContainerConfig,
  type Descriptor,
  descriptorOf,
  formatPlatform,
  type HistoryEntry,
  MEDIA_TYPES,
  type Platform,
} from '@kubecrate/oci';
import type { PackedLayer } from './packed-layer.ts';

/** Everything an image consists of. */
export interface ImageParts {
  readonly platform: Platform;
  /** From the lowest to the topmost. */
  readonly layers: readonly PackedLayer[];
  /** Seconds since 1970: SOURCE_DATE_EPOCH, or 0. */
  readonly created: number;
  readonly author?: string;
  readonly container?: ContainerConfig;
  /** One entry for each layer, and any number with `empty_layer`; an entry without a time gets that of the image. */
  readonly history?: readonly HistoryEntry[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Pushes configuration and manifest, and gives the descriptor of the manifest, its platform included.
 * @throws KubecrateError INVALID_ARGUMENT where the history does not fit the layers
 */
export async function assembleImage(
  image: ImageParts,
  store: Store,
  options: OperationOptions = {},
): Promise<Descriptor> {
  const config = await pushJson(MEDIA_TYPES.ociConfig, configOf(image), store, options);
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config,
    layers: image.layers.map(({ descriptor: { mediaType, digest, size, annotations } }) => ({
      mediaType,
      digest,
      size,
      ...annotationsOf(annotations),
    })),
    ...annotationsOf(image.annotations),
  };
  const descriptor = await pushJson(MEDIA_TYPES.ociManifest, manifest, store, options);
  return { ...descriptor, platform: spelled(image.platform) };
}

/** Pushes an index of images, in the order given, each with its platform. */
export async function assembleIndex(
  manifests: readonly Descriptor[],
  store: Store,
  options: OperationOptions & { readonly annotations?: Readonly<Record<string, string>> } = {},
): Promise<Descriptor> {
  const index = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociIndex,
    manifests: manifests.map(({ mediaType, digest, size, platform }) => ({
      mediaType,
      digest,
      size,
      ...(platform === undefined ? {} : { platform: spelled(platform) }),
    })),
    ...annotationsOf(options.annotations),
  };
  return pushJson(MEDIA_TYPES.ociIndex, index, store, options);
}

function configOf({ platform, layers, created, author, container = {}, history }: ImageParts): object {
  const time = rfc3339(created);
  const entries = history ?? layers.map((): HistoryEntry => ({}));
  const filled = entries.filter((entry) => entry.empty_layer !== true).length;
  if (filled !== layers.length) {
    throw new KubecrateError(
      'INVALID_ARGUMENT',
      `cannot assemble the image for ${formatPlatform(platform)}: its history has ${filled} layers, the image ${layers.length}`,
    );
  }
  const { os, architecture, variant } = platform;
  return {
    created: time,
    ...(author === undefined ? {} : { author }),
    architecture,
    os,
    ...(variant === undefined ? {} : { variant }),
    ...(platform['os.version'] === undefined ? {} : { 'os.version': platform['os.version'] }),
    config: inOrder(container, CONTAINER_KEYS),
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: entries.map((entry) => inOrder({ created: time, ...entry }, HISTORY_KEYS)),
  };
}

const CONTAINER_KEYS = ['User', 'Env', 'Entrypoint', 'Cmd', 'WorkingDir', 'Labels'];
const HISTORY_KEYS = ['created', 'created_by', 'author', 'comment', 'empty_layer'];

/** The known keys in their order, then the others in theirs; the keys of a nested record are sorted. */
function inOrder(fields: object, order: readonly string[]): object {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  const rank = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length);
  const ordered = entries.sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return Object.fromEntries(ordered.map(([key, value]) => [key, isRecord(value) ? inOrder(value, []) : value]));
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function annotationsOf(annotations: Readonly<Record<string, string>> = {}): { annotations?: object } {
  return Object.keys(annotations).length === 0 ? {} : { annotations: inOrder(annotations, []) };
}

function spelled(platform: Platform): Platform {
  const { os, architecture, variant } = platform;
  const version = platform['os.version'];
  return {
    architecture,
    os,
    ...(version === undefined ? {} : { 'os.version': version }),
    ...(variant === undefined ? {} : { variant }),
  };
}

function rfc3339(seconds: number): string {
  const time = new Date(seconds * 1000);
  if (!Number.isInteger(seconds) || Number.isNaN(time.getTime())) {
    throw new KubecrateError('INVALID_ARGUMENT', `cannot write the time ${seconds}: it is no whole number of seconds`, {
      hint: 'set SOURCE_DATE_EPOCH to seconds since 1970',
    });
  }
  return time.toISOString().replace('.000Z', 'Z');
}

async function pushJson(
  mediaType: string,
  value: object,
  store: Store,
  options: OperationOptions,
): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(value));
  const descriptor = descriptorOf(mediaType, bytes);
  await store.push(descriptor, Readable.from([bytes], { objectMode: false }), options);
  return descriptor;
}
