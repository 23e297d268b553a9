/** Flags: the words beginning with `--` between an instruction and its arguments. */

import { didYouMean } from '@kubecrate/errors';
import { skipBlanks } from './blank.ts';
import { quote } from './diagnostic.ts';
import type { EscapeToken } from './directives.ts';
import { rangeOf, wordAt } from './logical-line.ts';
import type { ParseContext } from './parse-context.ts';
import type { Range, Word } from './position.ts';
import { expandWord } from './shell-word.ts';
import type { Statement } from './statement.ts';
import { endOfQuotedWord } from './words.ts';

/** What an instruction takes: `text` once with a value, `list` many times with a value, `switch` alone or with true or false. */
export interface FlagRules<Name extends string> {
  readonly known: Readonly<Record<Name, 'text' | 'list' | 'switch'>>;
  /** Flags of Dockerfile that Kubefile has not, with the reason or the way out. */
  readonly unsupported?: Readonly<Record<string, string>>;
}

export interface Flags<Name extends string> {
  readonly values: ReadonlyMap<Name, readonly Word[]>;
  /** Where the arguments after the flags begin in the line. */
  readonly argumentsAt: number;
}

/** Reads and checks the flags of a statement; a wrong one is reported and left out. */
export function readFlags<Name extends string>(
  statement: Statement,
  rules: FlagRules<Name>,
  context: ParseContext,
): Flags<Name> {
  const values = new Map<Name, Word[]>();
  const { line, argumentsAt } = statement;
  const end = endOfFlags(line.text, argumentsAt, context.escapeToken);
  for (const flag of splitFlags(statement, context.escapeToken)) {
    if (!isKnown(flag.name, rules)) {
      reportUnknown(flag, { statement, rules, context });
      continue;
    }
    const value = checkFlag(flag, rules.known[flag.name], context);
    if (value === undefined) continue;
    const earlier = values.get(flag.name);
    if (earlier === undefined) values.set(flag.name, [value]);
    else if (rules.known[flag.name] === 'list') earlier.push(value);
    else context.report({ code: 'duplicate-flag', message: `--${flag.name} is given twice`, range: flag.range });
  }
  return { values, argumentsAt: end };
}

/** Where the arguments after the flags begin; a word that is just `--` ends the flags and is one of them. */
export function endOfFlags(text: string, from: number, escapeToken: EscapeToken): number {
  let at = from;
  while (text.startsWith('--', at)) {
    const end = endOfQuotedWord(text, at, escapeToken);
    const isTerminator = end - at === 2;
    at = skipBlanks(text, end);
    if (isTerminator) break;
  }
  return at;
}

interface Flag {
  readonly name: string;
  /** Absent where there is no `=`. */
  readonly value: Word | undefined;
  readonly range: Range;
}

function splitFlags({ line, argumentsAt }: Statement, escapeToken: EscapeToken): readonly Flag[] {
  const { text } = line;
  const flags: Flag[] = [];
  const stop = endOfFlags(text, argumentsAt, escapeToken);
  let at = argumentsAt;
  while (at < stop) {
    const end = endOfQuotedWord(text, at, escapeToken);
    const equals = text.slice(at, end).indexOf('=');
    const nameEnd = equals === -1 ? end : at + equals;
    if (end - at > 2) {
      flags.push({
        name: text.slice(at + 2, nameEnd),
        value: equals === -1 ? undefined : wordAt(line, nameEnd + 1, end),
        range: rangeOf(line, at, end),
      });
    }
    at = skipBlanks(text, end);
  }
  return flags;
}

function checkFlag(
  flag: Flag,
  kind: 'text' | 'list' | 'switch',
  { escapeToken, report }: ParseContext,
): Word | undefined {
  const { name, value, range } = flag;
  if (kind === 'switch') {
    const word = value ?? { text: 'true', range };
    const { text } = expandWord(word.text, { escapeToken, quotes: 'remove', lookup: 'keep' });
    if (text === 'true' || text === 'false') return { text, range: word.range };
    report({ code: 'flag-value', message: `--${name} is true or false, not ${quote(text)}`, range: word.range });
    return undefined;
  }
  if (value !== undefined && value.text !== '') return value;
  report({ code: 'flag-value', message: `--${name} needs a value`, range, hint: `write --${name}=VALUE` });
  return undefined;
}

function reportUnknown<Name extends string>(
  { name, range }: Flag,
  { statement, rules, context }: { statement: Statement; rules: FlagRules<Name>; context: ParseContext },
): void {
  const reason = Object.hasOwn(rules.unsupported ?? {}, name) ? rules.unsupported?.[name] : undefined;
  if (reason !== undefined) {
    const message = `${statement.keyword} --${name} is not supported in a Kubefile`;
    context.report({ code: 'unsupported-flag', message, range, hint: reason });
    return;
  }
  const names = Object.keys(rules.known).map((known) => `--${known}`);
  const hint = didYouMean(`--${name}`, names) ?? (names.length === 0 ? undefined : `it has ${names.join(', ')}`);
  context.report({
    code: 'unknown-flag',
    message: `${statement.keyword} has no flag ${quote(`--${name}`)}`,
    range,
    ...(hint === undefined ? {} : { hint }),
  });
}

function isKnown<Name extends string>(name: string, { known }: FlagRules<Name>): name is Name {
  return Object.hasOwn(known, name);
}
