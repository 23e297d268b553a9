/** The reference of the command line as Markdown, one page a command: what the help prints, made of the same data. */

import type { Argument, Command, Option } from 'commander';

/** The pages by their file names; `README.md` lists the commands. */
export function commandPages(program: Command): ReadonlyMap<string, string> {
  const pages = program.commands.map((command): [string, string] => [`${command.name()}.md`, pageOf(command)]);
  return new Map([['README.md', listOf(program)], ...pages]);
}

function listOf(program: Command): string {
  const rows = program.commands.map((command) => [`[${command.name()}](${command.name()}.md)`, command.description()]);
  const sections = ['# Commands', NOTE, program.description(), table(['Command', ''], rows), EXIT_CODES];
  return `${sections.join('\n\n')}\n`;
}

function pageOf(command: Command): string {
  const sections = [`# kubecrate ${command.name()}`, NOTE, ...sectionsOf(command, `kubecrate ${command.name()}`, '##')];
  return `${sections.join('\n\n')}\n`;
}

/** A group of commands has a section for each, one level down. */
function sectionsOf(command: Command, name: string, heading: string): readonly string[] {
  const args = command.registeredArguments.map((argument) => [code(argument.name()), detail(argument)]);
  const options = command.options.filter(({ hidden }) => !hidden).map((option) => [code(option.flags), detail(option)]);
  return [
    command.description(),
    `    ${name} ${command.usage()}`,
    ...(args.length === 0 ? [] : [`${heading} Arguments`, table(['Argument', ''], args)]),
    ...(options.length === 0 ? [] : [`${heading} Options`, table(['Option', ''], options)]),
    ...command.commands.flatMap((child) => {
      const full = `${name} ${child.name()}`;
      return [`${heading} ${full}`, ...sectionsOf(child, full, `${heading}#`)];
    }),
  ];
}

/** The description with the choices and the default, which are data. */
function detail(of: Argument | Option): string {
  const { description, defaultValue } = of;
  const choices = of.argChoices === undefined ? '' : ` (${of.argChoices.map(code).join(', ')})`;
  const standard = typeof defaultValue === 'string' ? `; default ${code(defaultValue)}` : '';
  return `${description}${choices}${standard}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}

const NOTE = '<!-- Made by `npm run docs` from the command line itself. -->';

const EXIT_CODES = `## Exit codes

| Code | Meaning |
| --- | --- |
| 0 | It did what it should. |
| 1 | It failed; standard error says what was tried, with which value, and what to do. |
| 2 | The command line is wrong. |
| 130 | It was interrupted; the same command goes on where it stopped. |

Ctrl-C and SIGTERM are the normal end of \`serve\`: it exits with 0 then.

Results go to standard output, progress and errors to standard error.`;
