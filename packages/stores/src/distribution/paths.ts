/**
 * The layout of distribution's filesystem driver (registry/storage/paths.go), relative to its root directory:
 *
 *   docker/registry/v2/
 *     blobs/sha256/<2 hex>/<64 hex>/data                                  manifests, indexes, configs, layers
 *     repositories/<name>/
 *       _layers/sha256/<hex>/link                                         every config and layer the repository may serve
 *       _manifests/revisions/sha256/<hex>/link                            every manifest that can be pulled by digest
 *       _manifests/tags/<tag>/current/link                                what the tag names
 *       _manifests/tags/<tag>/index/sha256/<hex>/link                     what the tag has named, that too
 *
 * A link is exactly the digest, without a newline. This file alone knows the layout.
 */

import { KubecrateError } from '@kubecrate/errors';
import { algorithmOf, type Digest, hexOf, isDigest, isRepository, isTag } from '@kubecrate/oci';

const ROOT = 'docker/registry/v2';

export const BLOBS: string = `${ROOT}/blobs`;
export const REPOSITORIES: string = `${ROOT}/repositories`;

/** A directory of this name below `repositories/` belongs to a repository; names of repositories never begin with `_`. */
export const RESERVED = '_';

/** `sha512:` and 128 digits are the longest link. Bytes. */
export const MAX_LINK_SIZE = 256;

export function blobDataPath(digest: Digest): string {
  const hex = hexOf(digest);
  return `${BLOBS}/${algorithmOf(digest)}/${hex.slice(0, 2)}/${hex}/data`;
}

export function layerLinkPath(repository: string, digest: Digest): string {
  return `${layersPath(repository)}/${digestPath(digest)}/link`;
}

export function revisionLinkPath(repository: string, digest: Digest): string {
  return `${revisionsPath(repository)}/${digestPath(digest)}/link`;
}

export function tagCurrentPath(repository: string, tag: string): string {
  return `${tagPath(repository, tag)}/current/link`;
}

export function tagIndexPath(repository: string, tag: string, digest: Digest): string {
  return `${tagPath(repository, tag)}/index/${digestPath(digest)}/link`;
}

export function layersPath(repository: string): string {
  return `${repositoryPath(repository)}/_layers`;
}

export function revisionsPath(repository: string): string {
  return `${repositoryPath(repository)}/_manifests/revisions`;
}

export function tagsPath(repository: string): string {
  return `${repositoryPath(repository)}/_manifests/tags`;
}

export function tagPath(repository: string, tag: string): string {
  if (!isTag(tag)) throw new KubecrateError('INVALID_REFERENCE', `${JSON.stringify(tag.slice(0, 200))} is no tag`);
  return `${tagsPath(repository)}/${tag}`;
}

/** @throws KubecrateError INVALID_REFERENCE where `repository` is no repository name */
export function repositoryPath(repository: string): string {
  if (isRepository(repository)) return `${REPOSITORIES}/${repository}`;
  throw new KubecrateError('INVALID_REFERENCE', `${JSON.stringify(repository.slice(0, 300))} is no repository name`, {
    hint: 'a repository is lower-case letters and digits, parts separated by "/", without the registry host',
  });
}

/** The digest that a link holds; undefined for text that is no link. */
export function parseLink(text: string): Digest | undefined {
  return isDigest(text) ? text : undefined;
}

/** The digest that is spelled by the last two directories: `sha256/<hex>`. */
export function digestOfDirectory(algorithm: string, hex: string): Digest | undefined {
  return parseLink(`${algorithm}:${hex}`);
}

function digestPath(digest: Digest): string {
  return `${algorithmOf(digest)}/${hexOf(digest)}`;
}
