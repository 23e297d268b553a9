/** Reading a registry directory, wherever its files are. */

import type { Readable } from 'node:stream';
import type {
  BlobResolver,
  FetchOptions,
  Locator,
  Namespace,
  OperationOptions,
  ReadOnlyTarget,
  ReferrerLister,
  Segment,
  TagLister,
} from '@kubecrate/content';
import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import type { FileTree } from '@kubecrate/files';
import {
  type Descriptor,
  type Digest,
  isDigest,
  isManifestMediaType,
  isRepository,
  isTag,
  MAX_MANIFEST_SIZE,
  parseManifest,
} from '@kubecrate/oci';
import { BLOB_MEDIA_TYPE } from '../blobs/blob-files.ts';
import { startCheck } from '../blobs/start-check.ts';
import type { StoredFiles } from '../files/stored-files.ts';
import { treeFiles } from '../files/tree-files.ts';
import {
  blobDataPath,
  digestOfDirectory,
  layerLinkPath,
  MAX_LINK_SIZE,
  parseLink,
  REPOSITORIES,
  RESERVED,
  revisionLinkPath,
  revisionsPath,
  tagCurrentPath,
  tagsPath,
} from './paths.ts';
import { fallbackTag, referrersAmong } from './referrers.ts';

/** The repositories of a registry directory in any tree; the tree's root is the registry's root directory. */
export function registryFilesNamespace(
  tree: FileTree,
  options: { readonly where?: string } = {},
): Namespace<RegistryFilesRepository> {
  const files = treeFiles(tree, options.where ?? 'registry files');
  return {
    repository: (name) => new RegistryFilesRepository(files, name),
    repositories: (operation) => repositoryNames(files, operation),
  };
}

/** The names of the repositories below a registry's root directory, in ascending order. */
export async function* repositoryNames(files: StoredFiles, { signal }: OperationOptions = {}): AsyncGenerator<string> {
  const found: string[] = [];
  const walk = async (name: string): Promise<void> => {
    signal?.throwIfAborted();
    const children = await files.names(name === '' ? REPOSITORIES : `${REPOSITORIES}/${name}`, 'directory');
    if (name !== '' && children.some((child) => child.startsWith(RESERVED)) && isRepository(name)) found.push(name);
    for (const child of children) {
      if (!child.startsWith(RESERVED)) await walk(name === '' ? child : `${name}/${child}`);
    }
  };
  await walk('');
  yield* found.sort();
}

/** One repository, read-only. */
export class RegistryFilesRepository implements ReadOnlyTarget, TagLister, ReferrerLister, BlobResolver, Locator {
  /** The name of the repository. */
  readonly repository: string;
  readonly #files: StoredFiles;

  constructor(files: StoredFiles, repository: string) {
    this.#files = files;
    this.repository = repository;
  }

  async fetch(descriptor: Descriptor, { signal, start = 0 }: FetchOptions = {}): Promise<Readable> {
    signal?.throwIfAborted();
    const size = await this.#servedSize(descriptor);
    if (size === undefined) throw this.#missing(`content ${descriptor.digest}`);
    startCheck(descriptor, start, size);
    return await this.#files.open(blobDataPath(descriptor.digest), start, { signal });
  }

