/** Expanding one instruction of a stage. ARG and ENV change the scope of those after them. */

import { type ExpandContext, expand } from './expand.ts';
import { expandApplication, expandKubeVersion } from './expand-application.ts';
import { expandAdd, expandCopy } from './expand-copy.ts';
import type { ExpandedArg, ExpandedInstruction, NameValue } from './expanded-instruction.ts';
import type { ArgInstruction, Pair } from './instruction.ts';
import type { Stage, StageInstruction } from './kubefile.ts';
import type { Word } from './position.ts';
import { buildArg, type ScopeOptions, type StageScope } from './scope.ts';

export interface InstructionContext extends ExpandContext {
  readonly scope: StageScope | 'unknown';
  /** The values given with the build; not used where the scope is unknown. */
  readonly options: ScopeOptions | undefined;
  readonly stages: readonly Stage[];
  /** The number of the stage that the instruction is in. */
  readonly current: number;
}

/** Checks the values on the way; undefined where one is so wrong that there is no instruction. */
export function expandInstruction(
  instruction: StageInstruction,
  context: InstructionContext,
): ExpandedInstruction | undefined {
  const { range } = instruction;
  switch (instruction.keyword) {
    case 'ADD':
      return expandAdd(instruction, context);
    case 'COPY':
      return expandCopy(instruction, context);
    case 'APP':
    case 'CNI':
    case 'CSI':
      return expandApplication(instruction, context);
    case 'KUBEVERSION':
      return expandKubeVersion(instruction, context);
    case 'ARG':
      return { keyword: 'ARG', range, arguments: expandArgs(instruction, context) };
    case 'ENV': {
      const variables = expandPairs(instruction.variables, context);
      if (context.scope !== 'unknown') for (const { name, value } of variables) context.scope.setEnv(name, value);
      return { keyword: 'ENV', range, variables };
    }
    case 'LABEL':
      return { keyword: 'LABEL', range, labels: expandPairs(instruction.labels, context) };
    case 'RUN': {
      const { command, network } = instruction;
      return { keyword: 'RUN', range, command, network, environment: runEnvironment(context) };
    }
    case 'MAINTAINER':
      return { keyword: 'MAINTAINER', range, maintainer: instruction.maintainer };
    case 'CMD':
      return { keyword: 'CMD', range, command: instruction.command };
    case 'CMDS':
      return { keyword: 'CMDS', range, commands: instruction.commands };
    case 'APPCMDS': {
      const { application, commands } = instruction;
      return { keyword: 'APPCMDS', range, application: application.text, commands };
    }
    case 'APPENV': {
      const { application, variables } = instruction;
      return { keyword: 'APPENV', range, application: application.text, variables };
    }
    case 'LAUNCH':
      return { keyword: 'LAUNCH', range, applications: instruction.applications.map(({ text }) => text) };
  }
}

/** The proxy settings that every RUN gets when they are given, without an ARG. */
export const PROXY_ARGS: readonly string[] = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'FTP_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
].flatMap((name) => [name, name.toLowerCase()]);

/** Each ARG sees those before it, in the same line too. */
function expandArgs(instruction: ArgInstruction, context: InstructionContext): ExpandedArg['arguments'] {
  const { scope, options } = context;
  return instruction.arguments.map((argument) => {
    const name = expandName(argument.name, context);
    const given = options === undefined ? undefined : buildArg(options, name);
    // Where a value is given the default is not looked at, so that its variables need none.
    const fallback =
      argument.default === undefined || given !== undefined ? undefined : expand(argument.default, context).text;
    const value = given ?? fallback ?? (scope === 'unknown' ? undefined : scope.inherited(name));
    if (scope !== 'unknown') scope.declareArg(name, value);
    return value === undefined ? { name } : { name, value };
  });
}

/** All pairs of one instruction see the same variables: those before it. */
function expandPairs(pairs: readonly Pair[], context: ExpandContext): readonly NameValue[] {
  return pairs.map(({ name, value }) => ({ name: expandName(name, context), value: expand(value, context).text }));
}

function expandName(word: Word, context: ExpandContext): string {
  const { text, range, check } = expand(word, context);
  if (text === '' && check === 'due') context.report({ code: 'malformed-pair', message: 'the name is empty', range });
  return text;
}

function runEnvironment({ scope, options }: InstructionContext): ReadonlyMap<string, string> {
  if (scope === 'unknown' || options === undefined) return new Map();
  const proxies = PROXY_ARGS.flatMap((name) => {
    const value = buildArg(options, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return new Map([...proxies, ...scope.environment()]);
}
