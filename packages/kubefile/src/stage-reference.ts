/** What FROM and `COPY --from` refer to: a stage of the same file, or an image. */

import type { Stage } from './kubefile.ts';

/** A stage before the one numbered `before`, by its name in any letter case. */
export function findStage(stages: readonly Stage[], name: string, before: number): Stage | undefined {
  const wanted = name.toLowerCase();
  return stages.find((stage) => stage.index < before && stage.name === wanted);
}

/** What `COPY --from=NAME` in the stage numbered `current` refers to; `unknown` is a stage that it cannot refer to, with the reason. */
export type CopyFrom =
  | { readonly type: 'stage'; readonly index: number }
  | { readonly type: 'image'; readonly reference: string }
  | { readonly type: 'unknown'; readonly reason: string };

export function resolveCopyFrom(stages: readonly Stage[], name: string, current: number): CopyFrom {
  if (/^\d+$/.test(name)) return resolveNumber(Number(name), current, stages.length);
  const earlier = findStage(stages, name, current);
  if (earlier !== undefined) return { type: 'stage', index: earlier.index };
  const other = findStage(stages, name, stages.length);
  if (other === undefined) return { type: 'image', reference: name };
  return { type: 'unknown', reason: other.index === current ? ITSELF : LATER };
}

function resolveNumber(index: number, current: number, count: number): CopyFrom {
  if (index < current) return { type: 'stage', index };
  if (index >= count) return { type: 'unknown', reason: 'does not exist: the first stage is 0' };
  return { type: 'unknown', reason: index === current ? ITSELF : LATER };
}

const ITSELF = 'is this stage itself';
const LATER = 'comes after this stage';
