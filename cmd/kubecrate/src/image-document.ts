/** Everything about an image of the store, in the shape in which isula shows it. */

import { type OperationOptions, readContent, readManifest } from '@kubecrate/content';
import type { ImageStore, StoredImage } from '@kubecrate/image-store';
import {
  type Descriptor,
  type Digest,
  digestOf,
  familiarReference,
  formatPlatform,
  hexOf,
  type ImageManifest,
  isDigest,
  type Platform,
  parseJsonObject,
  parseReference,
} from '@kubecrate/oci';
import { familiarName } from './image-table.ts';
import { selectManifest } from './stored-platforms.ts';

/** `{ "image": { ... } }`: the fields of isula, and after them those that only a registry knows. */
export interface ImageDocument {
  readonly image: Readonly<Record<string, unknown>>;
}

/** Reads an image; of an index, the manifest for the wanted platform. @throws KubecrateError PLATFORM_MISSING */
export async function readImageDocument(
  store: ImageStore,
  image: StoredImage,
  options: OperationOptions & { readonly wanted: Platform | undefined; readonly machine: Platform },
): Promise<ImageDocument> {
  const { id, names, created, size, platforms, descriptor } = image;
  const chosen = await selectManifest(store, { name: names[0] ?? id, descriptor }, options);
  const { manifest } = await readManifest(store, chosen, options);
  const spec = manifest.kind === 'manifest' ? await readSpec(store, manifest, options) : undefined;
  const fields = {
    id: hexOf(id),
    repo_tags: names.map(familiarName),
    repo_digests: repoDigests(names, descriptor),
    top_layer: topLayer(spec),
    size,
    created,
    Spec: spec,
    digest: descriptor.digest,
    media_type: descriptor.mediaType,
    platforms: platforms.map(formatPlatform),
    manifest,
  };
  return { image: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) };
}

/** The configuration as it is, whatever it holds; undefined for an artifact. */
async function readSpec(
  store: ImageStore,
  { config }: ImageManifest,
  options: OperationOptions,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (!config.mediaType.endsWith('+json') || config.size === 0) return undefined;
  return parseJsonObject(await readContent(store, config, options), 'config');
}

function repoDigests(names: readonly string[], { digest }: Descriptor): readonly string[] {
  const all = names.map((name) => {
    const { domain, repository } = parseReference(name);
    return familiarReference({ domain, repository, digest });
  });
  return [...new Set(all)];
}

/** The chain id of all layers (image-spec config.md, "Layer ChainID"), without `sha256:`. */
function topLayer(spec: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const rootfs = spec?.['rootfs'];
  const diffIds = typeof rootfs === 'object' && rootfs !== null && 'diff_ids' in rootfs ? rootfs.diff_ids : undefined;
  if (!Array.isArray(diffIds)) return undefined;
  const chain = diffIds
    .filter((diffId): diffId is Digest => typeof diffId === 'string' && isDigest(diffId))
    .reduce<Digest | undefined>(
      (below, diffId) => (below === undefined ? diffId : digestOf(`${below} ${diffId}`)),
      undefined,
    );
  return chain === undefined ? undefined : hexOf(chain);
}
