/** Finding the image that FROM names: in the local store, else at its registry. */

import {
  copyImages,
  platformMissing,
  platformsOf,
  readContent,
  readManifest,
  selectPlatforms,
} from '@kubecrate/content';
import { KubecrateError, NotFoundError, toldWith } from '@kubecrate/errors';
import {
  askedRepository,
  type Descriptor,
  formatPlatform,
  formatReference,
  isIndexMediaType,
  type Platform,
  parseImageConfig,
  platformOfConfig,
  type Reference,
  tagOrDigest,
  withDefaultTag,
} from '@kubecrate/oci';
import type { BuildStore, BuildTools, PullPolicy } from './build-options.ts';
import { imageOf, type StageImage } from './stage-image.ts';

/** A base image for one platform. */
export interface BaseImage {
  readonly name: string;
  readonly descriptor: Descriptor;
  readonly image: StageImage;
}

/** A reference with the text that it was read from. */
interface WrittenImage {
  readonly image: string;
  readonly reference: Reference;
}

/** Loads a base image, pulling it where the policy says so. @throws NotFoundError; KubecrateError PLATFORM_MISSING */
export async function loadBase(
  { image, reference }: WrittenImage,
  platform: Platform,
  { pull, ...tools }: BuildTools & { readonly pull: PullPolicy },
): Promise<BaseImage> {
  const { store, signal } = tools;
  const wanted = { image, reference: withDefaultTag(reference) };
  const name = formatReference(wanted.reference);
  const root = await findRoot(wanted, name, platform, pull, tools);
  const descriptor = await choosePlatform(store, root, name, platform, signal);
  const { manifest } = await readManifest(store, descriptor, { signal });
  if (manifest.kind !== 'manifest') {
    throw new KubecrateError(
      'UNSUPPORTED',
      `cannot build on ${name}: its index holds another index for ${formatPlatform(platform)}`,
    );
  }
  const config = parseImageConfig(await readContent(store, manifest.config, { signal }));
  const has = platformOfConfig(config);
  if (has === undefined) {
    throw new KubecrateError(
      'UNSUPPORTED',
      `cannot build on ${name}: it is an artifact of type ${manifest.config.mediaType}, not an image`,
    );
  }
  return { name, descriptor, image: imageOf(manifest, config) };
}

async function findRoot(
  wanted: WrittenImage,
  name: string,
  platform: Platform,
  pull: PullPolicy,
  tools: BuildTools,
): Promise<Descriptor> {
  const local = await findLocal(tools.store, name, tools.signal);
  if (local !== undefined && (pull === 'missing' || pull === 'never')) return local;
  if (pull === 'never') {
    throw new NotFoundError(`the base image ${name} is not in the local store, and --pull=never forbids to pull it`, {
      hint: 'load or pull it first, or build with --pull=missing',
    });
  }
  try {
    return await pullRoot(wanted, name, platform, pull === 'newer' ? local : undefined, tools);
  } catch (error) {
    tools.signal?.throwIfAborted();
    throw toldWith(`cannot pull the base image ${name}`, error);
  }
}

/** Pulls the image, unless `known` is what its registry has. */
async function pullRoot(
  { image, reference }: WrittenImage,
  name: string,
  platform: Platform,
  known: Descriptor | undefined,
  tools: BuildTools,
): Promise<Descriptor> {
  const { domain, repository } = askedRepository(image, reference);
  const source = tools.registries.repository(domain, repository);
  if (known !== undefined) {
    const remote = await source.resolve(tagOrDigest(reference), { signal: tools.signal });
    if (remote.digest === known.digest) return known;
  }
  const { onEvent, signal, store } = tools;
  const job = { image: name, source, reference: tagOrDigest(reference), destination: store, tags: [name] };
  const { results } = await copyImages([job], { platforms: [platform], referrers: 'skip', onEvent, signal });
  const [result] = results;
  if (result === undefined || result.status === 'failed') throw result?.error;
  return result.descriptor;
}

async function findLocal(
  store: BuildStore,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Descriptor | undefined> {
  try {
    return await store.resolve(name, { signal });
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

async function choosePlatform(
  store: BuildStore,
  root: Descriptor,
  name: string,
  platform: Platform,
  signal: AbortSignal | undefined,
): Promise<Descriptor> {
  const { manifest } = await readManifest(store, root, { signal });
  if (!isIndexMediaType(root.mediaType) || manifest.kind !== 'index') return root;
  const { manifests } = selectPlatforms(manifest, [platform]);
  const chosen = manifests.find((child) => child.platform !== undefined && child.platform.os === platform.os);
  if (chosen === undefined) throw platformMissing(name, [platform], platformsOf(manifest));
  return chosen;
}