  async exists(descriptor: Descriptor, { signal }: OperationOptions = {}): Promise<boolean> {
    signal?.throwIfAborted();
    return (await this.#servedSize(descriptor)) === descriptor.size;
  }

  async resolveBlob(digest: Digest, { signal }: OperationOptions = {}): Promise<Descriptor> {
    signal?.throwIfAborted();
    const size = await this.#servedSize({ mediaType: BLOB_MEDIA_TYPE, digest, size: 0 });
    if (size === undefined) throw this.#missing(`blob ${digest}`);
    return { mediaType: BLOB_MEDIA_TYPE, digest, size };
  }

  async resolve(tagOrDigest: string, { signal }: OperationOptions = {}): Promise<Descriptor> {
    signal?.throwIfAborted();
    const digest = isDigest(tagOrDigest) ? tagOrDigest : await this.#taggedDigest(tagOrDigest);
    if (!(await this.#isLinked(revisionLinkPath(this.repository, digest), digest))) {
      throw this.#missing(`manifest ${digest}`);
    }
    const bytes = await this.#files.read(blobDataPath(digest), MAX_MANIFEST_SIZE, { signal });
    if (bytes === undefined) throw this.#missing(`manifest ${digest}`);
    return { mediaType: this.#mediaTypeOf(digest, bytes), digest, size: bytes.byteLength };
  }

  async *tags({ signal }: OperationOptions = {}): AsyncGenerator<string> {
    signal?.throwIfAborted();
    for (const tag of await this.#files.names(tagsPath(this.repository), 'directory')) {
      signal?.throwIfAborted();
      if (isTag(tag) && (await this.#files.size(tagCurrentPath(this.repository, tag))) !== undefined) yield tag;
    }
  }

  /** What the index under the fallback tag lists, and every manifest of the repository that names `descriptor` as its subject. */
  async *referrers(descriptor: Descriptor, { signal }: OperationOptions = {}): AsyncGenerator<Descriptor> {
    signal?.throwIfAborted();
    yield* await referrersAmong(descriptor.digest, {
      listed: await this.readTagged(fallbackTag(descriptor.digest)),
      manifests: this.#manifests(signal),
    });
  }

  async locate(descriptor: Descriptor, { signal }: OperationOptions = {}): Promise<readonly Segment[] | undefined> {
    signal?.throwIfAborted();
    if ((await this.#servedSize(descriptor)) === undefined) throw this.#missing(`content ${descriptor.digest}`);
    const segment = await this.#files.segment(blobDataPath(descriptor.digest));
    return segment === undefined ? undefined : [segment];
  }

  /** The digests of the manifests that can be pulled by digest, in ascending order. */
  async revisions(): Promise<readonly Digest[]> {
    const path = revisionsPath(this.repository);
    const digests: Digest[] = [];
    for (const algorithm of await this.#files.names(path, 'directory')) {
      for (const hex of await this.#files.names(`${path}/${algorithm}`, 'directory')) {
        const digest = digestOfDirectory(algorithm, hex);
        if (digest !== undefined) digests.push(digest);
      }
    }
    return digests;
  }

  /** Size of the data, where the repository has a link to it. */
  async #servedSize({ digest, mediaType }: Descriptor): Promise<number | undefined> {
    const linkPath = isManifestMediaType(mediaType) ? revisionLinkPath : layerLinkPath;
    if (!(await this.#isLinked(linkPath(this.repository, digest), digest))) return undefined;
    return await this.#files.size(blobDataPath(digest));
  }

  /** A link of another length is one that a power cut left empty. */
  async #isLinked(path: string, digest: Digest): Promise<boolean> {
    return (await this.#files.size(path)) === digest.length;
  }

  async #taggedDigest(tag: string): Promise<Digest> {
    const bytes = isTag(tag) ? await this.#files.read(tagCurrentPath(this.repository, tag), MAX_LINK_SIZE) : undefined;
    if (bytes === undefined) throw this.#missing(`tag ${JSON.stringify(tag)}`);
    const digest = parseLink(bytes.toString('latin1'));
    if (digest !== undefined) return digest;
    throw new KubecrateError(
      'INVALID_DIGEST',
      `the link of ${this.repository}:${tag} in ${JSON.stringify(this.#files.where)} holds no digest`,
      { hint: 'push the image again' },
    );
  }

  async *#manifests(
    signal: AbortSignal | undefined,
  ): AsyncGenerator<{ readonly digest: Digest; readonly bytes: Buffer }> {
    for (const digest of await this.revisions()) {
      signal?.throwIfAborted();
      const bytes = await this.#files.read(blobDataPath(digest), MAX_MANIFEST_SIZE);
      if (bytes !== undefined) yield { digest, bytes };
    }
  }

  /** The bytes of the manifest behind a tag; undefined where there is none. */
  async readTagged(tag: string): Promise<Buffer | undefined> {
    const link = await this.#files.read(tagCurrentPath(this.repository, tag), MAX_LINK_SIZE);
    const digest = parseLink(link?.toString('latin1') ?? '');
    return digest === undefined ? undefined : await this.#files.read(blobDataPath(digest), MAX_MANIFEST_SIZE);
  }

  #mediaTypeOf(digest: Digest, bytes: Buffer): string {
    try {
      return parseManifest(bytes).mediaType;
    } catch (cause) {
      throw new KubecrateError(
        'INVALID_MANIFEST',
        `manifest ${digest} of ${this.repository} in ${JSON.stringify(this.#files.where)} cannot be read`,
        { cause },
      );
    }
  }

  #missing(what: string): NotFoundError {
    return new NotFoundError(`${what} is not in ${this.repository} of ${JSON.stringify(this.#files.where)}`);
  }
}
