/** Showing what a run does: bars on a terminal, lines elsewhere, JSON for machines. */

import type { OnEvent } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import type { Context } from '../context.ts';

export type ProgressMode = 'auto' | 'bars' | 'plain' | 'json' | 'none';

export const PROGRESS_MODES: readonly ProgressMode[] = ['auto', 'bars', 'plain', 'json', 'none'];

/** Takes events until it is disposed; disposing draws the last state. */
export interface Reporter extends Disposable {
  readonly onEvent: OnEvent;
  /** Shows text of the run itself, such as what a command of RUN prints. */
  readonly write: (text: string) => void;
}

export interface ReporterOptions {
  /** What is said of an image that has arrived: `saved mysql:8 sha256:...`. */
  readonly verb?: string;
}

/** Opens the reporter for a mode; `auto` is bars where standard error is a terminal, else lines. */
export async function openReporter(
  mode: string,
  context: Context,
  { verb = 'saved' }: ReporterOptions = {},
): Promise<Reporter> {
  const dumb = context.env['TERM'] === 'dumb' || context.env['CI'] !== undefined;
  const chosen = mode === 'auto' ? (context.stderr.isTTY === true && !dumb ? 'bars' : 'plain') : mode;
  switch (chosen) {
    case 'bars':
      return (await import('./bars.ts')).openBars(context, verb);
    case 'plain':
      return (await import('./plain.ts')).openPlain(context, verb);
    case 'json':
      return (await import('./json.ts')).openJson(context);
    case 'none':
      return {
        onEvent: () => undefined,
        write: (text) => void context.stderr.write(text),
        [Symbol.dispose]: () => undefined,
      };
    default:
      throw new KubecrateError('USAGE', `unknown progress mode ${JSON.stringify(mode)}`, {
        hint: `one of ${PROGRESS_MODES.join(', ')}`,
      });
  }
}
