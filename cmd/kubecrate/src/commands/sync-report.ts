/** What `kubecrate sync` says: what it would do, what it did, and what failed. */

import { KubecrateError, messageOf, redactName } from '@kubecrate/errors';
import {
  destinationOf,
  type Expansion,
  type FailedRule,
  type Rule,
  type SyncResult,
  sourceOf,
  type WrittenRule,
} from '@kubecrate/sync';
import type { Context } from '../context.ts';
import type { OutputOptions } from '../options.ts';
import { errorFields } from '../reporters/json.ts';
import { count, writeJson } from '../text.ts';

/** How a run ended: the copies, and the rules that never became any. */
export interface SyncOutcome extends Pick<Expansion, 'failed' | 'empty'> {
  readonly results: readonly SyncResult[];
}

/** One line for each copy, `source => destination`. */
export function reportPlan(
  { plan, failed, empty }: Pick<Expansion, 'failed' | 'empty'> & { readonly plan: Expansion['copies'] },
  output: OutputOptions['output'],
  { stdout, stderr }: Context,
): void {
  if (output === 'json') {
    const images = plan.map((copy) => ({
      source: sourceOf(copy),
      destination: destinationOf(copy),
      ...placeOf(copy.rule),
    }));
    writeJson(stdout, { images, ...rulesOf({ failed, empty }) });
    return;
  }
  for (const copy of plan) stdout.write(`${sourceOf(copy)} => ${destinationOf(copy)}\n`);
  warnOfEmpty(empty, stderr);
}

export function reportRun(
  { results, failed, empty }: SyncOutcome,
  output: OutputOptions['output'],
  { stdout, stderr }: Context,
): void {
  const statuses = ['copied', 'unchanged', 'filtered', 'failed'] as const;
  const counts = statuses.map((status): readonly [string, number] => {
    const images = results.filter((one) => one.status === status).length;
    return [status, status === 'failed' ? images + failed.length : images];
  });
  if (output === 'json') {
    writeJson(stdout, {
      ...Object.fromEntries(counts),
      images: results.map(imageOf),
      ...rulesOf({ failed, empty }),
    });
    return;
  }
  for (const result of results) if (result.status !== 'failed') stdout.write(`${lineOfResult(result)}\n`);
  warnOfEmpty(empty, stderr);
  const told = counts.filter(([status, number]) => number > 0 || status === 'copied');
  stdout.write(`${told.map(([status, number]) => `${number} ${status}`).join(', ')}\n`);
}

/** A filter that leaves platforms out makes another index: its digest is not the source's, and is told. */
function lineOfResult(result: Exclude<SyncResult, { readonly status: 'failed' }>): string {
  const { status, copy } = result;
  const line = `${status} ${sourceOf(copy)} => ${destinationOf(copy)}`;
  return status !== 'filtered' && result.index === 'new' ? `${line} (a new index, ${result.descriptor.digest})` : line;
}

/** @throws KubecrateError PARTIAL_FAILURE that names file, line and image of each failure */
export function refuseUnsynced({ results, failed }: Pick<SyncOutcome, 'results' | 'failed'>): void {
  const lines = [
    ...failed.map(({ rule, error }) => lineOf(rule, `rule ${shown(rule)}`, error)),
    ...results.flatMap((result) =>
      result.status === 'failed'
        ? [lineOf(result.copy.rule, `${sourceOf(result.copy)} => ${destinationOf(result.copy)}`, result.error)]
        : [],
    ),
  ];
  if (lines.length === 0) return;
  const images = results.filter(({ status }) => status === 'failed').length;
  const what = [
    ...(failed.length === 0 ? [] : [count(failed.length, 'rule')]),
    ...(images === 0 ? [] : [`${images} of ${count(results.length, 'image')}`]),
  ];
  throw new KubecrateError('PARTIAL_FAILURE', `cannot sync ${what.join(' and ')}:\n${lines.join('\n')}`, {
    hint: 'mend what is named above and run the same command again: what is there already is not copied again',
  });
}

function lineOf({ file, line }: WrittenRule, what: string, error: unknown): string {
  const hint = error instanceof KubecrateError && error.hint !== undefined ? `\n    ${error.hint}` : '';
  // Rules are at fault with their place in the message already.
  const message = messageOf(error);
  const place = `${file}:${line}: `;
  return `  ${message.startsWith(place) ? message : `${place}${what}: ${message}`}${hint}`;
}

/** A user and a password that stand in a name by mistake are not shown. */
function shown({ text }: WrittenRule): string {
  return JSON.stringify(redactName(text));
}

function warnOfEmpty(empty: readonly Rule[], stderr: Context['stderr']): void {
  for (const rule of empty) stderr.write(`warning: ${rule.file}:${rule.line}: rule ${shown(rule)} stands for no tag\n`);
}

function imageOf(result: SyncResult): object {
  const { status, copy } = result;
  const names = { status, source: sourceOf(copy), destination: destinationOf(copy), ...placeOf(copy.rule) };
  if (status === 'failed') return { ...names, error: errorFields(result.error) };
  if (status === 'filtered') return names;
  const { mediaType, digest, size } = result.descriptor;
  return { ...names, mediaType, digest, size, ...(result.index === 'new' ? { newIndex: true } : {}) };
}

/** The rules that stand for no copy. */
function rulesOf({ failed, empty }: { readonly failed: readonly FailedRule[]; readonly empty: readonly Rule[] }): {
  readonly rules: readonly object[];
} {
  return {
    rules: [
      ...failed.map(({ rule, error }) => ({
        status: 'failed',
        source: redactName(rule.text),
        ...placeOf(rule),
        error: errorFields(error),
      })),
      ...empty.map((rule) => ({ status: 'empty', source: redactName(rule.text), ...placeOf(rule) })),
    ],
  };
}

function placeOf({ file, line }: WrittenRule): { readonly file: string; readonly line: number } {
  return { file, line };
}
