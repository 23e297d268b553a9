/** Checking everything that is written without variables, and the form of everything that is written with them. */

import type { Report } from './diagnostic.ts';
import { expand } from './expand.ts';
import { expandBase } from './expand-base.ts';
import { expandInstruction } from './expand-instruction.ts';
import type { Kubefile } from './kubefile.ts';

export function checkValues({ stages, metaArgs, escapeToken }: Kubefile, report: Report): void {
  const context = { escapeToken, report, scope: 'unknown', options: undefined, stages } as const;
  for (const instruction of metaArgs) {
    for (const argument of instruction.arguments) {
      expand(argument.name, context);
      if (argument.default !== undefined) expand(argument.default, context);
    }
  }
  for (const stage of stages) {
    expandBase(stage, context);
    for (const instruction of stage.instructions) {
      expandInstruction(instruction, { ...context, current: stage.index });
    }
  }
}
