/** All templates of a chart and of the charts in it, each with the values that it sees. */

import { posix } from 'node:path';
import { compareStrings, decodeString, type GoMap, type GoValue, type Typed } from '@kubecrate/gotemplate';
import { type Chart, isLibrary } from '../chart/chart.ts';
import { tableAt } from '../values/tables.ts';
import { chartObject } from './chart-object.ts';
import { filesObject } from './files-object.ts';
import { valuesObject } from './values-object.ts';

/** A template that can be rendered. */
export interface ChartTemplate {
  /** `chart/templates/x.yaml`, `chart/charts/sub/templates/x.yaml`. */
  readonly name: string;
  readonly text: string;
  readonly basePath: string;
  /** What the template has as its dot, without `.Template`; shared by all templates of a chart. */
  readonly dot: GoMap;
}

/** What templates of all charts have in common. */
export interface ReleaseObjects {
  readonly release: GoMap;
  readonly capabilities: Typed;
}

/** The templates of a chart in the order in which Helm parses and renders them: the deepest first, names backwards. */
export function chartTemplates(chart: Chart, values: GoMap, objects: ReleaseObjects): ChartTemplate[] {
  const templates = new Map<string, ChartTemplate>();
  collect(chart, { path: chart.metadata.name, values, place: 'root', objects, templates });
  return [...templates.values()].sort((a, b) => compareNames(b.name, a.name));
}

interface Place {
  /** The path of the chart, unless it has one of its own: `parent/charts/child`. */
  readonly path: string;
  readonly values: GoMap;
  readonly place: 'root' | 'subchart';
  readonly objects: ReleaseObjects;
  readonly templates: Map<string, ChartTemplate>;
}

function collect(chart: Chart, at: Place): GoMap {
  const path = chart.path ?? at.path;
  const subcharts: GoMap = new Map();
  const dot: GoMap = new Map<string, GoValue>([
    ['Chart', chartObject(chart, at.place)],
    ['Files', filesObject(chart.files)],
    ['Release', at.objects.release],
    ['Capabilities', at.objects.capabilities],
    ['Values', valuesObject(at.values)],
    ['Subcharts', subcharts],
  ]);
  for (const subchart of chart.dependencies) {
    const name = subchart.metadata.name;
    const inner: Place = {
      ...at,
      path: posix.join(path, 'charts', name),
      values: tableAt(at.values, name) ?? new Map(),
      place: 'subchart',
    };
    subcharts.set(name, collect(subchart, inner));
  }
  for (const file of chart.templates) {
    if (isLibrary(chart) && !posix.basename(file.name).startsWith('_')) continue;
    const name = posix.join(path, file.name);
    const basePath = posix.join(path, 'templates');
    at.templates.set(name, { name, text: decodeString(file.data), basePath, dot });
  }
  return dot;
}

function compareNames(a: string, b: string): number {
  return a.split('/').length - b.split('/').length || compareStrings(a, b);
}
