/** Finds the images of one chart: in what it renders to, in its values, and in what its publisher says. */

import {
  type Chart,
  isTestHook,
  type RenderedChart,
  readYamlMap,
  renderChart,
  YamlConversionError,
} from '@kubecrate/charts';
import { KubecrateError } from '@kubecrate/errors';
import { type GoMap, seededRandom } from '@kubecrate/gotemplate';
import type { ReadyValues, ValuesText } from './chart-source.ts';
import type { Collector, Source } from './collect.ts';
import type { ChartLocation } from './discovery.ts';
import type { Findings } from './finding.ts';
import { findObjectImages, walkBudget } from './object-images.ts';
import { findTextImages, type TextFindings } from './text-images.ts';
import { nodeOfValue } from './value-node.ts';

export interface ChartOptions {
  /** Each is a set of values of its own; the images of all of them are found. With none, the chart's defaults are. */
  readonly values: readonly (ValuesText | ReadyValues)[];
  /** Whether hooks that test a release count. */
  readonly tests: 'leave-out' | 'include';
  readonly releaseName?: string | undefined;
  readonly kubeVersion?: string | undefined;
  readonly apiVersions?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Renders a chart and reports its images to the collector; rendered ones are of the confidence that their objects give them.
 * @throws ChartRenderError, and INVALID_ARGUMENT for values that are no YAML; what was found until then is kept
 */
export async function findChartImages(
  chart: Chart,
  location: ChartLocation,
  collector: Collector,
  options: ChartOptions,
): Promise<void> {
  const { name, version } = chart.metadata;
  const source = (path: string): Source => ({
    file: `${location.path}/${path}`,
    chart: { name, version },
    ...(location.appName === undefined ? {} : { appName: location.appName }),
  });
  await findDeclared(chart, '', source, collector, options);
  const sets: readonly GoMap[] = options.values.length === 0 ? [new Map()] : options.values.map(readValues);
  for (const values of sets) {
    options.signal?.throwIfAborted();
    const rendered = await render(chart, values, options).catch((error: unknown) => {
      // What the values name is all that is known then.
      for (const known of [chart.values, values]) findInValues(known, source('values.yaml'), collector);
      throw error;
    });
    refuseTooMany(name, rendered);
    await findRendered(rendered, source, collector, options);
    findInValues(rendered.values, source('values.yaml'), collector);
    for (const { chart: subchart, path } of subchartsOf(chart)) {
      const isRendered = [...rendered.files.keys()].some((file) => file.startsWith(`${name}/${path}`));
      if (isRendered) await findDeclared(subchart, path, source, collector, options);
    }
  }
}

/** The charts in a chart at any depth, with their paths in it: `charts/redis/`. */
function* subchartsOf({ dependencies }: Chart, path = ''): Generator<{ readonly chart: Chart; readonly path: string }> {
  for (const chart of dependencies) {
    const below = `${path}charts/${chart.metadata.name}/`;
    yield { chart, path: below };
    yield* subchartsOf(chart, below);
  }
}

/** What the publisher says: annotations of Chart.yaml, and the lock of images; `below` is the path of a chart in the chart. */
async function findDeclared(
  { metadata, files }: Chart,
  below: string,
  source: (path: string) => Source,
  collector: Collector,
  options: ChartOptions,
): Promise<void> {
  for (const key of IMAGE_ANNOTATIONS) {
    const text = metadata.annotations.get(key);
    if (text === undefined) continue;
    const findings = collector.from({ ...source(`${below}Chart.yaml`), lines: 'unknown' }, '');
    const path = `annotations[${JSON.stringify(key)}]`;
    const at: TextFindings = {
      image: (found, document) => findings.image({ ...found, path }, document),
      remark: ({ message }) => findings.remark({ severity: 'note', line: 1, message: `${path}: ${message}` }),
    };
    await findTextImages(text, at, textOptions(options));
  }
  for (const { name, data } of files) {
    if (name !== 'Images.lock') continue;
    const text = data.toString('utf8');
    await findTextImages(text, collector.from(source(`${below}${name}`), text), textOptions(options));
  }
}

const IMAGE_ANNOTATIONS = ['artifacthub.io/images', 'helm.sh/images', 'images'];

function readValues(given: ValuesText | ReadyValues): GoMap {
  if ('values' in given) return given.values;
  const { file, text } = given;
  try {
    return readYamlMap(text);
  } catch (error) {
    if (!(error instanceof YamlConversionError)) throw error;
    throw new KubecrateError('INVALID_ARGUMENT', `cannot read the values ${JSON.stringify(file)}: ${error.message}`, {
      cause: error,
    });
  }
}

/** Random texts and the clock stand still: the same chart gives the same images. */
function render(
  chart: Chart,
  values: GoMap,
  { releaseName, kubeVersion, apiVersions, signal }: ChartOptions,
): Promise<RenderedChart> {
  return renderChart(chart, values, {
    random: seededRandom('kubecrate'),
    now: () => new Date(0),
    ...(releaseName === undefined ? {} : { releaseName }),
    ...(kubeVersion === undefined ? {} : { kubeVersion }),
    ...(apiVersions === undefined ? {} : { apiVersions }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function findRendered(
  { manifests, hooks, crds }: RenderedChart,
  source: (path: string) => Source,
  collector: Collector,
  options: ChartOptions,
): Promise<void> {
  const counted = hooks.filter((hook) => options.tests === 'include' || !isTestHook(hook));
  const definitions = crds.map((crd) => ({ ...crd, line: 1 }));
  for (const { source: name, content, line: first } of [...manifests, ...counted, ...definitions]) {
    options.signal?.throwIfAborted();
    // Helm names a template by its chart first: `mysql/templates/service.yaml`.
    const findings = collector.from(source(name.slice(name.indexOf('/') + 1)), content, first);
    await findTextImages(content, findings, textOptions(options));
  }
}

/** A chart that renders to more than any cluster takes is one that is meant to take up a machine. */
function refuseTooMany(name: string, { manifests, hooks }: RenderedChart): void {
  const count = manifests.length + hooks.length;
  if (count <= MAX_OBJECTS) return;
  const message = `chart ${JSON.stringify(name)} renders to ${count} objects, the limit is ${MAX_OBJECTS}`;
  throw new KubecrateError('LIMIT_EXCEEDED', message);
}

const MAX_OBJECTS = 20_000;

/** Maps and fields of values that name an image in full; what their templates leave out of the output is possible at most. */
function findInValues(values: GoMap, source: Source, collector: Collector): void {
  const into = collector.from({ ...source, lines: 'unknown' }, '');
  const findings: Findings = {
    image: (found) => {
      if (found.confidence === 'likely') into.image({ ...found, confidence: 'possible' }, 1);
    },
    remark: () => {
      // Values are full of names that only their templates make images of.
    },
  };
  findObjectImages({ node: nodeOfValue(values), path: '', identity: undefined }, findings, walkBudget());
}

function textOptions({ signal }: ChartOptions): Parameters<typeof findTextImages>[2] {
  return { format: 'yaml', ...(signal === undefined ? {} : { signal }) };
}
