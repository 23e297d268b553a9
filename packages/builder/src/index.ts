export { type BuildResult, build } from './build.ts';
export {
  type BuildChartOptions,
  type BuildOptions,
  type BuildStore,
  type BuildTools,
  CHARTS_REPOSITORY,
  type PullPolicy,
} from './build-options.ts';
export type { BuiltPlatform, SavedName } from './build-platform.ts';
export { chartStore } from './chart-store.ts';
export { checkSources, type SourceContext } from './check-sources.ts';
export {
  type Application,
  type ClusterImageType,
  CONTAINER_IMAGES_ANNOTATION,
  type ContainerImage,
  EXTENSION_ANNOTATION,
  readExtension,
} from './extension.ts';
export { readIgnoreFile } from './ignore-file.ts';
export { previewImages } from './preview.ts';
export { type Probe, probeImages } from './probe-images.ts';
export type { SelectImagesOptions } from './select-images.ts';
