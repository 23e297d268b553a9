export type { WrittenFormat } from './archive/archive-plan.ts';
export { type ArchiveStreamOptions, archiveStream } from './archive/archive-stream.ts';
export type { ArchiveFormat, ImageArchive } from './archive/image-archive.ts';
export { type OpenArchiveOptions, openArchive, openDockerArchive, openOciArchive } from './archive/open-archive.ts';
export { type WriteArchiveOptions, writeArchive } from './archive/write-archive.ts';
export { BlobFiles } from './blobs/blob-files.ts';
export { type RegistryEntry, type RepositoryContents, registryLinkEntries } from './distribution/link-entries.ts';
export { blobDataPath } from './distribution/paths.ts';
export { fallbackTag, formatReferrers, parseReferrers, referrerOf } from './distribution/referrers.ts';
export { openRegistryDirectory } from './distribution/registry-directory.ts';
export type { RegistryDirectoryRepository } from './distribution/registry-directory-repository.ts';
export { type RegistryFilesRepository, registryFilesNamespace } from './distribution/registry-files.ts';
export { type DockerEngine, type LoadOptions, openDockerEngine, type SaveOptions } from './engine/docker-engine.ts';
export {
  type EngineAddress,
  type EngineTls,
  formatEngineAddress,
  parseEngineAddress,
} from './engine/engine-address.ts';
export { directoryFiles } from './files/directory-files.ts';
export type { StoredFiles } from './files/stored-files.ts';
export { treeFiles } from './files/tree-files.ts';
export type { KubekeyContents, StrayFile } from './kubekey/find-images.ts';
export { type KubekeyDirectory, type KubekeyOptions, openKubekeyDirectory } from './kubekey/kubekey-directory.ts';
export type { KubekeyRepository } from './kubekey/kubekey-repository.ts';
export type { KubekeyLayout } from './kubekey/paths.ts';
export type { BrokenImage, KubekeyImage, KubekeyName } from './kubekey/repository-images.ts';
export {
  entriesNamed,
  formatLayoutIndex,
  IMAGE_NAME,
  INDEX_FILE,
  imagesOf,
  LAYOUT_FILE,
  LAYOUT_TEXT,
  layoutBlobPath,
  MAX_INDEX_SIZE,
  type NamedImage,
  named,
  nameOf,
  parseLayoutIndex,
  REF_NAME,
  unnamed,
} from './layout/layout-index.ts';
export { type OciLayout, openOciLayout } from './layout/oci-layout.ts';
export { readSegments, sizeOfSegments } from './segments/read-segments.ts';
export { fileSize } from './staging/file-size.ts';
export { currentOwner, isAlive, type Owner, parseOwner } from './staging/owner.ts';
export { type FoundProcess, findProcess } from './staging/process-state.ts';
export { type StagedFile, Staging } from './staging/staging.ts';
export { verifyArchive } from './verify/verify-archive.ts';
export {
  type Problem,
  Verification,
  type VerifyReport,
  type VerifyRoot,
  verifyImages,
} from './verify/verify-content.ts';
export { verifyKubekeyDirectory } from './verify/verify-kubekey.ts';
export { verifyRegistryDirectory, verifyRegistryTree } from './verify/verify-registry.ts';
