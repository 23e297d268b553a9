/** How a run over images ended, as an error where some failed. */

import type { CopyReport, CopyResult } from '@kubecrate/content';
import { KubecrateError, messageOf } from '@kubecrate/errors';
import { count } from './text.ts';

/** A result that is no failure. */
export type Copied = Exclude<CopyResult, { readonly status: 'failed' }>;

/** The images that were copied; call {@link refuseFailed} once they are reported. */
export function copiedIn({ results }: CopyReport): readonly Copied[] {
  return results.filter((result) => result.status !== 'failed');
}

/** What `--output json` says of an image that was copied, after its name. */
export function fieldsOf({ status, descriptor }: Pick<Copied, 'status' | 'descriptor'>): object {
  const { mediaType, digest, size } = descriptor;
  return { status, mediaType, digest, size };
}

/** @throws the failure of a run over one image as it is; KubecrateError PARTIAL_FAILURE that names each failure of several */
export function refuseFailed({ results }: CopyReport, verb: string): void {
  const failed = results.filter((result) => result.status === 'failed');
  const [first] = failed;
  if (first === undefined) return;
  if (results.length === 1) throw first.error;
  const lines = failed.map(({ job, error }) => `  ${job.image}: ${messageOf(error)}${hintOf(error)}`);
  throw new KubecrateError(
    'PARTIAL_FAILURE',
    `cannot ${verb} ${failed.length} of ${count(results.length, 'image')}:\n${lines.join('\n')}`,
    {
      hint: 'mend what is named above and run the same command again: what is there already is not copied again',
    },
  );
}

/** The hint of an error on a line of its own, below the error in a list. */
export function hintOf(error: unknown): string {
  return error instanceof KubecrateError && error.hint !== undefined ? `\n    ${error.hint}` : '';
}
