/** From a statement to a typed instruction: the table of instructions. */

import { didYouMean } from '@kubecrate/errors';
import { skipToBlank } from './blank.ts';
import { quote } from './diagnostic.ts';
import type { Instruction } from './instruction.ts';
import { parseAppCmds, parseAppEnv, parseApplication } from './parse-application.ts';
import type { ParseContext } from './parse-context.ts';
import { parseAdd, parseCopy } from './parse-copy.ts';
import { parseFrom } from './parse-from.ts';
import { parseCmd, parseCmds, parseLaunch } from './parse-launch.ts';
import { parseRun } from './parse-run.ts';
import { parseKubeVersion, parseMaintainer } from './parse-text.ts';
import { parseArg, parseEnv, parseLabel } from './parse-variables.ts';
import type { Statement } from './statement.ts';

type Parse = (statement: Statement, context: ParseContext) => Instruction | undefined;

/** The instruction, or undefined where it is so wrong that there is none; everything wrong is reported. */
export function parseInstruction(statement: Statement, context: ParseContext): Instruction | undefined {
  const { keyword, keywordRange: range } = statement;
  const parse = PARSERS.get(keyword);
  if (parse !== undefined) return parse(statement, context);
  const instead = DOCKERFILE_ONLY.get(keyword);
  if (instead !== undefined) {
    const message = `${keyword} is an instruction of Dockerfile that Kubefile has not`;
    context.report({ code: 'unsupported-instruction', message, range, hint: instead });
    return undefined;
  }
  const word = statement.line.text.slice(0, skipToBlank(statement.line.text, 0));
  const hint = didYouMean(keyword, PARSERS.keys()) ?? `the instructions are ${[...PARSERS.keys()].join(', ')}`;
  context.report({ code: 'unknown-instruction', message: `unknown instruction ${quote(word)}`, range, hint });
  return undefined;
}

const PARSERS: ReadonlyMap<string, Parse> = new Map<string, Parse>([
  ['FROM', parseFrom],
  ['COPY', parseCopy],
  ['ADD', parseAdd],
  ['RUN', parseRun],
  ['ARG', parseArg],
  ['ENV', parseEnv],
  ['LABEL', parseLabel],
  ['MAINTAINER', parseMaintainer],
  ['APP', (statement, context) => parseApplication(statement, 'APP', context)],
  ['APPCMDS', parseAppCmds],
  ['APPENV', parseAppEnv],
  ['CNI', (statement, context) => parseApplication(statement, 'CNI', context)],
  ['CSI', (statement, context) => parseApplication(statement, 'CSI', context)],
  ['KUBEVERSION', parseKubeVersion],
  ['LAUNCH', parseLaunch],
  ['CMDS', parseCmds],
  ['CMD', parseCmd],
]);

const LAUNCH = 'a cluster image is launched by LAUNCH or CMDS';

const DOCKERFILE_ONLY: ReadonlyMap<string, string> = new Map([
  ['WORKDIR', 'a cluster image has no working directory; write paths from the top of it'],
  ['USER', 'use --chown of COPY and ADD for the owner of files'],
  ['ENTRYPOINT', LAUNCH],
  ['VOLUME', 'a cluster image is not run as a container; remove the line'],
  ['EXPOSE', 'a cluster image is not run as a container; remove the line'],
  ['SHELL', 'RUN uses /bin/sh -c; for another program write RUN ["PROGRAM", "ARGUMENT", ...]'],
  ['ONBUILD', 'write the instruction into the Kubefile that builds on this one'],
  ['HEALTHCHECK', 'a cluster image is not run as a container; remove the line'],
  ['STOPSIGNAL', 'a cluster image is not run as a container; remove the line'],
]);
