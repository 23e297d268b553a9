/** Lines for logs and pipes: what was saved, what went wrong, and every ten seconds how far it is. */

import type { CopyEvent } from '@kubecrate/content';
import type { Context } from '../context.ts';
import { formatBytes, formatSeconds } from '../text.ts';
import { noteOf } from './notes.ts';
import type { Reporter } from './reporter.ts';
import { Totals } from './totals.ts';

const INTERVAL_MS = 10_000;

export function openPlain({ stderr, now }: Context, verb: string): Reporter {
  const totals = new Totals(now);
  const timer = setInterval(() => {
    const { blobs, blobsDone, bytes, bytesDone, rate, left } = totals.snapshot();
    if (blobs === 0 || blobsDone === blobs) return;
    const time = left === undefined ? '' : `, ${formatSeconds(left)} left`;
    stderr.write(
      `${blobsDone} of ${blobs} blobs, ${formatBytes(bytesDone)} of ${formatBytes(bytes)}, ${formatBytes(Math.round(rate))}/s${time}\n`,
    );
  }, INTERVAL_MS);
  timer.unref();
  return {
    onEvent(event: CopyEvent): void {
      totals.add(event);
      const note = noteOf(event, verb);
      if (note !== undefined) stderr.write(`${note}\n`);
    },
    write: (text) => void stderr.write(text),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
