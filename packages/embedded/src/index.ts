export { type EmbeddedImages, type OpenWork, openEmbeddedImages } from './embedded-images.ts';
export type { EmbeddedLayer, EmbeddedManifest } from './embedded-manifest.ts';
export { type EmbeddedImage, MAX_EMBEDDED_MANIFEST, readEmbeddedImage } from './read-embedded-image.ts';
