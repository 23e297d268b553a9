export { type Descriptor, descriptorOf, parseAnnotations, parseDescriptor } from './descriptor.ts';
export {
  algorithmOf,
  type Digest,
  type DigestAlgorithm,
  digestFrom,
  digestOf,
  hexOf,
  isDigest,
  parseDigest,
} from './digest.ts';
export { expectArray, expectObject, expectString, type Fields, optionalString, parseJsonObject } from './fields.ts';
export {
  type ContainerConfig,
  type HistoryEntry,
  type ImageConfig,
  parseImageConfig,
  platformOfConfig,
} from './image-config.ts';
export { type ImageIndex, type ImageManifest, MAX_MANIFEST_SIZE, type Manifest, parseManifest } from './manifest.ts';
export {
  isForeignLayerMediaType,
  isImageManifestMediaType,
  isIndexMediaType,
  isManifestMediaType,
  isSchema1MediaType,
  MANIFEST_MEDIA_TYPES,
  MEDIA_TYPES,
} from './media-types.ts';
export {
  formatPlatform,
  matchesPlatform,
  type Platform,
  parseOperatingSystem,
  parsePlatform,
  platformOf,
} from './platform.ts';
export {
  askedRepository,
  DOCKER_HUB,
  familiarReference,
  formatReference,
  isPort,
  isRepository,
  isTag,
  PORTS,
  parseReference,
  type Reference,
  tagOrDigest,
  UNQUALIFIED,
  withDefaultTag,
} from './reference.ts';
