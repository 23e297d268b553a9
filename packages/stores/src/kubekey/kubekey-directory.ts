/** The images directory of KubeKey: a target for each repository, read in every generation, written in the one that is chosen. */

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Namespace, OperationOptions } from '@kubecrate/content';
import { fileError, isMissing, KubecrateError, NotFoundError } from '@kubecrate/errors';
import { type Digest, isDigest } from '@kubecrate/oci';
import { BlobFiles } from '../blobs/blob-files.ts';
import { directoryFiles } from '../files/directory-files.ts';
import type { StoredFiles } from '../files/stored-files.ts';
import { SMALL_NAME, Staging } from '../staging/staging.ts';
import { findImages, findRepositories, type KubekeyContents, readRepositories } from './find-images.ts';
import { KubekeyRepository, type KubekeyStorage } from './kubekey-repository.ts';
import { blobPath, type KubekeyLayout, parseRepositoryName } from './paths.ts';

export interface KubekeyOptions {
  /** To `read`, the directory has to be there; to `write`, it is made with the first content. */
  readonly access: 'read' | 'write';
  /** What tags are written as. Default `v4.0.0`. */
  readonly layout?: KubekeyLayout | undefined;
}

/** @throws NotFoundError where a directory that is to be read is not there */
export async function openKubekeyDirectory(directory: string, options: KubekeyOptions): Promise<KubekeyDirectory> {
  await checkDirectory(directory, options.access);
  return new KubekeyDirectory(directory, options);
}

/** Names of repositories carry their domain: `docker.io/library/nginx`. */
export class KubekeyDirectory implements Namespace<KubekeyRepository> {
  readonly #files: StoredFiles;
  readonly #storage: KubekeyStorage;

  constructor(directory: string, { access, layout = 'v4.0.0' }: KubekeyOptions) {
    const staging = new Staging(directory);
    this.#files = directoryFiles(directory);
    this.#storage = {
      directory,
      access,
      layout,
      files: this.#files,
      staging,
      blobs: new BlobFiles(staging, (digest) => join(directory, blobPath(digest))),
      turns: new Map(),
    };
  }

  repository(name: string): KubekeyRepository {
    return new KubekeyRepository(this.#storage, parseRepositoryName(name));
  }

  async *repositories(options?: OperationOptions): AsyncGenerator<string> {
    yield* [...(await findRepositories(this.#files, [], options)).keys()].sort();
  }

  /** Removes what killed processes left of blobs that are here whole by now: nobody would go on with it. */
  async tidy(): Promise<void> {
    const { staging, blobs } = this.#storage;
    await staging.clean(async ({ name, size }) => {
      if (name === SMALL_NAME) return true;
      const digest = digestOfStaged(name);
      return digest !== undefined && size <= ((await blobs.sizeOf(digest)) ?? -1);
    });
  }

  /** Every image, those that are broken, and the files that belong to none. */
  images(options?: OperationOptions): Promise<KubekeyContents> {
    return findImages(this.#files, options);
  }

  /** The same by repositories, with every manifest. */
  contents(options?: OperationOptions): ReturnType<typeof readRepositories> {
    return readRepositories(this.#files, options);
  }
}

/** Blobs are staged under the hexadecimal part of their digest alone. */
function digestOfStaged(name: string): Digest | undefined {
  return [`sha256:${name}`, `sha512:${name}`].find(isDigest);
}

async function checkDirectory(directory: string, access: 'read' | 'write'): Promise<void> {
  try {
    if ((await stat(directory)).isDirectory()) return;
  } catch (error) {
    if (!isMissing(error)) throw fileError(`cannot open the images directory ${JSON.stringify(directory)}`, error);
    if (access === 'write') return;
    throw new NotFoundError(`the images directory ${JSON.stringify(directory)} is not there`, {
      hint: 'give the directory that holds blobs/ and a directory for each registry',
      cause: error,
    });
  }
  throw new KubecrateError('INVALID_ARGUMENT', `${JSON.stringify(directory)} is a file, not an images directory`);
}
