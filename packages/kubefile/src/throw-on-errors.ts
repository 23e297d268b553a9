/** From diagnostics to one error. */

import { KubecrateError } from '@kubecrate/errors';
import type { Diagnostic } from './diagnostic.ts';
import { formatDiagnostics } from './format-diagnostic.ts';

/**
 * Throws one error that shows all errors among the diagnostics; warnings are left out.
 * `text` and `file` are the Kubefile that was read.
 * @throws KubecrateError INVALID_KUBEFILE
 */
export function throwOnErrors(diagnostics: readonly Diagnostic[], text: string, file: string): void {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  const shown = errors.slice(0, MAX_SHOWN);
  const more = errors.length - shown.length;
  const count = errors.length === 1 ? 'an error' : `${errors.length} errors`;
  throw new KubecrateError(
    'INVALID_KUBEFILE',
    `${file} has ${count}:\n\n${formatDiagnostics(shown, text, file)}${more === 0 ? '' : `\n\nand ${more} more`}`,
  );
}

/** More than a person reads at once; the rest is counted. */
const MAX_SHOWN = 50;
