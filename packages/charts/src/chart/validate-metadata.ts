/** The rules that Helm holds Chart.yaml against, and the cleaning of its texts. */

import { basename } from 'node:path/posix';
import { isVersion } from '../version.ts';
import type { ChartDependency, ChartMetadata } from './chart.ts';
import { NO_DEPENDENCY, NO_MAINTAINER } from './metadata.ts';

/** A Chart.yaml that Helm refuses, in Helm's words. */
export class ChartValidationError extends Error {
  constructor(message: string) {
    super(`validation: ${message}`);
    this.name = 'ChartValidationError';
  }
}

/** The metadata with its texts cleaned of what cannot be printed. Throws `ChartValidationError`. */
export function validateMetadata(raw: ChartMetadata): ChartMetadata {
  const metadata = cleanMetadata(raw);
  const { name, version } = metadata;
  if (name === '') throw new ChartValidationError('chart.metadata.name is required');
  if (name !== basename(name) || name === '.' || name === '..') {
    throw new ChartValidationError(`chart.metadata.name ${JSON.stringify(name)} is invalid`);
  }
  if (version === '') throw new ChartValidationError('chart.metadata.version is required');
  if (!isVersion(version)) {
    throw new ChartValidationError(`chart.metadata.version ${JSON.stringify(version)} is invalid`);
  }
  if (!['', 'application', 'library'].includes(metadata.type)) {
    throw new ChartValidationError('chart.metadata.type must be application or library');
  }
  if (raw.maintainers.includes(NO_MAINTAINER)) {
    throw new ChartValidationError('maintainers must not contain empty or null nodes');
  }
  if (raw.dependencies.includes(NO_DEPENDENCY)) {
    throw new ChartValidationError('dependencies must not contain empty or null nodes');
  }
  validateDependencies(metadata.dependencies);
  return metadata;
}

function validateDependencies(dependencies: readonly ChartDependency[]): void {
  const names = new Set<string>();
  for (const { name, alias } of dependencies) {
    if (alias !== '' && !/^[a-zA-Z0-9_-]+$/.test(alias)) {
      throw new ChartValidationError(`dependency ${JSON.stringify(name)} has disallowed characters in the alias`);
    }
    const key = alias || name;
    if (names.has(key)) {
      throw new ChartValidationError(`more than one dependency with name or alias ${JSON.stringify(key)}`);
    }
    names.add(key);
  }
}

function cleanMetadata(raw: ChartMetadata): ChartMetadata {
  return {
    ...raw,
    name: clean(raw.name),
    description: clean(raw.description),
    home: clean(raw.home),
    icon: clean(raw.icon),
    condition: clean(raw.condition),
    tags: clean(raw.tags),
    appVersion: clean(raw.appVersion),
    kubeVersion: clean(raw.kubeVersion),
    sources: raw.sources.map(clean),
    keywords: raw.keywords.map(clean),
    maintainers: raw.maintainers.map(({ name, email, url }) => ({
      name: clean(name),
      email: clean(email),
      url: clean(url),
    })),
    dependencies: raw.dependencies.map((dependency) => ({
      ...dependency,
      name: clean(dependency.name),
      version: clean(dependency.version),
      repository: clean(dependency.repository),
      condition: clean(dependency.condition),
      tags: dependency.tags.map(clean),
    })),
  };
}

/** White space becomes a blank; what cannot be printed goes. */
function clean(text: string): string {
  return text.replace(/\s/g, ' ').replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '');
}
