export { type DiscoverOptions, discoverImages } from './discover-images.ts';
export type {
  ChartLocation,
  Confidence,
  Diagnostic,
  DiscoveredImage,
  Discovery,
  LeftOutImage,
  ObjectIdentity,
  Provenance,
  Rule,
} from './discovery.ts';
export { IMAGE_LIST_PATH } from './find-files.ts';
export { type ImageList, type ImageListEntry, readImageList } from './image-list.ts';
export { type AuthenticatedImages, readImageListWithAuth } from './image-list-with-auth.ts';
