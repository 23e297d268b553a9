/** A registry directory that can be written: any stock registry serves it, also while it is being filled. */

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Namespace } from '@kubecrate/content';
import { fileError, isMissing, KubecrateError, NotFoundError } from '@kubecrate/errors';
import { BlobFiles } from '../blobs/blob-files.ts';
import { directoryFiles } from '../files/directory-files.ts';
import { Staging } from '../staging/staging.ts';
import { blobDataPath, repositoryPath } from './paths.ts';
import { RegistryDirectoryRepository } from './registry-directory-repository.ts';
import { RegistryFilesRepository, repositoryNames } from './registry-files.ts';

/**
 * Opens the root directory of a registry (the parent of `docker/registry/v2`).
 * To `read`, it has to be there; to `write` it is made with the first content.
 * @throws NotFoundError
 */
export function openRegistryDirectory(
  directory: string,
  options: { readonly access: 'read' },
): Promise<Namespace<RegistryFilesRepository>>;
export function openRegistryDirectory(
  directory: string,
  options: { readonly access: 'write' },
): Promise<Namespace<RegistryDirectoryRepository>>;
export async function openRegistryDirectory(
  directory: string,
  { access }: { readonly access: 'read' | 'write' },
): Promise<Namespace<RegistryFilesRepository | RegistryDirectoryRepository>> {
  await checkDirectory(directory, access);
  const files = directoryFiles(directory);
  const staging = new Staging(directory);
  const shared = {
    directory,
    files,
    staging,
    blobs: new BlobFiles(staging, (digest) => join(directory, blobDataPath(digest))),
    updates: new Map<string, Promise<void>>(),
  };
  return {
    repository: (name) => {
      repositoryPath(name);
      return access === 'read'
        ? new RegistryFilesRepository(files, name)
        : new RegistryDirectoryRepository(shared, name);
    },
    repositories: (operation) => repositoryNames(files, operation),
  };
}

async function checkDirectory(directory: string, access: 'read' | 'write'): Promise<void> {
  try {
    if ((await stat(directory)).isDirectory()) return;
  } catch (error) {
    if (!isMissing(error)) throw fileError(`cannot open the registry directory ${JSON.stringify(directory)}`, error);
    if (access === 'write') return;
    throw new NotFoundError(`the registry directory ${JSON.stringify(directory)} is not there`, {
      hint: 'give the directory that holds docker/registry/v2',
      cause: error,
    });
  }
  throw new KubecrateError('INVALID_ARGUMENT', `${JSON.stringify(directory)} is a file, not a registry directory`, {
    hint: 'give a directory, or the name of one that does not exist yet',
  });
}
