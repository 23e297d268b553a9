/** Chart.yaml, and requirements.yaml of v1 charts, into the metadata of a chart. */

import { decodeString, type GoMap } from '@kubecrate/gotemplate';
import { readYamlNumbers, typeMismatch } from '../yaml/yaml.ts';
import type { ChartDependency, ChartMaintainer, ChartMetadata } from './chart.ts';
import {
  booleanField,
  fieldOf,
  listField,
  mismatch,
  type StructFields,
  structFields,
  textField,
  textMapField,
  textsField,
} from './struct-fields.ts';

/** What Chart.yaml says; one without `apiVersion` is v1. Throws `YamlConversionError`. */
export function parseMetadata(data: Buffer): ChartMetadata {
  const from = structFields('Metadata', readObject(data, 'chart.Metadata'));
  return {
    name: textField(from, 'name'),
    home: textField(from, 'home'),
    sources: textsField(from, 'sources'),
    version: textField(from, 'version'),
    description: textField(from, 'description'),
    keywords: textsField(from, 'keywords'),
    maintainers: parseMaintainers(from),
    icon: textField(from, 'icon'),
    apiVersion: textField(from, 'apiVersion') || 'v1',
    condition: textField(from, 'condition'),
    tags: textField(from, 'tags'),
    appVersion: textField(from, 'appVersion'),
    deprecated: booleanField(from, 'deprecated'),
    annotations: textMapField(from, 'annotations'),
    kubeVersion: textField(from, 'kubeVersion'),
    dependencies: parseDependencies(from),
    type: textField(from, 'type'),
  };
}

/** The dependencies that requirements.yaml lists, or undefined where it lists none. Throws `YamlConversionError`. */
export function parseRequirements(data: Buffer): readonly ChartDependency[] | undefined {
  const from = structFields('Metadata', readObject(data, 'chart.Metadata'));
  return fieldOf(from, 'dependencies') === null ? undefined : parseDependencies(from);
}

function readObject(data: Buffer, type: string): GoMap {
  const value = readYamlNumbers(decodeString(data));
  if (value === null) return new Map();
  if (!(value instanceof Map)) throw typeMismatch(value, type);
  return value;
}

function parseMaintainers(from: StructFields): ChartMaintainer[] {
  return listField(from, 'maintainers', '[]*chart.Maintainer').map((value) => {
    if (value === null) return NO_MAINTAINER;
    if (!(value instanceof Map)) throw mismatch(value, 'Metadata.maintainers', 'chart.Maintainer');
    const fields = structFields('Maintainer.maintainers', value);
    return { name: textField(fields, 'name'), email: textField(fields, 'email'), url: textField(fields, 'url') };
  });
}

/** The field `dependencies` of Chart.yaml, requirements.yaml and of a lock. Throws `YamlConversionError`. */
export function parseDependencies(from: StructFields): ChartDependency[] {
  return listField(from, 'dependencies', '[]*chart.Dependency').map((value) => {
    if (value === null) return NO_DEPENDENCY;
    if (!(value instanceof Map)) throw mismatch(value, `${from.struct}.dependencies`, 'chart.Dependency');
    const fields = structFields('Dependency.dependencies', value);
    return {
      name: textField(fields, 'name'),
      version: textField(fields, 'version'),
      repository: textField(fields, 'repository'),
      condition: textField(fields, 'condition'),
      tags: textsField(fields, 'tags'),
      enabled: booleanField(fields, 'enabled'),
      importValues: [...listField(fields, 'import-values', '[]interface {}')],
      alias: textField(fields, 'alias'),
    };
  });
}

/** A null among maintainers, which the validation refuses. */
export const NO_MAINTAINER: ChartMaintainer = { name: '', email: '', url: '' };

/** A null among dependencies, which the validation refuses. */
export const NO_DEPENDENCY: ChartDependency = {
  name: '',
  version: '',
  repository: '',
  condition: '',
  tags: [],
  enabled: false,
  importValues: [],
  alias: '',
};
