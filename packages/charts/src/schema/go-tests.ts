/** What Go's libraries say of a text, for the keywords of a schema that are defined by them. */

import { createBudget, GoError, type GoValue, seededRandom, sprigFunctions } from '@kubecrate/gotemplate';

export interface GoTests {
  /** True where the expression is found in the text. Throws `GoError` for one that Go does not know, such as one that looks ahead. */
  readonly matches: (pattern: string, text: string) => boolean;
  readonly isRegex: (text: string) => boolean;
  readonly isTime: (layout: string, text: string) => boolean;
  /** The parts of a URL, or of a reference to one; undefined where it is none. */
  readonly parseUrl: (text: string) => { readonly scheme: string; readonly path: string } | undefined;
}

/** Tests that keep the expressions they have compiled; they never take longer than the text is long. */
export function openGoTests(): GoTests {
  const functions = sprigFunctions({ now: () => new Date(0), random: seededRandom('') });
  const call = { budget: createBudget() };
  const run = (name: string, args: readonly GoValue[]): GoValue => functions.get(name)?.run(args, call) ?? null;
  return {
    matches: (pattern, text) => run('mustRegexMatch', [pattern, text]) === true,
    isRegex: (text) => orUndefined(() => run('mustRegexMatch', [text, ''])) !== undefined,
    isTime: (layout, text) => orUndefined(() => run('mustToDate', [layout, text])) !== undefined,
    parseUrl: (text) => {
      const parts = orUndefined(() => run('urlParse', [text]));
      if (!(parts instanceof Map)) return undefined;
      return { scheme: String(parts.get('scheme')), path: String(parts.get('path')) };
    },
  };
}

function orUndefined(run: () => GoValue): GoValue | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof GoError) return undefined;
    throw error;
  }
}
