/** The rules about stages: their names, and what `COPY --from` refers to. */

import { didYouMean } from '@kubecrate/errors';
import { parseReference } from '@kubecrate/oci';
import { quote, type Report } from './diagnostic.ts';
import type { EscapeToken } from './directives.ts';
import type { Kubefile, Stage } from './kubefile.ts';
import { parseValue } from './parse-value.ts';
import type { Word } from './position.ts';
import { expandWord } from './shell-word.ts';
import { resolveCopyFrom } from './stage-reference.ts';

export function checkStages({ stages, escapeToken }: Kubefile, report: Report): void {
  checkNames(stages, report);
  for (const stage of stages) {
    for (const instruction of stage.instructions) {
      if (instruction.keyword !== 'COPY' || instruction.from === undefined) continue;
      checkCopyFrom(instruction.from, stage, { stages, escapeToken, report });
    }
  }
}

/** The text of `--from` without its quotes. */
export function unquotedFrom({ text }: Word, escapeToken: EscapeToken): string {
  return expandWord(text, { escapeToken, quotes: 'remove', lookup: 'keep' }).text;
}

function checkNames(stages: readonly Stage[], report: Report): void {
  const lines = new Map<string, number>();
  for (const { name, from } of stages) {
    if (name === undefined || from.stageName === undefined) continue;
    const { range } = from.stageName;
    const line = lines.get(name);
    if (line === undefined) lines.set(name, range.start.line);
    else report({ code: 'duplicate-stage', message: `the stage ${quote(name)} is in line ${line} already`, range });
  }
}

function checkCopyFrom(
  from: Word,
  stage: Stage,
  { stages, escapeToken, report }: { stages: readonly Stage[]; escapeToken: EscapeToken; report: Report },
): void {
  const { range } = from;
  const name = unquotedFrom(from, escapeToken);
  if (name.includes('$')) {
    const hint = 'name the image in a stage of its own, FROM IMAGE AS tools, and write COPY --from=tools';
    report({ code: 'flag-value', message: 'variables are not expanded in --from', range, hint });
    return;
  }
  const target = resolveCopyFrom(stages, name, stage.index);
  if (target.type === 'stage') return;
  const names = stages.slice(0, stage.index).flatMap((earlier) => earlier.name ?? []);
  const hint = didYouMean(name, names);
  if (target.type === 'unknown') {
    const message = `stage ${/^\d+$/.test(name) ? name : quote(name)} ${target.reason}`;
    report({ code: 'unknown-stage', message, range, ...(hint === undefined ? {} : { hint }) });
    return;
  }
  const reference = parseValue({ text: name, range }, 'image-reference', parseReference);
  if ('finding' in reference) {
    report(hint === undefined ? reference.finding : { ...reference.finding, hint });
  } else if (name === 'scratch') {
    report({ code: 'unknown-stage', message: 'scratch holds no files to copy', range });
  } else if (hint !== undefined) {
    report({
      code: 'near-stage-name',
      message: `no stage is named ${quote(name)}: it is taken as an image`,
      range,
      hint,
    });
  }
}
