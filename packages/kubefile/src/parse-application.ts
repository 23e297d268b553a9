/** APP, CNI, CSI, APPCMDS and APPENV. */

import { skipBlanks, skipToBlank } from './blank.ts';
import { quote } from './diagnostic.ts';
import { readFlags } from './flags.ts';
import type { AppCmdsInstruction, AppEnvInstruction, ApplicationInstruction } from './instruction.ts';
import { readList } from './list.ts';
import { wordAt } from './logical-line.ts';
import { missingArgument } from './missing-argument.ts';
import type { ParseContext } from './parse-context.ts';
import { readCommands } from './parse-launch.ts';
import { NO_FLAGS, splitPair } from './parse-variables.ts';
import type { Word } from './position.ts';
import { expandWord } from './shell-word.ts';
import type { Statement } from './statement.ts';
import { splitQuotedWords } from './words.ts';

export function parseApplication(
  statement: Statement,
  keyword: ApplicationInstruction['keyword'],
  context: ParseContext,
): ApplicationInstruction | undefined {
  const { argumentsAt } = readFlags(statement, NO_FLAGS, context);
  const list = readList(statement, argumentsAt, { malformed: 'error', context });
  if (list === undefined) return undefined;
  const [application, ...sources] = list.items;
  if (application === undefined || sources.length === 0) {
    const what = application === undefined ? 'a name and a source' : 'a source after the name';
    context.report(missingArgument(statement, what, `${keyword} NAME local://PATH, or an http:// or https:// URL`));
    return undefined;
  }
  checkName(application, context);
  return { keyword, range: statement.range, keywordRange: statement.keywordRange, application, sources };
}

export function parseAppCmds(statement: Statement, context: ParseContext): AppCmdsInstruction | undefined {
  const named = readName(statement, 'APPCMDS NAME ["COMMAND", ...]', context);
  if (named === undefined) return undefined;
  const commands = readCommands(statement, named.rest, { form: `APPCMDS ${named.application.text}`, context });
  if (commands === undefined) return undefined;
  const { range, keywordRange } = statement;
  return { keyword: 'APPCMDS', range, keywordRange, application: named.application, commands };
}

export function parseAppEnv(statement: Statement, context: ParseContext): AppEnvInstruction | undefined {
  const usage = 'APPENV NAME KEY=VALUE ...';
  const named = readName(statement, usage, context);
  if (named === undefined) return undefined;
  const words = splitQuotedWords(statement.line, named.rest, context.escapeToken);
  if (words.length === 0) {
    context.report(missingArgument(statement, 'a variable after the name', usage));
    return undefined;
  }
  const variables = words.flatMap((word) => readVariable(word, context));
  const { range, keywordRange } = statement;
  return { keyword: 'APPENV', range, keywordRange, application: named.application, variables };
}

function readName(
  statement: Statement,
  usage: string,
  context: ParseContext,
): { readonly application: Word; readonly rest: number } | undefined {
  const { line } = statement;
  const { argumentsAt } = readFlags(statement, NO_FLAGS, context);
  const end = skipToBlank(line.text, argumentsAt);
  if (end > argumentsAt && line.text[argumentsAt] !== '[') {
    return { application: wordAt(line, argumentsAt, end), rest: skipBlanks(line.text, end) };
  }
  context.report(missingArgument(statement, 'the name of an application', usage));
  return undefined;
}

function readVariable(word: Word, { escapeToken, report }: ParseContext): AppEnvInstruction['variables'] {
  const { name, value } = splitPair(word);
  if (value === undefined || name.text === '') {
    const message =
      value === undefined ? `${quote(word.text)} has no "="` : `${quote(word.text)} has no name before "="`;
    report({ code: 'malformed-pair', message, range: word.range, hint: 'write KEY=VALUE' });
    return [];
  }
  const { text, problem } = expandWord(value.text, { escapeToken, quotes: 'remove', lookup: 'keep' });
  if (problem === undefined) return [{ name: name.text, value: text }];
  report({ code: 'malformed-word', message: problem.message, range: value.range });
  return [];
}

/** The name becomes a directory below `application/apps`. */
function checkName({ text, range }: Word, { report }: ParseContext): void {
  if (text !== '' && text !== '.' && text !== '..' && !/[/\\\p{Cc}\s]/u.test(text)) return;
  report({
    code: 'application-name',
    message: `${quote(text)} cannot be the name of an application`,
    range,
    hint: 'it names a directory: no "/", no "\\", no blanks, and neither "." nor ".."',
  });
}
