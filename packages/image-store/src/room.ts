/** Going on where the disk is full: what frees content writes a little first, and must not fail for want of room. */

import { fileError, hasCode } from '@kubecrate/errors';

/** Gives some bytes back to the disk; 'none' where there is nothing left to give. */
export type MakeRoom = () => Promise<'made' | 'none'>;

/** Runs `action`, and again each time it met a full disk and some room was made. */
export async function withRoom<T>(makeRoom: MakeRoom, action: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (!isFull(error) || (await makeRoom()) === 'none') throw error;
    }
  }
}

function isFull(error: unknown): boolean {
  return hasCode(fileError('', error), 'NO_SPACE');
}
