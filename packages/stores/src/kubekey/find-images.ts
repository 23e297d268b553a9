/** What a KubeKey images directory holds: every image with its names, and the files that are none. */

import type { OperationOptions } from '@kubecrate/content';
import { hasCode, messageOf } from '@kubecrate/errors';
import { type Descriptor, formatReference, isDigest, isTag } from '@kubecrate/oci';
import type { StoredFiles } from '../files/stored-files.ts';
import { KubekeyRepositoryFiles } from './kubekey-files.ts';
import { BLOBS, type KubekeyRepositoryName, MANIFESTS, repositoryOf } from './paths.ts';

/** An image by its tag. */
export interface KubekeyImage extends KubekeyRepositoryName {
  readonly tag: string;
  readonly descriptor: Descriptor;
  /** `docker.io/library/nginx:1.25` */
  readonly name: string;
  /** The same with the folder it lies in, as KubeKey itself spells it: `registry-1.docker.io/library/nginx:1.25`. */
  readonly spellings: readonly string[];
}

/** A file that is no part of an image. */
export interface StrayFile {
  /** Relative to the images directory. */
  readonly path: string;
  readonly reason: string;
}

export interface KubekeyContents {
  /** In ascending order of their names. */
  readonly images: readonly KubekeyImage[];
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
      strays.push({ path: path === '' ? name : `${path}/${name}`, reason: 'it is in no directory of manifests' });
    }
    for (const child of await files.names(path, 'directory')) {
      if (path !== '') await walk(`${path}/${child}`);
      else if (child !== BLOBS && !child.startsWith('.')) await walk(child);
    }
  };
  await walk('');
  return found;
}

/** Every image; files that are no manifests are reported, not followed. */
export async function findImages(files: StoredFiles, options: OperationOptions = {}): Promise<KubekeyContents> {
  const strays: StrayFile[] = [];
  const images: KubekeyImage[] = [];
  for (const { name, folders } of (await findRepositories(files, strays, options)).values()) {
    const repository = new KubekeyRepositoryFiles(files, name);
    for await (const tag of repository.tags(options)) {
      const reference = formatReference({ ...name, tag });
      const spellings = folders.map((folder) => `${folder}/${name.repository}:${tag}`);
      const path = `${folders[0]}/${name.repository}/${MANIFESTS}/${tag}`;
      try {
        const descriptor = await repository.resolve(tag, options);
        images.push({ ...name, tag, descriptor, name: reference, spellings: [...new Set([reference, ...spellings])] });
      } catch (error) {
        if (!UNREADABLE.some((code) => hasCode(error, code))) throw error;
        strays.push({ path, reason: messageOf(error) });
      }
    }
  }
  return { images: images.sort((a, b) => (a.name < b.name ? -1 : 1)), strays };
}

/** No manifest, one that is too large, or a tag of the file `layout` whose manifest is not there. */
const UNREADABLE = ['INVALID_MANIFEST', 'INVALID_DIGEST', 'LIMIT_EXCEEDED', 'UNSUPPORTED', 'NOT_FOUND'] as const;
