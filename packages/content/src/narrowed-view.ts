/** A source as it looks to somebody who wants some of its platforms: indexes hold the wanted children and nothing else. */

import { Readable } from 'node:stream';
import { KubecrateError } from '@kubecrate/errors';
import {
  type Descriptor,
  type Digest,
  descriptorOf,
  type ImageIndex,
  isDigest,
  MAX_MANIFEST_SIZE,
  MEDIA_TYPES,
  type Platform,
  parseImageConfig,
  platformOfConfig,
} from '@kubecrate/oci';
import { MemoryStore } from './memory-store.ts';
import { isBulkFetcher, isHosted, isLocator, isMounter, isPourer, isReferrerLister, isTagLister } from './powers.ts';
import { readContent, readManifest } from './read-content.ts';
import type { OperationOptions, ReadOnlyTarget } from './target.ts';

/** Which platforms are wanted. Both functions may refuse with an error of their own. */
export interface Narrowing {
  /** The children of an index to keep, in its order; none where nothing fits. */
  readonly select: (index: ImageIndex) => readonly Descriptor[];
  /** True where an image without an index is wanted. */
  readonly accepts: (platform: Platform) => boolean;
  /** What an index with one child left becomes: an index of one, or that child itself. */
  readonly onlyChild: 'index' | 'manifest';
  /** Told of each index that was made here, in place of one of the source. */
  readonly onNarrowed?: (index: Descriptor) => void;
}

/**
 * A view of `source` whose `resolve` gives a narrowed index: new bytes, a new digest, every field but the list of children kept.
 * An index that keeps all its children keeps its bytes and digest. Powers of the source (bulk fetch, mount, ...) are powers of the view.
 * `resolve` rejects with PLATFORM_MISSING where nothing of an image is wanted.
 */
export function narrowedView(source: ReadOnlyTarget, narrowing: Narrowing): ReadOnlyTarget {
  const made = new MemoryStore();
  const view: ReadOnlyTarget = {
    async resolve(tagOrDigest, options = {}) {
      if (isDigest(tagOrDigest) && (await made.exists(withDigest(tagOrDigest)))) return await made.resolve(tagOrDigest);
      const root = await source.resolve(tagOrDigest, options);
      return await narrow(source, root, { narrowing, made, name: tagOrDigest, options });
    },
    async exists(descriptor, options) {
      return (await made.exists(descriptor, options)) || (await source.exists(descriptor, options));
    },
    async fetch(descriptor, options) {
      const from = (await made.exists(descriptor, options)) ? made : source;
      return await from.fetch(descriptor, options);
    },
  };
  return Object.assign(view, powersOf(source, made));
}

interface Context {
  readonly narrowing: Narrowing;
  readonly made: MemoryStore;
  readonly name: string;
  readonly options: OperationOptions;
}

async function narrow(source: ReadOnlyTarget, root: Descriptor, context: Context): Promise<Descriptor> {
  const { narrowing, made, name, options } = context;
  const { manifest, bytes } = await readManifest(source, root, options);
  if (manifest.kind === 'manifest') {
    const { mediaType, size } = manifest.config;
    if (!IMAGE_CONFIGS.has(mediaType) || size > MAX_MANIFEST_SIZE) return root;
    const platform = platformOfConfig(parseImageConfig(await readContent(source, manifest.config, options)));
    if (platform !== undefined && !narrowing.accepts(platform)) throw nothingFits(name);
    return root;
  }
  const kept = narrowing.select(manifest);
  if (kept.length === manifest.manifests.length) return root;
  const [only] = kept;
  if (only === undefined) throw nothingFits(name);
  if (kept.length === 1 && narrowing.onlyChild === 'manifest') return await source.resolve(only.digest, options);
  const digests = new Set(kept.map(({ digest }) => digest));
  const fields = JSON.parse(bytes.toString('utf8')) as { manifests: readonly { readonly digest: Digest }[] };
  const narrowed = Buffer.from(
    JSON.stringify({ ...fields, manifests: fields.manifests.filter(({ digest }) => digests.has(digest)) }),
  );
  const descriptor = descriptorOf(manifest.mediaType, narrowed);
  await made.push(descriptor, Readable.from([narrowed], { objectMode: false }), options);
  narrowing.onNarrowed?.(descriptor);
  return descriptor;
}

const IMAGE_CONFIGS: ReadonlySet<string> = new Set([MEDIA_TYPES.ociConfig, MEDIA_TYPES.dockerConfig]);

/** `exists` of a memory store asks for the digest alone. */
function withDigest(digest: Digest): Descriptor {
  return { mediaType: MEDIA_TYPES.ociIndex, digest, size: 0 };
}

function nothingFits(name: string): KubecrateError {
  return new KubecrateError('PLATFORM_MISSING', `nothing of ${JSON.stringify(name)} is for a wanted platform`, {
    hint: 'ask for a platform it has, or for all of them',
  });
}

/** Content made here is on no disk and in no registry; all other content is the source's to give. */
function powersOf(source: ReadOnlyTarget, made: MemoryStore): object {
  return {
    ...(isHosted(source) ? { host: source.host } : {}),
    ...(isTagLister(source) ? { tags: source.tags.bind(source) } : {}),
    ...(isReferrerLister(source) ? { referrers: source.referrers.bind(source) } : {}),
    ...(isBulkFetcher(source) ? { fetchToFile: source.fetchToFile.bind(source) } : {}),
    ...(isPourer(source) ? { pour: source.pour.bind(source) } : {}),
    ...(isMounter(source)
      ? { space: source.space, repository: source.repository, mount: source.mount.bind(source) }
      : {}),
    ...(isLocator(source)
      ? {
          locate: async (descriptor: Descriptor, options?: OperationOptions) =>
            (await made.exists(descriptor, options)) ? undefined : await source.locate(descriptor, options),
        }
      : {}),
  };
}
