/** The images of a store, as a list of them shows them. */

import { type Fetcher, type OperationOptions, readContent, readManifest } from '@kubecrate/content';
import { hasCode } from '@kubecrate/errors';
import {
  type Descriptor,
  type Digest,
  type ImageConfig,
  type ImageManifest,
  isManifestMediaType,
  MEDIA_TYPES,
  type Platform,
  parseImageConfig,
  platformOfConfig,
} from '@kubecrate/oci';
import type { NamedImage } from '@kubecrate/stores';

export interface StoredImage {
  readonly descriptor: Descriptor;
  /** Whole references, in the order in which they were given; none for an image whose names went to others. */
  readonly names: readonly string[];
  /** The digest of the configuration; of an index over several images, its own. */
  readonly id: Digest;
  /** When the image was made, as its configuration says (RFC 3339). */
  readonly created?: string;
  /** Bytes of everything the image is made of, each content once. */
  readonly size: number;
  /** The platforms that are stored; none for an artifact. */
  readonly platforms: readonly Platform[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Reads what is known of an image. An image that is damaged is still listed, with what can be read. */
export async function describeImage(
  content: Fetcher,
  { descriptor, names }: NamedImage,
  options: OperationOptions = {},
): Promise<StoredImage> {
  const sizes = new Map<Digest, number>();
  const members = await membersOf(content, descriptor, sizes, options);
  const images = members.filter(({ platform }) => platform !== undefined);
  const first = images[0] ?? members[0];
  const created = first?.config?.created;
  return {
    descriptor,
    names,
    id: images.length > 1 || first === undefined ? descriptor.digest : first.manifest.config.digest,
    ...(created === undefined ? {} : { created }),
    size: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    platforms: images.flatMap(({ platform }) => (platform === undefined ? [] : [platform])),
    labels: first?.config?.config?.Labels ?? {},
  };
}

interface Member {
  readonly manifest: ImageManifest;
  readonly config?: ImageConfig;
  readonly platform?: Platform;
}

/** The manifests under a descriptor that are stored, and the size of all content on the way. */
async function membersOf(
  content: Fetcher,
  descriptor: Descriptor,
  sizes: Map<Digest, number>,
  options: OperationOptions,
): Promise<readonly Member[]> {
  const loaded = await unlessDamaged(() => readManifest(content, descriptor, options));
  if (loaded === undefined) return [];
  sizes.set(descriptor.digest, descriptor.size);
  const { manifest } = loaded;
  if (manifest.kind === 'index') {
    const members: Member[] = [];
    for (const child of manifest.manifests) {
      if (isManifestMediaType(child.mediaType)) members.push(...(await membersOf(content, child, sizes, options)));
    }
    return members;
  }
  for (const { digest, size } of [manifest.config, ...manifest.layers]) sizes.set(digest, size);
  const isImage = CONFIG_MEDIA_TYPES.has(manifest.config.mediaType);
  const config = isImage ? await unlessDamaged(() => readConfig(content, manifest, options)) : undefined;
  if (config === undefined) return [{ manifest }];
  const platform = platformOfConfig(config);
  // Attestations of BuildKit are manifests of the platform `unknown/unknown`.
  return [{ manifest, config, ...(platform === undefined || platform.os === 'unknown' ? {} : { platform }) }];
}

async function readConfig(
  content: Fetcher,
  { config }: ImageManifest,
  options: OperationOptions,
): Promise<ImageConfig> {
  return parseImageConfig(await readContent(content, config, options));
}

async function unlessDamaged<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const damaged = DAMAGED.some((code) => hasCode(error, code));
    if (damaged) return undefined;
    throw error;
  }
}

const CONFIG_MEDIA_TYPES: ReadonlySet<string> = new Set([MEDIA_TYPES.ociConfig, MEDIA_TYPES.dockerConfig]);

const DAMAGED = [
  'NOT_FOUND',
  'SIZE_MISMATCH',
  'DIGEST_MISMATCH',
  'INVALID_MANIFEST',
  'INVALID_DIGEST',
  'LIMIT_EXCEEDED',
  'UNSUPPORTED',
] as const;
