/**
 * The images directory of KubeKey v4 (pkg/modules/image), as its versions have written it:
 *
 *   blobs/sha256:<hex>                                every configuration and layer, one pool for all repositories
 *   <host>/<repository>/manifests/sha256:<hex>        manifests by digest: children (to v4.0.3), all of them (from v4.0.5)
 *   <host>/<repository>/manifests/<tag>               the bytes of what is tagged (to v4.0.3)
 *   <host>/<repository>/manifests/layout              {"<tag>":"sha256:<hex>"} (from v4.0.5)
 *
 * The host is the one that is asked: images of `docker.io` lie under `registry-1.docker.io`; its documents show `docker.io`.
 */

import { KubecrateError } from '@kubecrate/errors';
import { type Digest, DOCKER_HUB, formatReference, isRepository, isTag, parseReference } from '@kubecrate/oci';

/** `v4.0.0`: a file for each tag, what KubeKey v4.0.0 to v4.0.3 push from. `v4.0.5`: the file `layout`, what later ones push from. */
export type KubekeyLayout = 'v4.0.0' | 'v4.0.5';

export const BLOBS = 'blobs';
export const MANIFESTS = 'manifests';
export const LAYOUT = 'layout';

/** The host that is asked for images of Docker Hub. */
const HUB_HOST = 'registry-1.docker.io';
const HUB_FOLDERS: readonly string[] = [DOCKER_HUB, HUB_HOST, 'index.docker.io'];

/** A repository with its domain, `docker.io/library/nginx`. */
export interface KubekeyRepositoryName {
  readonly domain: string;
  readonly repository: string;
}

export function blobPath(digest: Digest): string {
  return `${BLOBS}/${digest}`;
}

export function manifestPath(folder: string, repository: string, reference: string): string {
  return `${manifestsPath(folder, repository)}/${reference}`;
}

export function manifestsPath(folder: string, repository: string): string {
  return `${folder}/${repository}/${MANIFESTS}`;
}

/** The folders in which images of a domain may lie. */
export function foldersToRead(domain: string): readonly string[] {
  return domain === DOCKER_HUB ? HUB_FOLDERS : [domain];
}

/**
 * The folders in which images of a domain are written. Those of Docker Hub go where KubeKey looks for them and, in the layout in which
 * it also lists the folders, where its documents show them; manifests are small.
 */
export function foldersToWrite(domain: string, layout: KubekeyLayout): readonly string[] {
  if (domain !== DOCKER_HUB) return [domain];
  return layout === 'v4.0.0' ? [DOCKER_HUB, HUB_HOST] : [HUB_HOST];
}

/** The repository of a directory `<folder>/<repository>`; undefined where its path is none. */
export function repositoryOf(path: string): KubekeyRepositoryName | undefined {
  const slash = path.indexOf('/');
  const folder = path.slice(0, slash);
  const repository = path.slice(slash + 1);
  const domain = HUB_FOLDERS.includes(folder) ? DOCKER_HUB : folder;
  return slash > 0 && isRepository(repository) && isDomain(domain) ? { domain, repository } : undefined;
}

/** Reads `docker.io/library/nginx`. @throws KubecrateError INVALID_REFERENCE */
export function parseRepositoryName(name: string): KubekeyRepositoryName {
  const { domain, repository, tag, digest } = parseReference(name);
  if (tag === undefined && digest === undefined) return { domain, repository };
  throw new KubecrateError('INVALID_REFERENCE', `${JSON.stringify(name)} is no repository: it has a tag or a digest`);
}

/** @throws KubecrateError INVALID_REFERENCE */
export function checkTag(tag: string): void {
  if (!isTag(tag)) throw new KubecrateError('INVALID_REFERENCE', `${JSON.stringify(tag.slice(0, 200))} is no tag`);
}

/** A folder is a registry where a reference may begin with it. */
function isDomain(folder: string): boolean {
  try {
    return formatReference(parseReference(`${folder}/a/b`)) === `${folder}/a/b`;
  } catch (error) {
    if (error instanceof KubecrateError) return false;
    throw error;
  }
}
