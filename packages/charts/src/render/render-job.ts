/** The templates of one chart into text. */

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
import { openTomlReader, type TomlReader } from '../toml/decode.ts';
import { capabilitiesObject, type KubeVersion } from './capabilities.ts';
import { type ChartTemplate, chartTemplates } from './chart-templates.ts';
import { helmFunctions } from './helm-functions.ts';
import { renderError } from './render-error.ts';
import { createTemplateSet, withoutNoValue } from './template-functions.ts';
import { valuesObject } from './values-object.ts';

/** What is rendered: data alone, so that another thread can do it. Templates may change the values and the release. */
export interface RenderJob {
  /** The chart with the dependencies that take part. */
  readonly chart: Chart;
  readonly values: GoMap;
  readonly release: GoMap;
  readonly kubeVersion: KubeVersion;
  readonly apiVersions: readonly string[];
  readonly limits: Limits;
}

/** What a rendering takes from outside. */
export interface RenderSources {
  readonly random: RandomSource;
  readonly now: () => Date;
  readonly signal?: AbortSignal;
}

/** Every rendered file by its name, partials left out. Throws `ChartRenderError`. */
export async function renderJob(job: RenderJob, sources: RenderSources): Promise<Map<string, string>> {
  const capabilities = capabilitiesObject(job.kubeVersion, job.apiVersions);
  const templates = chartTemplates(job.chart, job.values, { release: job.release, capabilities });
  const sprig = sprigFunctions({ now: sources.now, random: sources.random });
  const set = createTemplateSet(helmFunctions(sprig, await openReaders(templates)));
  const name = job.chart.metadata.name;
  for (const template of templates) attempt(name, template.name, () => set.parse(template.name, template.text));
  const files = new Map<string, string>();
  const budget = createBudget({ depth: GO_DEPTH, ...job.limits });
  for (const template of templates) {
    if (posix.basename(template.name).startsWith('_')) continue;
    sources.signal?.throwIfAborted();
    files.set(
      template.name,
      attempt(name, template.name, () => renderTemplate(set, template, budget)),
    );
  }
  return files;
}

/** How deep Go goes into templates that call each other; `include` has a bound of its own. */
const GO_DEPTH = 100_000;

/** Functions cannot wait, so what one of them may need is loaded before. */
async function openReaders(templates: readonly ChartTemplate[]): Promise<TomlReader | undefined> {
  return templates.some(({ text }) => text.includes('fromToml')) ? openTomlReader() : undefined;
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
