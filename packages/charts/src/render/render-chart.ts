/** A chart with values into the objects that Helm would install. */

import { posix } from 'node:path';
import {
  createBudget,
  type GoMap,
  type GoValue,
  type Limits,
  type RandomSource,
  sprigFunctions,
  type TemplateSet,
} from '@kubecrate/gotemplate';
import type { Chart } from '../chart/chart.ts';
import { validateValues } from '../schema/validate-values.ts';
import { openTomlReader, type TomlReader } from '../toml/decode.ts';
import { coalesceValues } from '../values/coalesce.ts';
import { processDependencies } from '../values/process-dependencies.ts';
import { isInRange } from '../version.ts';
import { YamlConversionError } from '../yaml/yaml.ts';
import {
  type CapabilityOptions,
  capabilitiesObject,
  DEFAULT_KUBE_VERSION,
  type KubeVersion,
  parseKubeVersion,
} from './capabilities.ts';
import { type ChartTemplate, chartTemplates } from './chart-templates.ts';
import { checkDependencies } from './check-dependencies.ts';
import { type CrdFile, crdFiles } from './crds.ts';
import { helmFunctions } from './helm-functions.ts';
import { type Manifest, sortManifests } from './manifests.ts';
import { ChartRenderError, renderError } from './render-error.ts';
import { createTemplateSet, withoutNoValue } from './template-functions.ts';
import { valuesObject } from './values-object.ts';

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
  const sorted = attemptSort(chart, rendered.files, (message) => void warnings.push(message));
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
  const warn = (message: string): void => void warnings.push(message);
  checkDependencies(chart);
  const kubeVersion = parseKubeVersion(options.kubeVersion ?? DEFAULT_KUBE_VERSION);
  const processed = processDependencies(chart, user, warn);
  const values = coalesceValues(processed, user, 'coalesce', warn);
  if (options.schemas !== 'ignored') validateValues(processed, values, warn);
  checkKubeVersion(processed, kubeVersion);
  const objects = {
    release: releaseObject(options),
    capabilities: capabilitiesObject(kubeVersion, options.apiVersions ?? []),
  };
  const templates = chartTemplates(processed, values, objects);
  const files = renderTemplates(processed, templates, await openReaders(templates), options);
  const notes = takeNotes(processed, files);
  return { files, crds: crdFiles(processed), notes, values, warnings };
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

/** Functions cannot wait, so what one of them may need is loaded before. */
async function openReaders(templates: readonly ChartTemplate[]): Promise<TomlReader | undefined> {
  return templates.some(({ text }) => text.includes('fromToml')) ? openTomlReader() : undefined;
}

function renderTemplates(
  chart: Chart,
  templates: readonly ChartTemplate[],
  readToml: TomlReader | undefined,
  options: RenderOptions,
): Map<string, string> {
  const sprig = sprigFunctions({ now: options.now, random: options.random });
  const set = createTemplateSet(helmFunctions(sprig, readToml));
  const name = chart.metadata.name;
  for (const template of templates) attempt(name, template.name, () => set.parse(template.name, template.text));
  const files = new Map<string, string>();
  const budget = createBudget(options.limits);
  for (const template of templates) {
    if (posix.basename(template.name).startsWith('_')) continue;
    options.signal?.throwIfAborted();
    files.set(
      template.name,
      attempt(name, template.name, () => renderTemplate(set, template, budget)),
    );
  }
  return files;
}

function renderTemplate(set: TemplateSet, template: ChartTemplate, budget: ReturnType<typeof createBudget>): string {
  const description = new Map<string, GoValue>([
    ['Name', template.name],
    ['BasePath', template.basePath],
  ]);
  template.dot.set('Template', valuesObject(description));
  return withoutNoValue(set.execute(template.name, valuesObject(template.dot), { budget }));
}

function attempt<T>(chart: string, template: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw renderError(chart, template, error);
  }
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
