/** `.Chart`: what Chart.yaml says, as Helm's struct has it. */

import { type GoType, type GoValue, NIL_LIST, STRING_MAP, STRINGS, Typed } from '@kubecrate/gotemplate';
import type { Chart, ChartDependency, ChartMaintainer, ChartMetadata } from '../chart/chart.ts';
import { encodeFields, type JsonField } from '../json/json-struct.ts';

/** The object that templates see; `place` says whether the chart is the one that is rendered or one inside it. */
export function chartObject({ metadata }: Chart, place: 'root' | 'subchart'): Typed {
  return new Typed(
    CHART,
    new Map<string, GoValue>([
      ['Metadata', metadataObject(metadata)],
      ['IsRoot', place === 'root'],
    ]),
  );
}

/** What Chart.yaml says, with the names that it has in JSON. */
export function metadataObject(metadata: ChartMetadata): Typed {
  return new Typed(METADATA, metadataFields(metadata));
}

function metadataFields(metadata: ChartMetadata): Map<string, GoValue> {
  return new Map<string, GoValue>([
    ['Name', metadata.name],
    ['Home', metadata.home],
    ['Sources', texts(metadata.sources)],
    ['Version', metadata.version],
    ['Description', metadata.description],
    ['Keywords', texts(metadata.keywords)],
    ['Maintainers', new Typed(MAINTAINERS, orNil(metadata.maintainers.map(maintainerObject)))],
    ['Icon', metadata.icon],
    ['APIVersion', metadata.apiVersion],
    ['Condition', metadata.condition],
    ['Tags', metadata.tags],
    ['AppVersion', metadata.appVersion],
    ['Deprecated', metadata.deprecated],
    ['Annotations', new Typed(STRING_MAP, metadata.annotations.size === 0 ? null : new Map(metadata.annotations))],
    ['KubeVersion', metadata.kubeVersion],
    ['Dependencies', new Typed(DEPENDENCIES, orNil(metadata.dependencies.map(dependencyObject)))],
    ['Type', metadata.type],
  ]);
}

function maintainerObject({ name, email, url }: ChartMaintainer): Typed {
  return new Typed(
    MAINTAINER,
    new Map([
      ['Name', name],
      ['Email', email],
      ['URL', url],
    ]),
  );
}

function dependencyObject(dependency: ChartDependency): Typed {
  return new Typed(
    DEPENDENCY,
    new Map<string, GoValue>([
      ['Name', dependency.name],
      ['Version', dependency.version],
      ['Repository', dependency.repository],
      ['Condition', dependency.condition],
      ['Tags', texts(dependency.tags)],
      ['Enabled', dependency.enabled],
      ['ImportValues', dependency.importValues.length === 0 ? NIL_LIST : [...dependency.importValues]],
      ['Alias', dependency.alias],
    ]),
  );
}

/** The fields of the embedded struct are fields of the object. */
function encodeChart(self: Typed): GoValue {
  const own = self.value instanceof Map ? self.value : new Map<string, GoValue>();
  const metadata = own.get('Metadata');
  const fields = metadata instanceof Typed && metadata.value instanceof Map ? metadata.value : [];
  return encodeFields([...METADATA_JSON, field('IsRoot', 'IsRoot', 'kept')])(
    new Typed(CHART, new Map([...fields, ...own])),
  );
}

function texts(items: readonly string[]): Typed {
  return new Typed(STRINGS, orNil([...items]));
}

/** What Chart.yaml does not say is a nil slice in Go, which JSON and YAML write as null. */
function orNil(items: GoValue[]): GoValue[] | null {
  return items.length === 0 ? null : items;
}

function field(name: string, json: string, empty: JsonField['empty'] = 'omitted'): JsonField {
  return { field: name, name: json, empty };
}

const METADATA_JSON: readonly JsonField[] = [
  field('Name', 'name'),
  field('Home', 'home'),
  field('Sources', 'sources'),
  field('Version', 'version'),
  field('Description', 'description'),
  field('Keywords', 'keywords'),
  field('Maintainers', 'maintainers'),
  field('Icon', 'icon'),
  field('APIVersion', 'apiVersion'),
  field('Condition', 'condition'),
  field('Tags', 'tags'),
  field('AppVersion', 'appVersion'),
  field('Deprecated', 'deprecated'),
  field('Annotations', 'annotations'),
  field('KubeVersion', 'kubeVersion'),
  field('Dependencies', 'dependencies'),
  field('Type', 'type'),
];

const METADATA: GoType = { name: 'chart.Metadata', kind: 'struct', encoded: encodeFields(METADATA_JSON) };
const CHART: GoType = {
  name: 'struct { chart.Metadata; IsRoot bool }',
  kind: 'struct',
  embedded: 'Metadata',
  encoded: encodeChart,
};
const MAINTAINER: GoType = {
  name: '*chart.Maintainer',
  kind: 'ptr',
  encoded: encodeFields([field('Name', 'name'), field('Email', 'email'), field('URL', 'url')]),
};
const DEPENDENCY: GoType = {
  name: '*chart.Dependency',
  kind: 'ptr',
  encoded: encodeFields([
    field('Name', 'name', 'kept'),
    field('Version', 'version'),
    field('Repository', 'repository', 'kept'),
    field('Condition', 'condition'),
    field('Tags', 'tags'),
    field('Enabled', 'enabled'),
    field('ImportValues', 'import-values'),
    field('Alias', 'alias'),
  ]),
};
const MAINTAINERS = { name: '[]*chart.Maintainer', kind: 'slice', elem: '*chart.Maintainer' } as const;
const DEPENDENCIES = { name: '[]*chart.Dependency', kind: 'slice', elem: '*chart.Dependency' } as const;
