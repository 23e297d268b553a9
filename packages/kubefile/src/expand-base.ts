/** Expanding FROM: which base a stage begins with. */

import { type Platform, parsePlatform, parseReference } from '@kubecrate/oci';
import type { DiagnosticCode } from './diagnostic.ts';
import { type ExpandContext, type Expanded, expand } from './expand.ts';
import type { StageBase } from './expanded-instruction.ts';
import type { Stage } from './kubefile.ts';
import { parseValue } from './parse-value.ts';
import { findStage } from './stage-reference.ts';

export interface BaseContext extends ExpandContext {
  readonly stages: readonly Stage[];
}

/** A base whose platform is that of the build where FROM names none. */
export type WrittenBase =
  | Exclude<StageBase, { type: 'image' }>
  | (Omit<StageBase & { type: 'image' }, 'platform'> & { readonly platform: Platform | undefined });

/** The base of a stage; undefined where it is wrong, which is reported at the time that is due. */
export function expandBase({ from, index }: Stage, context: BaseContext): WrittenBase | undefined {
  const image = expand(from.image, context);
  const given = from.platform === undefined ? undefined : expand(from.platform, context);
  const platform = given === undefined ? undefined : parseDue(given, 'platform', { parse: parsePlatform, context });
  if (image.text === 'scratch') return { type: 'scratch' };
  const earlier = findStage(context.stages, image.text, index);
  if (earlier !== undefined) return { type: 'stage', index: earlier.index };
  if (image.text === '') {
    reportEmpty(image, context);
    return undefined;
  }
  const reference = parseDue(image, 'image-reference', { parse: parseReference, context });
  if (reference === undefined || (given !== undefined && platform === undefined)) return undefined;
  return { type: 'image', image: image.text, reference, platform };
}

function parseDue<Value>(
  expanded: Expanded,
  code: DiagnosticCode,
  { parse, context }: { readonly parse: (text: string) => Value; readonly context: BaseContext },
): Value | undefined {
  const result = parseValue(expanded, code, parse);
  if ('value' in result) return result.value;
  if (expanded.check === 'due') context.report(result.finding);
  return undefined;
}

function reportEmpty({ range, check }: Expanded, { report }: BaseContext): void {
  if (check === 'not-due') return;
  const hint = 'give the ARG before FROM a default, or a value with --build-arg';
  report({ code: 'image-reference', message: 'the image is empty once its variables are expanded', range, hint });
}
