/** `.Chart`: what Chart.yaml says, as Helm's struct has it. */

import { type GoType, type GoValue, STRING_MAP, stringSlice, Typed } from '@kubecrate/gotemplate';
import type { Chart, ChartDependency, ChartMaintainer, ChartMetadata } from '../chart/chart.ts';
import { encodeFields, type JsonField } from '../json/json-struct.ts';

/** The object that templates see; `place` says whether the chart is the one that is rendered or one inside it. */
export function chartObject({ metadata }: Chart, place: 'root' | 'subchart'): Typed {
  const fields = metadataFields(metadata);
  const isRoot = place === 'root';
  return new Typed(
    CHART,
    new Map<string, GoValue>([...fields, ['Metadata', metadataObject(metadata)], ['IsRoot', isRoot]]),
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
    ['Maintainers', new Typed(MAINTAINERS, metadata.maintainers.map(maintainerObject))],
    ['Icon', metadata.icon],
    ['APIVersion', metadata.apiVersion],
    ['Condition', metadata.condition],
    ['Tags', metadata.tags],
    ['AppVersion', metadata.appVersion],
    ['Deprecated', metadata.deprecated],
    ['Annotations', new Typed(STRING_MAP, new Map(metadata.annotations))],
    ['KubeVersion', metadata.kubeVersion],
    ['Dependencies', new Typed(DEPENDENCIES, metadata.dependencies.map(dependencyObject))],
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
      ['ImportValues', [...dependency.importValues]],
      ['Alias', dependency.alias],
    ]),
  );
}

function texts(items: readonly string[]): Typed {
  return stringSlice(items);
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
  encoded: encodeFields([...METADATA_JSON, field('IsRoot', 'IsRoot', 'kept')]),
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
