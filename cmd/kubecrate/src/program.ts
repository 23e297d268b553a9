/** The command line: finds the command, runs it, turns errors into text and an exit code. */

import { Command, CommanderError } from 'commander';
import { COMMANDS, type CommandName } from './commands/index.ts';
import type { Context } from './context.ts';
import { exitCodeOf, formatError, formatErrorEvent } from './failure.ts';
import { VERSION } from './version.ts';

/**
 * Runs one command line.
 * @returns 0 where it did what it should, 1 where it failed, 2 where the command line is wrong, 130 where it was interrupted
 */
export async function runProgram(args: readonly string[], context: Context): Promise<number> {
  let progress: unknown;
  try {
    const program = await buildProgram(args, context);
    program.hook('preAction', (_, command) => {
      progress = command.opts()['progress'];
    });
    await program.parseAsync(withoutIdleHelp(args, program), { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    context.stderr.write(progress === 'json' ? formatErrorEvent(error, context) : formatError(error, context));
    return exitCodeOf(error, context);
  }
}

/** The program with the command that `args` names, or with all of them for its help: a command is loaded when it is needed. */
export async function buildProgram(args: readonly string[], context: Context): Promise<Command> {
  const program = new Command('kubecrate')
    .description('Builds cluster images: everything an air-gapped Kubernetes cluster needs, in one image.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
    })
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    // Commands have options of their own that are called --version.
    .enablePositionalOptions()
    .exitOverride();
  const wanted = args.find((arg) => !arg.startsWith('-'));
  for (const command of await Promise.all(namesFor(wanted, args).map((name) => COMMANDS[name](context)))) {
    program.addCommand(inherit(command, program));
  }
  return program;
}

function namesFor(wanted: string | undefined, args: readonly string[]): readonly CommandName[] {
  if (isCommand(wanted)) return [wanted];
  const isVersion = wanted === undefined && args.some((arg) => arg === '-V' || arg === '--version');
  return isVersion ? [] : (Object.keys(COMMANDS) as CommandName[]);
}

/**
 * Commander prints the help of what is around it for `help nope`, `help chart nope` and `chart help nope`: as the commands `nope` and `chart nope`
 * they are unknown, and what was meant is named.
 */
function withoutIdleHelp(args: readonly string[], program: Command): readonly string[] {
  const at = args.indexOf('help');
  if (at === -1 || at > 1 || args.some((arg) => arg.startsWith('-'))) return args;
  const path = args.filter((_, index) => index !== at);
  let command = program;
  for (const name of path) {
    const next = command.commands.find((child) => child.name() === name);
    if (next === undefined) return command.commands.length > 0 && name !== 'help' ? path : args;
    command = next;
  }
  return path.length > 1 ? [...path, '--help'] : args;
}

function isCommand(name: string | undefined): name is CommandName {
  return name !== undefined && Object.hasOwn(COMMANDS, name);
}

/** Settings of commander that sub-commands take over only when they are made by their parent. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inherit(child, command);
  return command;
}
