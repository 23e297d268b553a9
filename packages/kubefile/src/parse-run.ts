/** RUN. */

import { quote } from './diagnostic.ts';
import { type FlagRules, readFlags } from './flags.ts';
import type { Heredoc } from './heredoc.ts';
import type { RunCommand, RunInstruction } from './instruction.ts';
import { parseJsonStrings } from './json-strings.ts';
import { readList } from './list.ts';
import { missingArgument } from './missing-argument.ts';
import type { ParseContext } from './parse-context.ts';
import type { Word } from './position.ts';
import type { Statement } from './statement.ts';

export function parseRun(statement: Statement, context: ParseContext): RunInstruction | undefined {
  const { values, argumentsAt } = readFlags(statement, FLAGS, context);
  const [network] = values.get('network') ?? [];
  const command = readCommand(statement, argumentsAt, context);
  if (command === undefined) return undefined;
  return {
    keyword: 'RUN',
    range: statement.range,
    keywordRange: statement.keywordRange,
    command,
    network: network === undefined ? 'default' : readNetwork(network, context),
  };
}

const ENGINE = 'RUN is given to a container engine as a plain command; do this in the command itself';

const FLAGS: FlagRules<'network'> = {
  known: { network: 'text' },
  unsupported: { mount: 'COPY what the command needs before it', security: ENGINE, device: ENGINE },
};

function readCommand(statement: Statement, from: number, context: ParseContext): RunCommand | undefined {
  const text = statement.line.text.slice(from);
  if (parseJsonStrings(text).type !== 'not-json') {
    const list = readList(statement, from, { malformed: 'words', context });
    if (list === undefined) return undefined;
    if (list.items.length > 0) return { form: 'exec', arguments: list.items.map((item) => item.text) };
  } else if (text !== '') {
    return withHeredocs(text, statement.heredocs);
  }
  context.report(missingArgument(statement, 'a command', 'RUN COMMAND or RUN ["PROGRAM", "ARGUMENT", ...]'));
  return undefined;
}

/** A here-document alone is the script; beside other words it is the shell's to read, as the command line and what follows it. */
function withHeredocs(text: string, heredocs: readonly Heredoc[]): RunCommand {
  const [first] = heredocs;
  if (first === undefined) return { form: 'shell', command: text };
  if (heredocs.length === 1 && first.opener.text === text) return { form: 'script', script: first.content };
  const bodies = heredocs.map(({ content, name }) => `${content}${name}\n`);
  return { form: 'shell', command: `${text}\n${bodies.join('')}` };
}

function readNetwork({ text, range }: Word, { report }: ParseContext): RunInstruction['network'] {
  if (text === 'default' || text === 'none' || text === 'host') return text;
  report({
    code: 'flag-value',
    message: `--network=${text} is not known`,
    range,
    hint: `it is default, none or host, not ${quote(text)}`,
  });
  return 'default';
}
