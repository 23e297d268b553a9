/**
 * Names without a registry are Docker Hub's, on every machine alike. Who is used to `unqualified-search-registries` of registries.conf
 * is told what to write instead.
 */

import type { CopyReport, CopyResult } from '@kubecrate/content';
import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import { DOCKER_HUB, parseReference } from '@kubecrate/oci';

/** The report with a hint at every failure of a short name; `search` are the registries where others would look for it. */
export function hintAtShortNames({ results }: CopyReport, search: readonly string[]): CopyReport {
  const others = search.filter((registry) => registry !== DOCKER_HUB);
  return { results: others.length === 0 ? results : results.map((result) => hinted(result, others)) };
}

function hinted(result: CopyResult, search: readonly string[]): CopyResult {
  if (result.status !== 'failed' || !isShortName(result.job.image)) return result;
  const { error, job } = result;
  if (!(error instanceof KubecrateError) || !ELSEWHERE.has(error.code)) return result;
  const names = search.map((registry) => `${registry}/${job.image}`).join(' or ');
  const own = `a name without a registry is Docker Hub's; for unqualified-search-registries write ${names}`;
  const details = { cause: error, hint: error.hint === undefined ? own : `${error.hint}; ${own}` };
  const told =
    error instanceof NotFoundError
      ? new NotFoundError(error.message, details)
      : new KubecrateError(error.code, error.message, details);
  return { ...result, error: told };
}

function isShortName(image: string): boolean {
  return parseReference(image).domain === DOCKER_HUB && !/^(?:index\.)?docker\.io\//.test(image);
}

/** Failures of an image that may be at another registry; Docker Hub says of what it has not that it is private. */
const ELSEWHERE: ReadonlySet<string> = new Set(['NOT_FOUND', 'UNAUTHORIZED', 'DENIED']);
