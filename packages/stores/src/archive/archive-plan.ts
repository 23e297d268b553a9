/** What an archive of some images holds, before anything is written: the same images make the same plan. */

import { type OperationOptions, type ReadOnlyStore, readContent, readManifest, successorsOf } from '@kubecrate/content';
import { hasCode, KubecrateError } from '@kubecrate/errors';
import {
  type Descriptor,
  type Digest,
  formatReference,
  type ImageManifest,
  isManifestMediaType,
  MEDIA_TYPES,
  matchesPlatform,
  type Platform,
  parseImageConfig,
  parseReference,
  platformOfConfig,
} from '@kubecrate/oci';
import {
  formatLayoutIndex,
  INDEX_FILE,
  LAYOUT_FILE,
  LAYOUT_TEXT,
  layoutBlobPath,
  type NamedImage,
  named,
} from '../layout/layout-index.ts';
import { DOCKER_MANIFEST_FILE } from './docker-images.ts';

/** `oci-archive`: an OCI layout that `docker load` reads too. `docker-archive`: only what `docker load` needs. */
export type WrittenFormat = 'oci-archive' | 'docker-archive';

/** The files of an archive in their order: the small ones that tell what it is, then content by digest. */
export interface ArchivePlan {
  readonly documents: readonly { readonly path: string; readonly bytes: Buffer }[];
  readonly contents: readonly { readonly path: string; readonly descriptor: Descriptor }[];
}

export interface PlanOptions extends OperationOptions {
  readonly format: WrittenFormat;
  /** What `docker load` takes of an image of several platforms; without it, or where the image has no such platform, the first one. */
  readonly platform?: Platform | undefined;
}

/** @throws KubecrateError UNSUPPORTED for an image of several platforms, or an artifact, in a docker archive */
export async function planArchive(
  store: ReadOnlyStore,
  images: readonly NamedImage[],
  options: PlanOptions,
): Promise<ArchivePlan> {
  const { format } = options;
  const contents = new Map<Digest, Descriptor>();
  const dockerItems: object[] = [];
  for (const image of images) {
    const members = (await walk(store, image.descriptor, contents, options)).filter(isContainerImage);
    if (format === 'docker-archive' && members.length !== 1) throw notForDocker(image, members.length);
    const chosen = await choose(store, members, options);
    if (chosen !== undefined) dockerItems.push(dockerItem(image, chosen));
  }
  const sorted = [...contents.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1));
  const wanted = format === 'oci-archive' ? sorted : sorted.filter(({ mediaType }) => !isManifestMediaType(mediaType));
  const layout = [document(LAYOUT_FILE, LAYOUT_TEXT), document(INDEX_FILE, formatLayoutIndex(entriesOf(images)))];
  const docker = document(DOCKER_MANIFEST_FILE, `${JSON.stringify(dockerItems)}\n`);
  return {
    documents: [...(format === 'oci-archive' ? layout : []), ...(dockerItems.length > 0 ? [docker] : [])],
    contents: wanted.map((descriptor) => ({ path: layoutBlobPath(descriptor.digest), descriptor })),
  };
}

/** One entry for each name; an image without a name has one too. */
function entriesOf(images: readonly NamedImage[]): readonly Descriptor[] {
  return images.flatMap(({ descriptor, names }) => {
    const { mediaType, digest, size, platform, artifactType } = descriptor;
    const entry: Descriptor = {
      mediaType,
      digest,
      size,
      ...(platform === undefined ? {} : { platform }),
      ...(artifactType === undefined ? {} : { artifactType }),
    };
    return names.length === 0 ? [entry] : names.map((name) => named(entry, name));
  });
}

/** Every content under a manifest, and the image manifests among it. Children that are not stored are passed over. */
async function walk(
  store: ReadOnlyStore,
  descriptor: Descriptor,
  contents: Map<Digest, Descriptor>,
  options: OperationOptions,
): Promise<readonly ImageManifest[]> {
  const { manifest } = await readManifest(store, descriptor, options);
  contents.set(descriptor.digest, descriptor);
  const { manifests, blobs } = successorsOf(manifest);
  for (const blob of blobs) contents.set(blob.digest, blob);
  if (manifest.kind === 'manifest') return [manifest];
  const members: ImageManifest[] = [];
  for (const child of manifests) {
    if (await store.exists(child, options)) members.push(...(await walk(store, child, contents, options)));
  }
  return members;
}

/** The image of the wanted platform, else the first one. */
async function choose(
  store: ReadOnlyStore,
  members: readonly ImageManifest[],
  { platform: wanted, signal }: PlanOptions,
): Promise<ImageManifest | undefined> {
  const [first, ...others] = members;
  if (wanted === undefined || others.length === 0) return first;
  for (const member of members) {
    const has = platformOfConfig(parseImageConfig(await readContent(store, member.config, { signal })));
    if (has !== undefined && matchesPlatform(has, wanted)) return member;
  }
  return first;
}

/** How `manifest.json` lists an image. */
function dockerItem({ names }: NamedImage, { config, layers }: ImageManifest): object {
  return {
    Config: layoutBlobPath(config.digest),
    RepoTags: names.flatMap(repoTag),
    Layers: layers.map(({ digest }) => layoutBlobPath(digest)),
  };
}

/** An attestation has the configuration of an image too, but its layers are no file systems. */
function isContainerImage({ config, layers }: ImageManifest): boolean {
  const isConfig = config.mediaType === MEDIA_TYPES.ociConfig || config.mediaType === MEDIA_TYPES.dockerConfig;
  return isConfig && layers.every(({ mediaType }) => mediaType.includes('.layer.') || mediaType.includes('.diff.'));
}

/** Docker knows references with a tag only, a layout may have other names. Spelled out, for podman takes short names for its own. */
function repoTag(name: string): readonly string[] {
  try {
    const { domain, repository, tag } = parseReference(name);
    return tag === undefined ? [] : [formatReference({ domain, repository, tag })];
  } catch (error) {
    if (hasCode(error, 'INVALID_REFERENCE')) return [];
    throw error;
  }
}

function document(path: string, text: string): { readonly path: string; readonly bytes: Buffer } {
  return { path, bytes: Buffer.from(text) };
}

function notForDocker({ names, descriptor }: NamedImage, members: number): KubecrateError {
  const why = members > 1 ? `it has ${members} platforms` : 'it is no container image';
  return new KubecrateError('UNSUPPORTED', `cannot save ${names[0] ?? descriptor.digest} as a docker archive: ${why}`, {
    hint: members > 1 ? 'choose one with --platform, or save it as an OCI archive' : 'save it as an OCI archive',
  });
}
