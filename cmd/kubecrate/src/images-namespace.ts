/** Images of a store or an archive as the repositories of a registry, each with its own content and nothing else. */

import { basename } from 'node:path';
import {
  type BlobResolver,
  isLocator,
  type Locator,
  type Namespace,
  type OperationOptions,
  type ReadOnlyTarget,
  readManifest,
  successorsOf,
  type TagLister,
} from '@kubecrate/content';
import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import {
  type Descriptor,
  type Digest,
  isDigest,
  isManifestMediaType,
  isRepository,
  isTag,
  parseReference,
} from '@kubecrate/oci';
import type { NamedImage } from '@kubecrate/stores';

/** A repository that only reads. */
export type ServedRepository = ReadOnlyTarget & BlobResolver & TagLister & Partial<Locator>;

/** Where the images come from. */
export interface ImageSource {
  readonly content: ReadOnlyTarget & BlobResolver;
  readonly images: readonly NamedImage[];
  /** The file or directory, which an image without a name of its own is called after. */
  readonly path: string;
}

/**
 * The repositories of images, by their names without the registry: `docker.io/library/mysql:8` is `library/mysql:8`, and `mysql:8`
 * where no other image is called so.
 * @throws KubecrateError CONFLICT where two images would have one name; NotFoundError where a manifest is missing
 */
export async function imagesNamespace(
  source: ImageSource,
  options: OperationOptions = {},
): Promise<Namespace<ServedRepository>> {
  const served = new Map<string, ServedRepository>();
  for (const [name, tags] of placeImages(source)) {
    const manifests = new Map<Digest, Descriptor>();
    const blobs = new Set<Digest>();
    for (const descriptor of tags.values()) await collect(source.content, descriptor, { manifests, blobs, options });
    served.set(name, servedRepository(name, source.content, { tags, manifests, blobs }));
  }
  const nothing: Contents = { tags: new Map(), manifests: new Map(), blobs: new Set() };
  return {
    repository: (name) => served.get(name) ?? servedRepository(name, source.content, nothing),
    async *repositories() {
      yield* [...served.keys()].sort();
    },
  };
}

type Repositories = ReadonlyMap<string, ReadonlyMap<string, Descriptor>>;

function placeImages({ images, path }: ImageSource): Repositories {
  const repositories = new Map<string, Map<string, Descriptor>>();
  const place = ({ repository, tag }: Place, descriptor: Descriptor): Descriptor => {
    const tags = repositories.get(repository) ?? new Map<string, Descriptor>();
    const first = tags.get(tag) ?? descriptor;
    repositories.set(repository, tags.set(tag, first));
    return first;
  };
  const named = images.flatMap(({ descriptor, names }) =>
    (names.length === 0 ? [undefined] : names).map((name) => ({ descriptor, name, own: placeOf(name, path) })),
  );
  for (const { descriptor, name, own } of named) {
    if (place(own, descriptor).digest === descriptor.digest) continue;
    throw new KubecrateError(
      'CONFLICT',
      `two images would be served as ${own.repository}:${own.tag}: ${name ?? descriptor.digest} is one`,
      {
        hint: 'serve them one at a time, or give one of them another name with: kubecrate tag',
      },
    );
  }
  for (const { descriptor, name, own } of named) {
    const short = own.repository.replace(/^library\/(?=[^/]+$)/, '');
    if (name !== undefined && short !== own.repository) place({ repository: short, tag: own.tag }, descriptor);
  }
  return repositories;
}

interface Place {
  readonly repository: string;
  readonly tag: string;
}

/** An archive may hold an image without a name, or under a tag alone: then the file gives the rest. */
function placeOf(name: string | undefined, path: string): Place {
  const stem = basename(path)
    .toLowerCase()
    .replace(/(\.tar)?(\.[a-z0-9]+)?$/, '');
  const repository = isRepository(stem) ? stem : 'image';
  if (name === undefined) return { repository, tag: 'latest' };
  if (isTag(name)) return { repository, tag: name };
  const reference = parseReference(name);
  return { repository: reference.repository, tag: reference.tag ?? 'latest' };
}

interface Contents {
  readonly tags: ReadonlyMap<string, Descriptor>;
  readonly manifests: ReadonlyMap<Digest, Descriptor>;
  readonly blobs: ReadonlySet<Digest>;
}

function servedRepository(
  name: string,
  content: ImageSource['content'],
  { tags, manifests, blobs }: Contents,
): ServedRepository {
  const missing = (what: string): NotFoundError => new NotFoundError(`${what} is not in ${name}`);
  const serves = ({ digest }: Pick<Descriptor, 'digest'>): boolean => blobs.has(digest) || manifests.has(digest);
  const checked = (descriptor: Descriptor): Descriptor => {
    if (serves(descriptor)) return descriptor;
    throw missing(`content ${descriptor.digest}`);
  };
  return {
    async resolve(tagOrDigest) {
      const found = isDigest(tagOrDigest) ? manifests.get(tagOrDigest) : tags.get(tagOrDigest);
      if (found === undefined) throw missing(`manifest ${JSON.stringify(tagOrDigest)}`);
      return found;
    },
    exists: async (descriptor, options) => serves(descriptor) && (await content.exists(descriptor, options)),
    fetch: async (descriptor, options) => content.fetch(checked(descriptor), options),
    async resolveBlob(digest, options) {
      if (!serves({ digest })) throw missing(`blob ${digest}`);
      return await content.resolveBlob(digest, options);
    },
    async *tags() {
      yield* [...tags.keys()].sort();
    },
    ...(isLocator(content)
      ? { locate: async (descriptor, options) => content.locate(checked(descriptor), options) }
      : {}),
  };
}

/** Everything under a manifest; children of an index that are not there are left out, as a registry answers for them. */
async function collect(
  content: ReadOnlyTarget,
  descriptor: Descriptor,
  into: {
    readonly manifests: Map<Digest, Descriptor>;
    readonly blobs: Set<Digest>;
    readonly options: OperationOptions;
  },
): Promise<void> {
  if (into.manifests.has(descriptor.digest)) return;
  const { manifest } = await readManifest(content, descriptor, into.options);
  into.manifests.set(descriptor.digest, descriptor);
  const { manifests, blobs } = successorsOf(manifest);
  for (const blob of blobs) into.blobs.add(blob.digest);
  for (const child of manifests) {
    if (isManifestMediaType(child.mediaType) && (await content.exists(child, into.options)))
      await collect(content, child, into);
  }
}
