/** ARG, ENV and LABEL. */

import { skipBlanks, skipToBlank } from './blank.ts';
import { quote } from './diagnostic.ts';
import { type FlagRules, readFlags } from './flags.ts';
import type { ArgInstruction, EnvInstruction, LabelInstruction, Pair } from './instruction.ts';
import { wordAt } from './logical-line.ts';
import { missingArgument } from './missing-argument.ts';
import type { ParseContext } from './parse-context.ts';
import type { Word } from './position.ts';
import type { Statement } from './statement.ts';
import { splitQuotedWords } from './words.ts';

export function parseArg(statement: Statement, context: ParseContext): ArgInstruction | undefined {
  const { argumentsAt } = readFlags(statement, NO_FLAGS, context);
  const words = splitQuotedWords(statement.line, argumentsAt, context.escapeToken);
  if (words.length === 0) {
    context.report(missingArgument(statement, 'a name', 'ARG NAME or ARG NAME=DEFAULT'));
    return undefined;
  }
  const named = words.filter((word) => hasName(word, context));
  const { range, keywordRange } = statement;
  return { keyword: 'ARG', range, keywordRange, arguments: named.map((word) => argumentOf(word, context)) };
}

export function parseEnv(statement: Statement, context: ParseContext): EnvInstruction | undefined {
  const variables = readPairs(statement, context);
  if (variables === undefined) return undefined;
  const { range, keywordRange } = statement;
  return { keyword: 'ENV', range, keywordRange, variables };
}

export function parseLabel(statement: Statement, context: ParseContext): LabelInstruction | undefined {
  const labels = readPairs(statement, context);
  if (labels === undefined) return undefined;
  const { range, keywordRange } = statement;
  return { keyword: 'LABEL', range, keywordRange, labels };
}

/** The halves of `name=value`; the second is undefined where there is no `=`. */
export function splitPair(word: Word): { readonly name: Word; readonly value: Word | undefined } {
  const equals = word.text.indexOf('=');
  if (equals === -1) return { name: word, value: undefined };
  const { start, end } = word.range;
  // A word that goes on in the next line keeps its whole place: where its "=" stands is not known here.
  const oneLine = start.line === end.line && end.column - start.column === word.text.length;
  const middle = { line: start.line, column: start.column + equals };
  return {
    name: { text: word.text.slice(0, equals), range: oneLine ? { start, end: middle } : word.range },
    value: {
      text: word.text.slice(equals + 1),
      range: oneLine ? { start: { ...middle, column: middle.column + 1 }, end } : word.range,
    },
  };
}

export const NO_FLAGS: FlagRules<never> = { known: {} };

function argumentOf(word: Word, { report }: ParseContext): ArgInstruction['arguments'][number] {
  const { name, value } = splitPair(word);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name.text) && !/["'$\\`]/.test(name.text)) {
    report({
      code: 'unusable-name',
      message: `no variable can refer to the argument ${quote(name.text)}`,
      range: name.range,
      hint: 'use letters, digits and "_", beginning with no digit',
    });
  }
  return value === undefined ? { name } : { name, default: value };
}

function readPairs(statement: Statement, context: ParseContext): readonly Pair[] | undefined {
  const { keyword, line } = statement;
  const { argumentsAt } = readFlags(statement, NO_FLAGS, context);
  const words = splitQuotedWords(line, argumentsAt, context.escapeToken);
  const [first] = words;
  if (first === undefined) {
    context.report(missingArgument(statement, 'a name and a value', `${keyword} NAME=VALUE ...`));
    return undefined;
  }
  if (!first.text.includes('=')) return readOldForm(statement, argumentsAt, context);
  const named = words.filter((word) => hasEquals(word, context) && hasName(word, context));
  return named.map((word) => {
    const { name, value } = splitPair(word);
    return { name, value: value ?? { text: '', range: word.range } };
  });
}

/** `ENV NAME the whole rest`: one variable, whose value may hold blanks. */
function readOldForm(statement: Statement, from: number, context: ParseContext): readonly Pair[] | undefined {
  const { line, keyword } = statement;
  const nameEnd = skipToBlank(line.text, from);
  const valueStart = skipBlanks(line.text, nameEnd);
  if (valueStart < line.text.length) {
    return [{ name: wordAt(line, from, nameEnd), value: wordAt(line, valueStart, line.text.length) }];
  }
  context.report(missingArgument(statement, 'a value after the name', `${keyword} NAME=VALUE ...`));
  return undefined;
}

function hasEquals(word: Word, { report }: ParseContext): boolean {
  if (word.text.includes('=')) return true;
  report({
    code: 'malformed-pair',
    message: `${quote(word.text)} has no "="`,
    range: word.range,
    hint: 'write NAME=VALUE; a value that holds blanks goes into quotes: NAME="a b"',
  });
  return false;
}

function hasName(word: Word, { report }: ParseContext): boolean {
  if (!word.text.startsWith('=')) return true;
  report({ code: 'malformed-pair', message: `${quote(word.text)} has no name before "="`, range: word.range });
  return false;
}
