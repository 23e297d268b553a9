/** Running a command as a whole process and measuring it from outside. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one run of a command took. */
export interface Measurement {
  /** Seconds. */
  readonly wall: number;
  /** Seconds of processor time, children included. */
  readonly cpu: number;
  /** MiB of the largest process at its largest. */
  readonly peak: number;
}

/** Runs a command to its end under GNU time. @throws Error with what it printed where it fails */
export async function measure(command: readonly string[], cwd?: string): Promise<Measurement> {
  const directory = await mkdtemp(join(tmpdir(), 'kubecrate-bench-'));
  const report = join(directory, 'time');
  try {
    const args = ['-q', '-o', report, '-f', '%e %U %S %M', ...command];
    const child = spawn('/usr/bin/time', args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
    let printed = '';
    child.stderr.on('data', (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-4000);
    });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`${command.slice(0, 6).join(' ')} ended with ${code}: ${printed}`);
    const [wall = 0, user = 0, system = 0, peak = 0] = (await readFile(report, 'utf8')).trim().split(' ').map(Number);
    return { wall, cpu: user + system, peak: peak / 1024 };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? high) + high) / 2;
}
