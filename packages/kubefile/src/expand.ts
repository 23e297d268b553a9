/** Expanding the words of an instruction, once without values (to check what is written) and once with them. */

import { didYouMean } from '@kubecrate/errors';
import type { Report } from './diagnostic.ts';
import type { EscapeToken } from './directives.ts';
import type { Word } from './position.ts';
import type { Scope } from './scope.ts';
import { expandWord, type WordOptions } from './shell-word.ts';

export interface ExpandContext {
  readonly escapeToken: EscapeToken;
  readonly report: Report;
  /**
   * `unknown`: no value is known. Then what is malformed is reported, and values are checked where no variable is in them.
   * With a scope it is the other way round, so that nothing is reported twice.
   */
  readonly scope: Scope | 'unknown';
}

export interface Expanded {
  readonly text: string;
  readonly range: Word['range'];
  /** `due`: this is the time to check the value. */
  readonly check: 'due' | 'not-due';
}

/** The value of a word: variables expanded, quotes and escapes removed. `hint` helps where the word is malformed. */
export function expand(word: Word, context: ExpandContext, hint?: string): Expanded {
  return expandWith(word, context, { quotes: 'remove', hint });
}

/** The value of a here-document: variables and escapes as in a word, quotes kept. */
export function expandContent(content: Word, context: ExpandContext): string {
  return expandWith(content, context, { quotes: 'keep', hint: undefined }).text;
}

function expandWith(
  word: Word,
  context: ExpandContext,
  { quotes, hint }: Pick<WordOptions, 'quotes'> & { readonly hint: string | undefined },
): Expanded {
  const { escapeToken, scope, report } = context;
  const lookup = scope === 'unknown' ? () => undefined : (name: string) => scope.lookup(name);
  const { text, hasVariables, unset, problem } = expandWord(word.text, { escapeToken, quotes, lookup });
  const { range } = word;
  if (scope === 'unknown') {
    if (problem?.type === 'syntax') {
      report({ code: 'malformed-word', message: problem.message, range, ...(hint === undefined ? {} : { hint }) });
    }
    return { text, range, check: hasVariables || problem !== undefined ? 'not-due' : 'due' };
  }
  if (problem?.type === 'syntax') return { text, range, check: 'not-due' };
  const absences = unset.map((name) => ({ name, absence: scope.explain(name) }));
  const isUncertain = absences.some(({ absence }) => absence.type === 'unknown');
  const required = problem?.variable;
  const mayBeSet = required !== undefined && scope.explain(required).type === 'unknown';
  if (problem?.type === 'value' && !mayBeSet) report({ code: 'required-variable', message: problem.message, range });
  for (const { name, absence } of absences) {
    if (absence.type !== 'undefined') continue;
    const meant = didYouMean(name, absence.names) ?? absence.hint;
    const message = `the variable ${name} is not set, and is taken as empty`;
    report({ code: 'undefined-variable', message, range, ...(meant === undefined ? {} : { hint: meant }) });
  }
  return { text, range, check: hasVariables && !isUncertain && problem === undefined ? 'due' : 'not-due' };
}
