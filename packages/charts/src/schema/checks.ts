/** What the keywords of a schema that hold other schemas need of each other. */

import type { GoMap, GoValue } from '@kubecrate/gotemplate';
import type { GoTests } from './go-tests.ts';
import type { Findings } from './schema-errors.ts';

/** Where a value stands among the values. */
export type Path = readonly string[];

export interface Checks {
  readonly go: GoTests;
  /** Adds what is wrong with the value. */
  check(schema: GoValue, value: GoValue, path: Path, into: Findings): void;
  /** As `check`, apart from everything else. */
  apart(schema: GoValue, value: GoValue, path: Path): Findings;
  /** What the schema says, unless its draft has no such keyword. */
  keyword(schema: GoMap, keyword: string): GoValue | undefined;
}

/** True where nothing is wrong. */
export function fits(findings: Findings): boolean {
  return findings.fit;
}

/** Of several ways to fail, what the one says that came nearest. */
export function mergeNearest(results: readonly Findings[], into: Findings): void {
  const [first, ...others] = results;
  if (first === undefined) return;
  into.merge(others.reduce((best, next) => (next.score > best.score ? next : best), first));
}

/** The number that a keyword has, if it has one. */
export function numberOf(schema: GoMap, keyword: string): number | undefined {
  const value = schema.get(keyword);
  return typeof value === 'number' ? value : undefined;
}
