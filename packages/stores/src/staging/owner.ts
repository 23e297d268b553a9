/** Which process a file belongs to, written in its name, so that a later process can tell what was left behind. */

import { systemCode } from '@kubecrate/errors';
import { findProcess } from './process-state.ts';

declare const ownerBrand: unique symbol;

/** `<pid>-<start>`: a process id alone is not enough, for a container gives the same one to every run. */
export type Owner = string & { readonly [ownerBrand]: true };

/** This process. */
export function currentOwner(): Owner {
  return `${process.pid}-${startOfThisProcess()}` as Owner;
}

/** Reads an owner out of a file name; undefined where `text` is none. */
export function parseOwner(text: string): Owner | undefined {
  return OWNER.test(text) ? (text as Owner) : undefined;
}

/** False where the process has ended. Processes that share a directory must see each other's process ids. */
export function isAlive(owner: Owner): boolean {
  const [pid = '', start] = owner.split('-');
  if (Number(pid) === process.pid) return start === startOfThisProcess();
  try {
    process.kill(Number(pid), 0);
    // One that was killed keeps its number until its parent has asked how it ended; some parents never do.
    return findProcess(Number(pid))?.state !== 'ended';
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

function startOfThisProcess(): string {
  return Math.trunc(performance.timeOrigin).toString(36);
}

const OWNER = /^[1-9][0-9]{0,9}-[0-9a-z]{1,12}$/;
