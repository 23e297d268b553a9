/** Regular expressions of schemas, as Go reads them: they never take longer than the text is long. */

import { createBudget, type GoFunction, seededRandom, sprigFunctions } from '@kubecrate/gotemplate';

/** Throws `GoError` for a pattern that Go does not know, such as one that looks ahead. */
export type RegexTest = (pattern: string, text: string) => boolean;

/** A test that keeps the expressions it has compiled. */
export function openRegexTest(): RegexTest {
  const functions = sprigFunctions({ now: () => new Date(0), random: seededRandom('') });
  const match: GoFunction | undefined = functions.get('mustRegexMatch');
  const call = { budget: createBudget() };
  return (pattern, text) => match?.run([pattern, text], call) === true;
}
