/** Reading a registry directory anew: every link, every manifest with what is under it, every byte. */

import type { Readable } from 'node:stream';
import { type FetchOptions, type OperationOptions, type ReadOnlyStore, successorsOf } from '@kubecrate/content';
import { messageOf, NotFoundError } from '@kubecrate/errors';
import type { FileTree } from '@kubecrate/files';
import { type Descriptor, type Digest, isTag, MAX_MANIFEST_SIZE, type Manifest, parseManifest } from '@kubecrate/oci';
import { BLOB_MEDIA_TYPE } from '../blobs/blob-files.ts';
import { startCheck } from '../blobs/start-check.ts';
import {
  BLOBS,
  blobDataPath,
  digestOfDirectory,
  layerLinkPath,
  layersPath,
  MAX_LINK_SIZE,
  revisionLinkPath,
  revisionsPath,
  tagCurrentPath,
  tagsPath,
} from '../distribution/paths.ts';
import { repositoryNames } from '../distribution/registry-files.ts';
import { directoryFiles } from '../files/directory-files.ts';
import type { StoredFiles } from '../files/stored-files.ts';
import { treeFiles } from '../files/tree-files.ts';
import { Verification, type VerifyReport } from './verify-content.ts';

/** Checks the root directory of a registry. */
export function verifyRegistryDirectory(directory: string, options?: OperationOptions): Promise<VerifyReport> {
  return verifyRegistry(directoryFiles(directory), options);
}

/** The same, for a registry directory in any tree; `where` names it for people. */
export function verifyRegistryTree(tree: FileTree, where: string, options?: OperationOptions): Promise<VerifyReport> {
  return verifyRegistry(treeFiles(tree, where), options);
}

async function verifyRegistry(files: StoredFiles, options: OperationOptions = {}): Promise<VerifyReport> {
  const verification = new Verification(dataOf(files), options);
  for await (const name of repositoryNames(files, options)) {
    await new RepositoryCheck(files, name, verification).run(options);
  }
  for await (const digest of dataDigests(files)) {
    if (verification.seen.has(digest)) continue;
    const message = `no repository has a link to ${digest}`;
    verification.add({ kind: 'unreferenced', subject: digest, where: files.where, message });
  }
  return verification.report();
}

/** The data of a registry directory without its links: whether a repository may serve it is looked at apart. */
function dataOf(files: StoredFiles): ReadOnlyStore {
  return {
    async exists({ digest, size }: Descriptor): Promise<boolean> {
      return (await files.size(blobDataPath(digest))) === size;
    },
    async fetch(descriptor: Descriptor, { start = 0, signal }: FetchOptions = {}): Promise<Readable> {
      const path = blobDataPath(descriptor.digest);
      const size = await files.size(path);
      if (size === undefined) throw new NotFoundError(`the data of ${descriptor.digest} is not there`);
      startCheck(descriptor, start, size);
      return await files.open(path, start, { signal });
    },
  };
}

/** One repository: what its links say, and whether there is a link for all that its manifests need. */
class RepositoryCheck {
  readonly #files: StoredFiles;
  readonly #name: string;
  readonly #verification: Verification;

  constructor(files: StoredFiles, name: string, verification: Verification) {
    this.#files = files;
    this.#name = name;
    this.#verification = verification;
  }

  async run({ signal }: OperationOptions): Promise<void> {
    for await (const digest of linkedDigests(this.#files, layersPath(this.#name))) {
      if (await this.#isLinked(layerLinkPath(this.#name, digest), digest)) await this.#data(digest);
    }
    for await (const digest of linkedDigests(this.#files, revisionsPath(this.#name))) {
      signal?.throwIfAborted();
      if (!(await this.#isLinked(revisionLinkPath(this.#name, digest), digest))) continue;
      if ((await this.#data(digest)) === 'good') await this.#manifest(digest);
    }
    for (const tag of await this.#files.names(tagsPath(this.#name), 'directory')) {
      if (isTag(tag)) await this.#tag(tag);
    }
  }

  async #data(digest: Digest): Promise<'good' | 'bad'> {
    const size = (await this.#files.size(blobDataPath(digest))) ?? 0;
    return await this.#verification.content({ mediaType: BLOB_MEDIA_TYPE, digest, size }, this.#name);
  }

  async #manifest(digest: Digest): Promise<void> {
    const manifest = await this.#parsed(digest);
    if (manifest === undefined) return;
    for (const blob of successorsOf(manifest).blobs) {
      const path = layerLinkPath(this.#name, blob.digest);
      if ((await this.#files.size(path)) === undefined) {
        this.#problem(
          'missing',
          blob.digest,
          `manifest ${digest} needs ${blob.digest}, which the repository does not have`,
        );
      }
    }
  }

  async #tag(tag: string): Promise<void> {
    const path = tagCurrentPath(this.#name, tag);
    const text = (await this.#files.read(path, MAX_LINK_SIZE))?.toString('latin1') ?? '';
    const [algorithm = '', hex = ''] = text.split(':');
    const digest = digestOfDirectory(algorithm, hex);
    if (digest === undefined) {
      this.#problem('broken-link', path, `the tag ${tag} names no digest`);
    } else if ((await this.#files.size(revisionLinkPath(this.#name, digest))) === undefined) {
      this.#problem('missing', digest, `the tag ${tag} names a manifest that the repository does not have`);
    }
  }

  /** A directory without a link is what a registry leaves of content that was deleted. */
  async #isLinked(path: string, digest: Digest): Promise<boolean> {
    const text = (await this.#files.read(path, MAX_LINK_SIZE))?.toString('latin1');
    if (text === undefined) return false;
    if (text !== digest) this.#problem('broken-link', path, `it holds ${JSON.stringify(text)}, not ${digest}`);
    return true;
  }

  async #parsed(digest: Digest): Promise<Manifest | undefined> {
    const bytes = await this.#files.read(blobDataPath(digest), MAX_MANIFEST_SIZE);
    try {
      return bytes === undefined ? undefined : parseManifest(bytes);
    } catch (error) {
      this.#problem('corrupt', digest, `it cannot be read as a manifest: ${messageOf(error)}`);
      return undefined;
    }
  }

  #problem(kind: 'missing' | 'corrupt' | 'broken-link', subject: string, message: string): void {
    this.#verification.add({ kind, subject, where: this.#name, message });
  }
}

/** The digests that have a directory below `path`. */
async function* linkedDigests(files: StoredFiles, path: string): AsyncGenerator<Digest> {
  for (const algorithm of await files.names(path, 'directory')) {
    for (const hex of await files.names(`${path}/${algorithm}`, 'directory')) {
      const digest = digestOfDirectory(algorithm, hex);
      if (digest !== undefined) yield digest;
    }
  }
}

async function* dataDigests(files: StoredFiles): AsyncGenerator<Digest> {
  for (const algorithm of await files.names(BLOBS, 'directory')) {
    for (const prefix of await files.names(`${BLOBS}/${algorithm}`, 'directory')) {
      for (const hex of await files.names(`${BLOBS}/${algorithm}/${prefix}`, 'directory')) {
        const digest = digestOfDirectory(algorithm, hex);
        if (digest !== undefined) yield digest;
      }
    }
  }
}
