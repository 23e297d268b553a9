/** What all jobs of the benchmark share. */

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Corpus } from './corpus.ts';
import { type Measurement, measure, median } from './measure.ts';

/** One line of the table. */
export interface Row {
  readonly job: string;
  readonly against: string;
  /** What is to be reached: at most, unless it begins with `at least`. */
  readonly target: string;
  /** The ratio of the medians. */
  readonly ratio: number;
  /** What was measured, in words: seconds, MiB, GB/s. */
  readonly detail: string;
}

export interface Bench {
  readonly corpus: Corpus;
  /** Port of docker-registry over the corpus, and of a proxy that makes it far. */
  readonly near: number;
  readonly far: number;
  readonly runs: number;
  /** An empty directory for output, on a tmpfs. */
  readonly output: string;
  /** Prints what is going on. */
  log(text: string): void;
}

export const KUBECRATE: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL('../../../cmd/kubecrate/bin/kubecrate.js', import.meta.url)),
];

/** One thing to time: what is done before it, not timed, and the command. */
export interface Timed {
  readonly name: string;
  readonly before?: () => Promise<unknown>;
  readonly command: readonly string[];
}

/** Times several commands in turn, `runs` rounds; the measurements of each. */
export async function inTurn(
  bench: Bench,
  timed: readonly Timed[],
  runs: number = bench.runs,
): Promise<readonly Measurement[][]> {
  const measured: Measurement[][] = timed.map(() => []);
  for (let round = 1; round <= runs; round += 1) {
    for (const [i, { name, before, command }] of timed.entries()) {
      await before?.();
      const took = await measure(command);
      measured[i]?.push(took);
      bench.log(
        `${round}/${runs} ${name}: ${took.wall.toFixed(2)} s, cpu ${took.cpu.toFixed(2)} s, peak ${Math.round(took.peak)} MiB`,
      );
    }
  }
  return measured;
}

export function medianWall(measurements: readonly Measurement[]): number {
  return median(measurements.map(({ wall }) => wall));
}

export function peakOf(measurements: readonly Measurement[]): number {
  return Math.max(...measurements.map(({ peak }) => peak));
}

/** `2.10 s / 2.25 s (min 2.0, max 2.4)` */
export function secondsOf(ours: readonly Measurement[], theirs: readonly Measurement[]): string {
  return `${medianWall(ours).toFixed(2)} s / ${medianWall(theirs).toFixed(2)} s`;
}

/** The list of the corpus as `kubecrate --image-list` reads it, for the registry on a port. */
export async function writeList(bench: Bench, port: number): Promise<string> {
  const file = join(bench.output, `images-${port}.txt`);
  await writeFile(file, bench.corpus.images.map((image) => `127.0.0.1:${port}/${image}\n`).join(''));
  return file;
}

/** Removes what a run left and makes the directory anew. */
export async function empty(directory: string): Promise<string> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  return directory;
}

export async function readText(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim();
}
