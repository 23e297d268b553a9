/**
 * Who holds a lock, in a file beside it: a process that was killed is known to be dead by everyone on its machine.
 * Where the system does not say what is needed for that (it is Linux's /proc), nobody is taken for dead.
 */

import { randomBytes } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { systemCode } from '@kubecrate/errors';
import { findProcess } from '@kubecrate/stores';

/** This process in one line, different every time; undefined where others could not tell whether it lives. */
export async function describeHolder(): Promise<string | undefined> {
  const machine = await describeMachine();
  const process_ = findProcess(process.pid);
  if (machine === undefined || process_ === undefined) return undefined;
  return `${machine} ${process.pid} ${process_.start} ${randomBytes(6).toString('hex')}`;
}

/** True where a holder was a process of this machine, since its last start, that has ended. */
export async function isDead(holder: string): Promise<boolean> {
  const [, machine = '', pid = '', start = ''] = HOLDER.exec(holder) ?? [];
  if (machine === '' || machine !== (await describeMachine())) return false;
  if (!exists(Number(pid))) return true;
  const found = findProcess(Number(pid));
  // The same number may be that of a later process.
  return found !== undefined && (found.start !== start || found.state === 'ended');
}

const HOLDER = /^([0-9a-f-]{36} [0-9]{1,20}) ([1-9][0-9]{0,9}) ([0-9]{1,20}) [0-9a-f]{12}$/;

/** The start of the machine and the space that process ids are counted in: a container has its own. */
async function describeMachine(): Promise<string | undefined> {
  try {
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const space = /^pid:\[(\d+)\]$/.exec(await readlink('/proc/self/ns/pid'))?.[1];
    return space === undefined ? undefined : `${boot} ${space}`;
  } catch {
    return undefined; // no such system: nobody can be told dead
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}
