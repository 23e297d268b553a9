export {
  type ChartArtifact,
  type ChartArtifactOptions,
  type ChartLayer,
  chartArtifact,
  chartTag,
  versionOfTag,
} from './artifact/chart-artifact.ts';
export { type PackagedChart, type PackageOptions, packageChart } from './artifact/package-chart.ts';
export type { ChartVersions } from './artifact/rewrite-versions.ts';
export { unpackChart } from './artifact/unpack-chart.ts';
export {
  type Chart,
  type ChartDependency,
  type ChartFile,
  type ChartMaintainer,
  type ChartMetadata,
  isLibrary,
} from './chart/chart.ts';
export type { LoadLimits } from './chart/load-budget.ts';
export {
  chartFromFiles,
  type LoadChartOptions,
  loadChart,
  loadChartArchive,
  loadChartFromTree,
} from './chart/load-chart.ts';
export { type JsonValue, jsonValue } from './json/json-value.ts';
export { DEFAULT_KUBE_VERSION } from './render/capabilities.ts';
export type { CrdFile } from './render/crds.ts';
export { isTestHook, type Manifest } from './render/manifests.ts';
export {
  type RenderedChart,
  type RenderedFiles,
  type RenderOptions,
  renderChart,
  renderFiles,
} from './render/render-chart.ts';
export { ChartRenderError } from './render/render-error.ts';
export { type TemplateOutputOptions, templateOutput } from './render/template-output.ts';
export { openTomlReader, type TomlReader } from './toml/decode.ts';
export { encodeToml } from './toml/encode.ts';
export { type ReadFile, readUserValues, type UserValueSources } from './values/user-values.ts';
export { emitYaml } from './yaml/emit.ts';
export { readYaml, readYamlMap, YamlConversionError } from './yaml/yaml.ts';
