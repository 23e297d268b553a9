/** Destinations of COPY and ADD that are directories. */

import { posix } from 'node:path';

/** The directories at the top of a cluster image; they are directories by name, whether or not they exist yet. */
export const RESERVED_DIRECTORIES: ReadonlySet<string> = new Set([
  'application',
  'bin',
  'charts',
  'cri',
  'etc',
  'images',
  'manifests',
  'plugins',
  'scripts',
  'statics',
]);

/** True for a reserved directory at the top of the image, however it is spelled: `manifests`, `/manifests`, `./manifests`. */
export function isReservedDirectory(path: string): boolean {
  return RESERVED_DIRECTORIES.has(posix.resolve('/', path).slice(1));
}

/**
 * True where the destination says itself that it is a directory: it ends in `/`, it is the top of the image, or it is a reserved directory.
 * Any other destination is a directory only if there is one of that name when the files are copied, or if the source is one.
 */
export function isDirectoryDestination(destination: string): boolean {
  return (
    destination.endsWith('/') ||
    destination.endsWith('/.') ||
    posix.resolve('/', destination) === '/' ||
    isReservedDirectory(destination)
  );
}
