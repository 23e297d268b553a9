/** The parts of an image that a store really has: an index may lack children, those of platforms that nobody wanted. */

import {
  narrowedView,
  type OperationOptions,
  platformMissing,
  type ReadOnlyStore,
  type ReadOnlyTarget,
  readContent,
  readManifest,
  selectPlatforms,
} from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import {
  type Descriptor,
  formatPlatform,
  type ImageIndex,
  type ImageManifest,
  MEDIA_TYPES,
  matchesPlatform,
  type Platform,
  parseImageConfig,
  platformOfConfig,
} from '@kubecrate/oci';

/** An image with the name that messages give it. */
export interface ImageChoice {
  readonly name: string;
  readonly descriptor: Descriptor;
}

/**
 * The one manifest of an image for a platform. Where none is asked for: that of this machine, else the only one there is.
 * @throws KubecrateError PLATFORM_MISSING
 */
export async function selectManifest(
  source: ReadOnlyStore,
  { name, descriptor }: ImageChoice,
  options: OperationOptions & { readonly wanted: Platform | undefined; readonly machine: Platform },
): Promise<Descriptor> {
  const { wanted, machine, signal } = options;
  const { manifest } = await readManifest(source, descriptor, { signal });
  if (manifest.kind === 'manifest') {
    await checkPlatforms(source, { name, manifest }, wanted === undefined ? [] : [wanted], { signal });
    return descriptor;
  }
  const stored = (await presentChildren(source, manifest, { signal })).filter(isPlatformImage);
  const choose = (platform: Platform): Descriptor | undefined => {
    const chosen = new Set(selectPlatforms(manifest, [platform]).manifests);
    return stored.find((child) => chosen.has(child) && child.platform !== undefined);
  };
  const found =
    wanted === undefined ? (choose(machine) ?? (stored.length === 1 ? stored[0] : undefined)) : choose(wanted);
  if (found !== undefined) return found;
  if (wanted !== undefined) throw platformMissing(name, [wanted], stored.flatMap(platformOf));
  const has = stored.flatMap(platformOf).map(formatPlatform).join(', ');
  throw new KubecrateError('PLATFORM_MISSING', `image ${name} has several platforms: ${has}`, {
    hint: 'choose one with --platform',
  });
}

/** An image as it can be written elsewhere. */
export interface WholeImage {
  readonly source: ReadOnlyTarget;
  readonly descriptor: Descriptor;
  /** 'narrowed' where the index was written anew, with the children that are there and wanted. */
  readonly form: 'original' | 'narrowed';
}

/**
 * An image without the children that are not stored or not wanted; with one child left, that child.
 * An index that keeps all its children keeps its digest.
 * @throws KubecrateError PLATFORM_MISSING
 */
export async function wholeImage(
  source: ReadOnlyTarget,
  { name, descriptor }: ImageChoice,
  options: OperationOptions & { readonly platforms: readonly Platform[] | undefined },
): Promise<WholeImage> {
  const { platforms, signal } = options;
  const { manifest } = await readManifest(source, descriptor, { signal });
  if (manifest.kind === 'manifest') {
    await checkPlatforms(source, { name, manifest }, platforms ?? [], { signal });
    return { source, descriptor, form: 'original' };
  }
  const present = new Set(await presentChildren(source, manifest, { signal }));
  const { manifests, missing } = selectPlatforms(manifest, platforms);
  const kept = new Set(manifests.filter((child) => present.has(child)).map(({ digest }) => digest));
  const lacking = (platforms ?? []).filter(
    (wanted) =>
      missing.includes(wanted) ||
      ![...present].some(
        ({ digest, platform }) => kept.has(digest) && platform !== undefined && matchesPlatform(platform, wanted),
      ),
  );
  if (kept.size === 0 || lacking.length > 0) throw platformMissing(name, lacking, [...present].flatMap(platformOf));
  if (kept.size === manifest.manifests.length) return { source, descriptor, form: 'original' };
  const view = narrowedView(source, {
    select: (index) => index.manifests.filter(({ digest }) => kept.has(digest)),
    accepts: () => true,
    onlyChild: 'manifest',
  });
  return { source: view, descriptor: await view.resolve(descriptor.digest, { signal }), form: 'narrowed' };
}

/** An image without an index has the one platform of its configuration; an artifact has none and suits every one. */
async function checkPlatforms(
  source: ReadOnlyStore,
  { name, manifest }: { readonly name: string; readonly manifest: ImageManifest },
  wanted: readonly Platform[],
  options: OperationOptions,
): Promise<void> {
  const { config } = manifest;
  if (wanted.length === 0 || !IMAGE_CONFIGS.has(config.mediaType)) return;
  const has = platformOfConfig(parseImageConfig(await readContent(source, config, options)));
  if (has === undefined) return;
  const missing = wanted.filter((platform) => !matchesPlatform(has, platform));
  if (missing.length > 0) throw platformMissing(name, missing, [has]);
}

const IMAGE_CONFIGS: ReadonlySet<string> = new Set([MEDIA_TYPES.ociConfig, MEDIA_TYPES.dockerConfig]);

async function presentChildren(
  source: ReadOnlyStore,
  index: ImageIndex,
  options: OperationOptions,
): Promise<readonly Descriptor[]> {
  const present: Descriptor[] = [];
  for (const child of index.manifests) if (await source.exists(child, options)) present.push(child);
  return present;
}

/** False for what says something about the images of an index. */
function isPlatformImage({ platform }: Descriptor): boolean {
  return platform?.os !== 'unknown';
}

function platformOf({ platform }: Descriptor): readonly Platform[] {
  return platform === undefined || platform.os === 'unknown' ? [] : [platform];
}
