/** The files of a chart into the chart, with the charts in it. */

import { posix } from 'node:path';
import { KubecrateError, messageOf } from '@kubecrate/errors';
import { decodeString, type GoMap } from '@kubecrate/gotemplate';
import { readYamlMap, YamlConversionError } from '../yaml/yaml.ts';
import type { Chart, ChartFile, ChartMetadata } from './chart.ts';
import type { LoadBudget } from './load-budget.ts';
import { checkLock } from './lock.ts';
import { parseMetadata, parseRequirements } from './metadata.ts';
import { readChartArchive } from './read-archive.ts';
import { ChartValidationError, validateMetadata } from './validate-metadata.ts';

/**
 * Builds a chart of its files, archives in `charts/` included.
 * Throws `INVALID_CHART` with Helm's message, `LIMIT_EXCEEDED`, `UNSAFE_PATH`.
 */
export async function buildChart(files: readonly ChartFile[], budget: LoadBudget): Promise<Chart> {
  const metadata = readMetadata(files);
  for (const name of LOCKS) {
    const lock = find(files, name);
    if (lock !== undefined) explained(`cannot load ${name}`, () => checkLock(lock.data));
  }
  const parts = sortFiles(files, metadata);
  const values = find(files, 'values.yaml');
  const dependencies: Chart[] = [];
  for (const [name, subfiles] of [...parts.subcharts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const subchart = await buildSubchart(name, subfiles, metadata.name, budget);
    if (subchart !== undefined) dependencies.push(subchart);
  }
  return {
    metadata,
    templates: parts.templates,
    values: values === undefined ? new Map() : readValues(values),
    schema: schemaText(find(files, 'values.schema.json')),
    files: parts.files,
    dependencies,
  };
}

/** A chart that cannot be loaded, with Helm's message. */
export function invalidChart(message: string, cause?: unknown): KubecrateError {
  return new KubecrateError('INVALID_CHART', message, cause === undefined ? {} : { cause });
}

function readMetadata(files: readonly ChartFile[]): ChartMetadata {
  const file = find(files, 'Chart.yaml');
  if (file === undefined) throw invalidChart('Chart.yaml file is missing');
  let metadata = explained('cannot load Chart.yaml', () => parseMetadata(file.data));
  const requirements = find(files, 'requirements.yaml');
  if (requirements !== undefined) {
    const dependencies = explained('cannot load requirements.yaml', () => parseRequirements(requirements.data));
    if (dependencies !== undefined) metadata = { ...metadata, dependencies };
  }
  return explained(undefined, () => validateMetadata(metadata));
}

function readValues(file: ChartFile): GoMap {
  return explained('cannot load values.yaml', () => readYamlMap(decodeString(file.data)));
}

function schemaText(file: ChartFile | undefined): string | undefined {
  return file === undefined ? undefined : decodeString(file.data);
}

interface Parts {
  readonly templates: ChartFile[];
  readonly files: ChartFile[];
  readonly subcharts: Map<string, ChartFile[]>;
}

function sortFiles(files: readonly ChartFile[], metadata: ChartMetadata): Parts {
  const parts: Parts = { templates: [], files: [], subcharts: new Map() };
  const ownRequirements = metadata.apiVersion === 'v1';
  for (const file of files) {
    const { name } = file;
    if (NOT_OFFERED.has(name)) continue;
    if (name === 'requirements.yaml' || name === 'requirements.lock') {
      if (ownRequirements) parts.files.push(file);
    } else if (name.startsWith('templates/')) parts.templates.push(file);
    else if (name.startsWith('charts/') && posix.extname(name) !== '.prov') addSubchartFile(parts, file);
    else parts.files.push(file);
  }
  return parts;
}

function addSubchartFile(parts: Parts, file: ChartFile): void {
  const name = file.name.slice('charts/'.length);
  const chart = name.split('/', 1)[0] ?? '';
  const files = parts.subcharts.get(chart) ?? [];
  files.push({ name, data: file.data });
  parts.subcharts.set(chart, files);
}

async function buildSubchart(
  name: string,
  files: readonly ChartFile[],
  parent: string,
  budget: LoadBudget,
): Promise<Chart | undefined> {
  if (name.startsWith('_') || name.startsWith('.')) return undefined;
  try {
    const nested = budget.nested();
    if (posix.extname(name) !== '.tgz') return await buildChart(inside(files), nested);
    const [archive] = files;
    if (archive === undefined || archive.name !== name) {
      throw invalidChart(`error unpacking subchart tar in ${parent}: expected ${name}, got ${archive?.name}`);
    }
    return await buildChart(await readChartArchive(archive.data, nested), nested);
  } catch (error) {
    if (!(error instanceof KubecrateError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new KubecrateError(error.code, `error unpacking subchart ${name} in ${parent}: ${error.message}`, {
      cause: error,
      ...hint,
    });
  }
}

/** Files in the directory of a subchart; what lies directly in `charts/` belongs to none. */
function inside(files: readonly ChartFile[]): ChartFile[] {
  return files.flatMap(({ name, data }) => {
    const slash = name.indexOf('/');
    return slash < 0 ? [] : [{ name: name.slice(slash + 1), data }];
  });
}

/** The last file of a name, as Helm reads archives that have two. */
function find(files: readonly ChartFile[], name: string): ChartFile | undefined {
  return files.findLast((file) => file.name === name);
}

function explained<T>(what: string | undefined, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof YamlConversionError || error instanceof ChartValidationError)) throw error;
    throw invalidChart(what === undefined ? messageOf(error) : `${what}: ${messageOf(error)}`, error);
  }
}

const LOCKS = ['Chart.lock', 'requirements.lock'];

/** Files that are read and that `.Files` does not offer. */
const NOT_OFFERED: ReadonlySet<string> = new Set(['Chart.yaml', 'Chart.lock', 'values.yaml', 'values.schema.json']);
