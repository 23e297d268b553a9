/**
 * Names without a registry: Docker Hub's, or of the one registry that `unqualified-search-registries` of registries.conf names. Where it names
 * several, whoever looked in vain is told what to write.
 */

import type { CopyReport, CopyResult } from '@kubecrate/content';
import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import { askedRepository, DOCKER_HUB, parseReference, UNQUALIFIED } from '@kubecrate/oci';
import { type RegistryConfig, searchedRegistry } from '@kubecrate/registry';

/** The report with a hint at every failure of a name without a registry. */
export function hintAtShortNames({ results }: CopyReport, config: RegistryConfig): CopyReport {
  const { unqualifiedSearch = [] } = config;
  if (unqualifiedSearch.every((registry) => registry === DOCKER_HUB)) return { results };
  const searched = searchedRegistry(config);
  const others = unqualifiedSearch.filter((registry) => registry !== searched);
  return { results: results.map((result) => hinted(result, searched, others)) };
}

function hinted(result: CopyResult, searched: string, others: readonly string[]): CopyResult {
  if (result.status !== 'failed') return result;
  const { error, job } = result;
  if (askedRepository(job.image, parseReference(job.image)).domain !== UNQUALIFIED) return result;
  if (!(error instanceof KubecrateError) || !ELSEWHERE.has(error.code)) return result;
  const own =
    others.length === 0
      ? `a name without a registry is looked for where unqualified-search-registries says: ${searched}`
      : `a name without a registry is Docker Hub's; of unqualified-search-registries write the one you mean: ${others.map((registry) => `${registry}/${job.image}`).join(' or ')}`;
  const details = { cause: error, hint: error.hint === undefined ? own : `${error.hint}; ${own}` };
  const told =
    error instanceof NotFoundError
      ? new NotFoundError(error.message, details)
      : new KubecrateError(error.code, error.message, details);
  return { ...result, error: told };
}

/** Failures of an image that may be at another registry; Docker Hub says of what it has not that it is private. */
const ELSEWHERE: ReadonlySet<string> = new Set(['NOT_FOUND', 'UNAUTHORIZED', 'DENIED']);
