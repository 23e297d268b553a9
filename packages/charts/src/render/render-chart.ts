/** A chart with values into the objects that Helm would install. */

import { posix } from 'node:path';
import { type GoMap, type GoValue, isStackLimit, type Limits, type RandomSource } from '@kubecrate/gotemplate';
import type { Chart } from '../chart/chart.ts';
import { validateValues } from '../schema/validate-values.ts';
import { coalesceValues } from '../values/coalesce.ts';
import { processDependencies } from '../values/process-dependencies.ts';
import { isInRange } from '../version.ts';
import { YamlConversionError } from '../yaml/yaml.ts';
import { type CapabilityOptions, DEFAULT_KUBE_VERSION, type KubeVersion, parseKubeVersion } from './capabilities.ts';
import { checkDependencies } from './check-dependencies.ts';
import { type CrdFile, crdFiles } from './crds.ts';
import { renderDeep } from './deep-render.ts';
import { type Manifest, sortManifests } from './manifests.ts';
import { ChartRenderError } from './render-error.ts';
import { type RenderJob, renderJob } from './render-job.ts';

export interface RenderOptions extends CapabilityOptions {
  /** `release-name` unless given. */
  readonly releaseName?: string;
  /** `default` unless given. */
  readonly namespace?: string;
  /** Whether templates see a first installation, as they do unless told otherwise, or an upgrade. */
  readonly operation?: 'install' | 'upgrade';
  /** What keys, passwords and random texts are made of. */
  readonly random: RandomSource;
  /** The clock of `now` and of certificates. */
  readonly now: () => Date;
  /** Bounds of the whole run. */
  readonly limits?: Limits;
  /** `checked` unless given: whether the values must keep to the values.schema.json of each chart. */
  readonly schemas?: 'checked' | 'ignored';
  /** Hears what Helm writes to its log when it is found, also where the rendering fails in the end. */
  readonly warn?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/** What comes out of the templates of a chart, before it is looked into. */
export interface RenderedFiles {
  /** Every rendered file by its name, partials and notes left out. */
  readonly files: ReadonlyMap<string, string>;
  /** The files of `crds/`, which Helm does not render. */
  readonly crds: readonly CrdFile[];
  /** What NOTES.txt of the chart says. */
  readonly notes: string;
  /** The values that the templates saw. */
  readonly values: GoMap;
  /** What Helm writes to its log. */
  readonly warnings: readonly string[];
}

/** A rendered chart; both lists are in the order in which Helm installs them. */
export interface RenderedChart extends RenderedFiles {
  readonly manifests: readonly Manifest[];
  readonly hooks: readonly Manifest[];
}

/**
 * Renders a chart as `helm template` of Helm 3.17 does.
 * Throws `ChartRenderError` with Helm's message (`INVALID_TEMPLATE`, `INVALID_CHART`, or `LIMIT_EXCEEDED` where a bound was
 * passed), `INVALID_CHART` and `INVALID_ARGUMENT`.
 */
export async function renderChart(
  chart: Chart,
  user: ReadonlyMap<string, GoValue>,
  options: RenderOptions,
): Promise<RenderedChart> {
  const rendered = await renderFiles(chart, user, options);
  const warnings = [...rendered.warnings];
  const sorted = attemptSort(chart, rendered.files, warningsInto(warnings, options));
  return { ...rendered, ...sorted, warnings };
}

/** The first half of {@link renderChart}: the files need not be YAML. Throws as that does. */
export async function renderFiles(
  chart: Chart,
  user: ReadonlyMap<string, GoValue>,
  options: RenderOptions,
): Promise<RenderedFiles> {
  options.signal?.throwIfAborted();
  const warnings: string[] = [];
  const warn = warningsInto(warnings, options);
  checkDependencies(chart);
  const kubeVersion = parseKubeVersion(options.kubeVersion ?? DEFAULT_KUBE_VERSION);
  const processed = processDependencies(chart, user, warn);
  const values = coalesceValues(processed, user, 'coalesce', warn);
  if (options.schemas !== 'ignored') validateValues(processed, values, warn);
  checkKubeVersion(processed, kubeVersion);
  const jobOf = (fresh: GoMap): RenderJob => ({
    chart: processed,
    values: fresh,
    release: releaseObject(options),
    kubeVersion,
    apiVersions: options.apiVersions ?? [],
    limits: options.limits ?? {},
  });
  const files = await renderJob(jobOf(values), options).catch((error: unknown) => {
    if (!isStackLimit(error)) throw error;
    // The first attempt may have changed its values.
    return renderDeep(jobOf(coalesceValues(processed, user, 'coalesce', () => {})), options);
  });
  const notes = takeNotes(processed, files);
  return { files, crds: crdFiles(processed), notes, values, warnings };
}

function warningsInto(warnings: string[], { warn }: RenderOptions): (message: string) => void {
  return (message) => {
    warnings.push(message);
    warn?.(message);
  };
}

function releaseObject(options: RenderOptions): GoMap {
  const upgrade = options.operation === 'upgrade';
  return new Map<string, GoValue>([
    ['Name', options.releaseName ?? 'release-name'],
    ['Namespace', options.namespace ?? 'default'],
    ['IsUpgrade', upgrade],
    ['IsInstall', !upgrade],
    ['Revision', 1n],
    ['Service', 'Helm'],
  ]);
}

function checkKubeVersion({ metadata }: Chart, { version }: KubeVersion): void {
  if (metadata.kubeVersion === '' || isInRange(metadata.kubeVersion, version)) return;
  throw new ChartRenderError(
    'INVALID_CHART',
    metadata.name,
    `chart requires kubeVersion: ${metadata.kubeVersion} which is incompatible with Kubernetes ${version}`,
  );
}

/** Takes all notes out of the files and gives those of the chart itself. */
function takeNotes({ metadata }: Chart, files: Map<string, string>): string {
  const own = files.get(posix.join(metadata.name, 'templates', NOTES)) ?? '';
  for (const name of [...files.keys()]) if (name.endsWith(NOTES)) files.delete(name);
  return own;
}

function attemptSort(
  { metadata }: Chart,
  files: ReadonlyMap<string, string>,
  warn: (message: string) => void,
): ReturnType<typeof sortManifests> {
  try {
    return sortManifests(files, warn);
  } catch (error) {
    if (!(error instanceof YamlConversionError)) throw error;
    throw new ChartRenderError('INVALID_TEMPLATE', metadata.name, error.message, { cause: error });
  }
}

const NOTES = 'NOTES.txt';
