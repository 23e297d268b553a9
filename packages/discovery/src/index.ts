export type { ReadyValues, ValuesText } from './chart-source.ts';
export type { ChartValues, DiscoverChartOptions } from './discover-charts.ts';
export {
  type DeployedChart,
  type DeployedManifests,
  type Deployment,
  type DiscoverDeploymentOptions,
  discoverDeployment,
} from './discover-deployment.ts';
export { type DiscoverOptions, discoverImages } from './discover-images.ts';
export {
  type ChartIdentity,
  type ChartLocation,
  type Confidence,
  type Diagnostic,
  type DiscoveredImage,
  type Discovery,
  isAtLeast,
  type LeftOutImage,
  type ObjectIdentity,
  type Provenance,
  type Rule,
} from './discovery.ts';
export { IMAGE_LIST_PATH } from './find-files.ts';
export { type ImageList, type ImageListEntry, readImageList } from './image-list.ts';
export { type AuthenticatedImages, readImageListWithAuth } from './image-list-with-auth.ts';
