export {
  AtomicFile,
  type AtomicFileOptions,
  type Durability,
  isTemporaryName,
  openAtomicFile,
  syncDirectory,
  writeFileAtomic,
} from './atomic-file.ts';
export { checkDestination } from './check-destination.ts';
export type { TarHeader, TarLimits, TarOptions } from './check-tar-header.ts';
export {
  type Compression,
  decompress,
  detectCompression,
  type ExpansionLimits,
  sniffCompression,
} from './compression.ts';
export { type EnsureDirectoryOptions, ensureDirectory, type TempDirectory, tempDirectory } from './directories.ts';
export { openDirectoryTree } from './directory-tree.ts';
export { globToMatcher, isGlob, type PathMatcher } from './glob.ts';
export { gzipReproducible } from './gzip.ts';
export { type IgnoreMatcher, ignoreMatcher } from './ignore.ts';
export { isInside, makeParents, normalizePath, resolveInside, safeJoin } from './safe-path.ts';
export { readSegments, sliceSegments } from './segments.ts';
export { type TarEntry, tarEntries, tarIndex } from './tar-entries.ts';
export { TAR_BLOCK, TAR_END, tarPadding } from './tar-format.ts';
export { tarHeader } from './tar-header.ts';
export type { TarPosition } from './tar-reader.ts';
export type { TarSegment } from './tar-source.ts';
export { type TarInput, writeTar } from './tar-writer.ts';
export {
  comparePaths,
  type EntriesOptions,
  type EntryType,
  type FileExtent,
  type FileTree,
  type OpenOptions,
  type TreeEntry,
  type TreeOptions,
} from './tree.ts';
