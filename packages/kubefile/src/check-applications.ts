/** The rules about applications: those that APPCMDS, APPENV and LAUNCH name must be in the image. */

import { didYouMean } from '@kubecrate/errors';
import { type Diagnostic, diagnosticOf, quote, type Report } from './diagnostic.ts';
import type { Kubefile, Stage, StageInstruction } from './kubefile.ts';
import type { Word } from './position.ts';
import { findStage } from './stage-reference.ts';

/**
 * Checks one stage against the names of the applications its base has.
 * `parseKubefile` has done so where the base is `scratch` or a stage built on it; call this when the base is an image and its applications are known.
 */
export function checkApplications(stage: Stage, baseApplications: Iterable<string>): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  checkStage(stage, baseApplications, (finding) => diagnostics.push(diagnosticOf(finding)));
  return diagnostics;
}

/** The names of the applications after the stage, given those of its base. */
export function applicationsOf(stage: Stage, baseApplications: Iterable<string>): ReadonlySet<string> {
  return new Set([
    ...baseApplications,
    ...stage.instructions.flatMap((instruction) => definedBy(instruction)?.text ?? []),
  ]);
}

/** Checks the stages whose applications are all in the file, and warns of one that is defined twice. */
export function checkKnownApplications({ stages }: Kubefile, report: Report): void {
  const known = new Map<number, ReadonlySet<string>>();
  for (const stage of stages) {
    checkTwice(stage, report);
    const { text } = stage.from.image;
    const parent = findStage(stages, text, stage.index);
    const base = text === 'scratch' ? new Set<string>() : parent && known.get(parent.index);
    if (base === undefined) continue;
    checkStage(stage, base, report);
    known.set(stage.index, applicationsOf(stage, base));
  }
}

function checkStage(stage: Stage, baseApplications: Iterable<string>, report: Report): void {
  const defined = new Set(baseApplications);
  const all = applicationsOf(stage, defined);
  for (const instruction of stage.instructions) {
    const name = definedBy(instruction);
    if (name !== undefined) defined.add(name.text);
    for (const { text, range } of namedBy(instruction)) {
      if (defined.has(text)) continue;
      const message = `the application ${quote(text)} is not defined${all.has(text) ? ' before this line' : ''}`;
      const hint = all.has(text)
        ? `move ${instruction.keyword} below it`
        : (didYouMean(text, defined) ?? `define it with APP ${text} local://PATH`);
      report({ code: 'unknown-application', message, range, hint });
    }
  }
}

function checkTwice(stage: Stage, report: Report): void {
  const lines = new Map<string, number>();
  for (const instruction of stage.instructions) {
    const name = definedBy(instruction);
    if (name === undefined) continue;
    const line = lines.get(name.text);
    lines.set(name.text, name.range.start.line);
    if (line === undefined) continue;
    const message = `the application ${quote(name.text)} is defined in line ${line} already`;
    const hint = 'the files of both are copied, and this definition counts';
    report({ code: 'duplicate-application', message, range: name.range, hint });
  }
}

function definedBy(instruction: StageInstruction): Word | undefined {
  const { keyword } = instruction;
  return keyword === 'APP' || keyword === 'CNI' || keyword === 'CSI' ? instruction.application : undefined;
}

function namedBy(instruction: StageInstruction): readonly Word[] {
  if (instruction.keyword === 'LAUNCH') return instruction.applications;
  const { keyword } = instruction;
  return keyword === 'APPCMDS' || keyword === 'APPENV' ? [instruction.application] : [];
}
