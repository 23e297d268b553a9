export type { Freed, PruneOptions, RemovedImage } from './free-content.ts';
export { ImageStore, openImageStore } from './image-store.ts';
export type { Lease } from './lease.ts';
export { LAYER_ANNOTATION } from './store-content.ts';
export type { StoredImage } from './stored-image.ts';
