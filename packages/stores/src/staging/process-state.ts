/** What the system says of a process. It is Linux's /proc that says it. */

import { readFileSync } from 'node:fs';

export interface FoundProcess {
  /** In ticks since the machine started (proc(5), field 22 of stat). */
  readonly start: string;
  /** 'ended': nobody has asked yet how (a zombie). Its number is taken, and it does nothing any more. */
  readonly state: 'running' | 'ended';
}

/** Undefined where there is no such process, or the system does not say. It takes microseconds: nothing is read from a disk. */
export function findProcess(pid: number): FoundProcess | undefined {
  const text = readStat(pid);
  // The name of the program, in parentheses, may hold anything.
  const [state = '', ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const start = fields[18];
  return start === undefined ? undefined : { start, state: state === 'Z' || state === 'X' ? 'ended' : 'running' };
}

function readStat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return ''; // gone, or hidden from this user
  }
}
