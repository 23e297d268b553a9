/** One bar for each blob that moves and a total with rate and time left, redrawn in place. */

import type { CopyEvent } from '@kubecrate/content';
import type { Context } from '../context.ts';
import { formatBytes, formatSeconds } from '../text.ts';
import { noteOf } from './notes.ts';
import type { Reporter } from './reporter.ts';
import { type ActiveBlob, type Snapshot, Totals } from './totals.ts';

const INTERVAL_MS = 100;

export function openBars({ stderr, now }: Context, verb: string): Reporter {
  const totals = new Totals(now);
  const notes: string[] = [];
  /** The beginning of a line whose end is still to come. */
  let begun = '';
  let drawn = 0;
  const draw = (snapshot: Snapshot | undefined): void => {
    const lines = snapshot === undefined ? [] : linesOf(snapshot, stderr.columns ?? 80, (stderr.rows ?? 24) - 2);
    const up = drawn === 0 ? '' : `\x1b[${drawn}A`;
    const text = [...notes.splice(0), ...lines].map((line) => `\x1b[2K${line}\n`).join('');
    if (up !== '' || text !== '') stderr.write(`${up}${text}\x1b[0J`);
    drawn = lines.length;
  };
  const timer = setInterval(() => draw(totals.snapshot()), INTERVAL_MS);
  timer.unref();
  return {
    onEvent(event: CopyEvent): void {
      totals.add(event);
      const note = noteOf(event, verb);
      if (note !== undefined) notes.push(note);
    },
    // Above the bars, a whole line at a time: they are drawn over again.
    write(text): void {
      const lines = `${begun}${text}`.split('\n');
      begun = lines.pop() ?? '';
      notes.push(...lines);
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
      if (begun !== '') notes.push(begun);
      begun = '';
      draw(undefined);
    },
  };
}

/** The lines of one picture, none longer than `columns`. */
export function linesOf(snapshot: Snapshot, columns: number, rows: number): readonly string[] {
  const { active, blobs, blobsDone, bytes, bytesDone, rate, left } = snapshot;
  if (blobs === 0) return [];
  const shown = [...active].sort((a, b) => b.size - a.size).slice(0, Math.max(1, rows - 1));
  const time = left === undefined || bytesDone === bytes ? '' : `, ${formatSeconds(left)} left`;
  const total = `${blobsDone} of ${blobs} blobs, ${formatBytes(bytesDone)} of ${formatBytes(bytes)}, ${formatBytes(Math.round(rate))}/s${time}`;
  return [...shown.map((blob) => barOf(blob, columns)), total.slice(0, columns - 1)];
}

function barOf({ digest, image, size, done }: ActiveBlob, columns: number): string {
  const amount = `${formatBytes(done)} / ${formatBytes(size)}`.padStart(25);
  const name = `${digest.slice(7, 19)} ${image}`;
  const width = Math.max(10, Math.min(30, columns - 78));
  const filled = size === 0 ? width : Math.floor((done / size) * width);
  const bar = `[${'='.repeat(filled)}${filled < width ? '>' : ''}${' '.repeat(Math.max(0, width - filled - 1))}]`;
  const room = columns - bar.length - amount.length - 3;
  return `${name.slice(0, room).padEnd(room)} ${bar} ${amount}`.slice(0, columns - 1);
}
