/** What is run when the cluster image is launched: CMD, CMDS and LAUNCH. */

import { readFlags } from './flags.ts';
import type { CmdInstruction, CmdsInstruction, LaunchInstruction } from './instruction.ts';
import { readList } from './list.ts';
import { missingArgument } from './missing-argument.ts';
import type { ParseContext } from './parse-context.ts';
import { NO_FLAGS } from './parse-variables.ts';
import type { Statement } from './statement.ts';

export function parseCmd(statement: Statement, context: ParseContext): CmdInstruction | undefined {
  const command = statement.line.text.slice(statement.argumentsAt);
  if (command === '') {
    context.report(missingArgument(statement, 'a command', 'CMDS ["COMMAND", ...]'));
    return undefined;
  }
  return { keyword: 'CMD', range: statement.range, keywordRange: statement.keywordRange, command };
}

export function parseCmds(statement: Statement, context: ParseContext): CmdsInstruction | undefined {
  const { argumentsAt } = readFlags(statement, NO_FLAGS, context);
  const commands = readCommands(statement, argumentsAt, { form: 'CMDS', context });
  if (commands === undefined) return undefined;
  return { keyword: 'CMDS', range: statement.range, keywordRange: statement.keywordRange, commands };
}

export function parseLaunch(statement: Statement, context: ParseContext): LaunchInstruction | undefined {
  const { argumentsAt } = readFlags(statement, NO_FLAGS, context);
  const list = readList(statement, argumentsAt, { malformed: 'error', context });
  if (list === undefined) return undefined;
  if (list.items.length === 0) {
    context.report(missingArgument(statement, 'an application', 'LAUNCH NAME...'));
    return undefined;
  }
  // A name in JSON form may have blanks around it.
  const applications = list.items.map(({ text, range }) => ({ text: text.trim(), range }));
  return { keyword: 'LAUNCH', range: statement.range, keywordRange: statement.keywordRange, applications };
}

/** The commands of CMDS and APPCMDS: each item of the list is one. `form` is what stands before them. */
export function readCommands(
  statement: Statement,
  from: number,
  { form, context }: { readonly form: string; readonly context: ParseContext },
): readonly string[] | undefined {
  const list = readList(statement, from, { malformed: 'error', context });
  if (list === undefined) return undefined;
  const [first] = list.items;
  const last = list.items.at(-1);
  if (first === undefined || last === undefined) {
    context.report(missingArgument(statement, 'a command', `${form} ["COMMAND", ...]`));
    return undefined;
  }
  if (list.form === 'words' && first !== last) {
    context.report({
      code: 'separate-commands',
      message: `without JSON form each word is a command of its own, and these are ${list.items.length}`,
      range: { start: first.range.start, end: last.range.end },
      hint: `write ${form} ["one whole command", "another"]`,
    });
  }
  return list.items.map((item) => item.text);
}
