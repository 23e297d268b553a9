/** Reading a Kubefile: text in, stages and everything that is wrong with them out. */

import { checkKnownApplications } from './check-applications.ts';
import { checkOrder } from './check-order.ts';
import { checkStages } from './check-stages.ts';
import { checkValues } from './check-values.ts';
import { type Diagnostic, diagnosticOf, inFileOrder, type Report } from './diagnostic.ts';
import type { ArgInstruction, Instruction } from './instruction.ts';
import type { Kubefile, Stage } from './kubefile.ts';
import { parseInstruction } from './parse-instruction.ts';
import { readStatements } from './statement.ts';

export interface ParseOptions {
  /** The name of the file in messages; `Kubefile` where it is not given. */
  readonly file?: string;
}

/**
 * Reads the text of a Kubefile and checks all that can be known without a build.
 * Never throws for what the text holds: see {@link Kubefile.diagnostics} and `throwOnErrors`.
 */
export function parseKubefile(text: string, { file = 'Kubefile' }: ParseOptions = {}): Kubefile {
  const diagnostics: Diagnostic[] = [];
  const report: Report = (finding) => {
    diagnostics.push(diagnosticOf(finding));
  };
  const { escapeToken, statements } = readStatements(text, report);
  const instructions = statements.flatMap((statement) => parseInstruction(statement, { escapeToken, report }) ?? []);
  checkOrder(instructions, statements, report);
  const { metaArgs, stages } = splitStages(instructions);
  const kubefile: Kubefile = { file, escapeToken, metaArgs, stages, diagnostics: [] };
  checkStages(kubefile, report);
  checkValues(kubefile, report);
  checkKnownApplications(kubefile, report);
  return { ...kubefile, diagnostics: inFileOrder(diagnostics) };
}

function splitStages(instructions: readonly Instruction[]): Pick<Kubefile, 'metaArgs' | 'stages'> {
  const metaArgs: ArgInstruction[] = [];
  const stages: (Stage & { readonly instructions: Exclude<Instruction, { keyword: 'FROM' }>[] })[] = [];
  for (const instruction of instructions) {
    if (instruction.keyword === 'FROM') {
      const name = instruction.stageName?.text;
      const index = stages.length;
      stages.push({ index, from: instruction, instructions: [], ...(name === undefined ? {} : { name }) });
    } else {
      const stage = stages.at(-1);
      if (stage !== undefined) stage.instructions.push(instruction);
      else if (instruction.keyword === 'ARG') metaArgs.push(instruction);
    }
  }
  return { metaArgs, stages };
}
