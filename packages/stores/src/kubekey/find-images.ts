/** What a KubeKey images directory holds: every image with its names, and the files that are none. */

import type { OperationOptions } from '@kubecrate/content';
import { formatReference, isDigest, isTag } from '@kubecrate/oci';
import type { StoredFiles } from '../files/stored-files.ts';
import { BLOBS, type KubekeyRepositoryName, MANIFESTS, repositoryOf } from './paths.ts';
import { type ManifestsFolder, readFolder } from './read-folder.ts';
import {
  type BrokenImage,
  type KubekeyImage,
  type KubekeyName,
  type KubekeyRepositoryContents,
  repositoryContents,
} from './repository-images.ts';

/** A file that is no part of an image. */
export interface StrayFile {
  /** Relative to the images directory. */
  readonly path: string;
  readonly reason: string;
}

export interface KubekeyContents {
  /** In ascending order of their names; those that no tag has under their digests. */
  readonly images: readonly KubekeyImage[];
  /** In the same order. They are none of the `images`. */
  readonly broken: readonly BrokenImage[];
  /** Every manifest that is there by tag or digest, children of indexes too: `docker.io/library/nginx@sha256:...`. */
  readonly manifests: ReadonlySet<string>;
  readonly strays: readonly StrayFile[];
}

/** The repositories of the directory, with the folders in which each was found; `strays` gets what is none. */
export async function findRepositories(
  files: StoredFiles,
  strays: StrayFile[],
  { signal }: OperationOptions = {},
): Promise<ReadonlyMap<string, { readonly name: KubekeyRepositoryName; readonly folders: readonly string[] }>> {
  const found = new Map<string, { name: KubekeyRepositoryName; folders: string[] }>();
  const walk = async (path: string): Promise<void> => {
    signal?.throwIfAborted();
    const isManifests = path.endsWith(`/${MANIFESTS}`);
    const repository = isManifests ? repositoryOf(path.slice(0, -MANIFESTS.length - 1)) : undefined;
    const names = await files.names(path, 'file');
    if (repository !== undefined && names.length > 0) {
      const key = `${repository.domain}/${repository.repository}`;
      const entry = found.get(key) ?? { name: repository, folders: [] };
      entry.folders.push(path.slice(0, path.indexOf('/')));
      found.set(key, entry);
    }
    for (const name of names) {
      const isReference = isTag(name) || isDigest(name);
      if (repository !== undefined && isReference) continue;
      const reason =
        repository === undefined ? 'it is in no directory of manifests' : 'its name is neither a tag nor a digest';
      strays.push({ path: path === '' ? name : `${path}/${name}`, reason });
    }
    for (const child of await files.names(path, 'directory')) {
      if (path !== '') await walk(`${path}/${child}`);
      else if (child !== BLOBS && !child.startsWith('.')) await walk(child);
    }
  };
  await walk('');
  return found;
}

/** Every repository read whole, and the files that are in none. */
export async function readRepositories(
  files: StoredFiles,
  options: OperationOptions = {},
): Promise<{ readonly repositories: readonly KubekeyRepositoryContents[]; readonly strays: readonly StrayFile[] }> {
  const strays: StrayFile[] = [];
  const repositories: KubekeyRepositoryContents[] = [];
  for (const { name, folders } of (await findRepositories(files, strays, options)).values()) {
    const read: ManifestsFolder[] = [];
    for (const folder of folders) read.push(await readFolder(files, { folder, repository: name.repository }, options));
    repositories.push(repositoryContents(name, read));
  }
  return { repositories, strays };
}

/** Every image, broken ones apart. */
export async function findImages(files: StoredFiles, options: OperationOptions = {}): Promise<KubekeyContents> {
  const { repositories, strays } = await readRepositories(files, options);
  return {
    images: repositories.flatMap(({ images }) => images).sort(byName),
    broken: repositories.flatMap(({ broken }) => broken).sort(byName),
    manifests: new Set(repositories.flatMap(manifestsOf)),
    strays,
  };
}

function manifestsOf({ name, folders }: KubekeyRepositoryContents): readonly string[] {
  return folders
    .flatMap(({ tags, digests }) => [...tags.values(), ...digests.values()])
    .flatMap((found) =>
      found.state === 'whole' ? [formatReference({ ...name, digest: found.descriptor.digest })] : [],
    );
}

function byName(a: KubekeyName, b: KubekeyName): number {
  return a.name < b.name ? -1 : 1;
}
