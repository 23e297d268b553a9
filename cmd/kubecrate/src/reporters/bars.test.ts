import { type Descriptor, digestOf, MEDIA_TYPES } from '@kubecrate/oci';
import { expect, test } from 'vitest';
import type { Context } from '../context.ts';
import { linesOf, openBars } from './bars.ts';
import { Totals } from './totals.ts';

const blob = (name: string, size: number): Descriptor => ({
  mediaType: MEDIA_TYPES.ociLayer,
  digest: digestOf(name),
  size,
});
const [large, small] = [blob('large', 300_000_000), blob('small', 1_000_000)];

test('shows a bar for each blob that moves, the largest first, and a total with rate and time left', () => {
  let now = 0;
  const totals = new Totals(() => now);
  for (const descriptor of [small, large]) {
    totals.add({ type: 'planned', digest: descriptor.digest, size: descriptor.size });
    totals.add({ type: 'copying', descriptor, image: 'example.com/app:1' });
  }
  totals.snapshot();
  now = 1_000;
  totals.add({ type: 'progress', digest: large.digest, bytes: 100_000_000 });
  totals.add({ type: 'copied', descriptor: small });
  const lines = linesOf(totals.snapshot(), 100, 22);
  expect(lines).toEqual([
    `${large.digest.slice(7, 19)} example.com/app:1                   [=======>              ]    95.367 MB / 286.102 MB`,
    '1 of 2 blobs, 96.321 MB of 287.056 MB, 96.321 MB/s, 2s left',
  ]);
});

test('fits any terminal', () => {
  const totals = new Totals(() => 0);
  for (let i = 0; i < 40; i += 1) {
    const descriptor = blob(String(i), 1_000 + i);
    totals.add({ type: 'planned', digest: descriptor.digest, size: descriptor.size });
    totals.add({ type: 'copying', descriptor, image: `registry.example.com/a/very/long/name/of/an/image/${i}:1` });
  }
  for (const [columns, rows] of [
    [20, 3],
    [40, 10],
    [80, 24],
    [300, 60],
  ] as const) {
    const lines = linesOf(totals.snapshot(), columns, rows);
    expect(lines.length).toBeLessThanOrEqual(Math.max(2, rows));
    for (const line of lines) expect(line.length).toBeLessThan(columns);
  }
});

test('writes text of the run in whole lines, and what is left of it at the end', () => {
  const written: string[] = [];
  const stderr = { write: (text: string) => void written.push(text), isTTY: true, columns: 80, rows: 24 };
  const reporter = openBars({ stderr, now: () => 0 } as unknown as Context, 'saved');
  reporter.write('one\ntw');
  reporter.write('o\nend');
  reporter[Symbol.dispose]();
  expect(written.join('')).toBe('\x1b[2Kone\n\x1b[2Ktwo\n\x1b[2Kend\n\x1b[0J');
});
