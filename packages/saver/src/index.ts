export type { Registries } from './collisions.ts';
export { createImageSaver, type ImageSaver, type ImageSaverOptions } from './image-saver.ts';
export { type NamedImage, type NamePlan, type Naming, planNames, type RequestedImage } from './name-plan.ts';
export { blobEntryOf, registryEntriesOf, type SavedContents } from './registry-entries.ts';
export { refuseFailures } from './report.ts';
export { type SavedImage, type SaveOptions, saveInto } from './save-images.ts';
export { type ContentStore, viewStore } from './store-view.ts';
