/** Turning the outcome of a save into one error that names every image that failed. */

import { KubecrateError, messageOf } from '@kubecrate/errors';
import type { SavedImage } from './save-images.ts';

/**
 * @throws KubecrateError PARTIAL_FAILURE that lists the images that failed, each with its own message and hint; where all failed
 * with one code, that code
 */
export function refuseFailures(saved: readonly SavedImage[]): void {
  const failures = new Map<string, unknown>();
  for (const { named, result } of saved) if (result.status === 'failed') failures.set(named.image, result.error);
  if (failures.size === 0) return;
  const total = new Set(saved.map(({ named }) => named.image)).size;
  const lines = [...failures].map(([image, error]) => `  ${image}: ${messageOf(error)}${hintOf(error)}`);
  const codes = new Set(
    [...failures.values()].map((error) => (error instanceof KubecrateError ? error.code : 'PARTIAL_FAILURE')),
  );
  const [code = 'PARTIAL_FAILURE'] = codes;
  throw new KubecrateError(
    codes.size === 1 ? code : 'PARTIAL_FAILURE',
    `cannot save ${failures.size} of ${total} ${total === 1 ? 'image' : 'images'}:\n${lines.join('\n')}`,
    { hint: 'mend what is named above and run the same command again: what is saved already is not fetched again' },
  );
}

function hintOf(error: unknown): string {
  return error instanceof KubecrateError && error.hint !== undefined ? `\n    ${error.hint}` : '';
}
