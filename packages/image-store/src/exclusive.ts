/** Short sections that one process at a time may be in. */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OperationOptions } from '@kubecrate/content';
import { fileError, KubecrateError, systemCode } from '@kubecrate/errors';
import { ensureDirectory } from '@kubecrate/files';

/** Runs `action` while no other process runs one for this directory; waits for its turn. @throws KubecrateError IN_USE after two minutes */
export async function exclusively<T>(
  directory: string,
  action: () => Promise<T>,
  { signal }: OperationOptions = {},
): Promise<T> {
  signal?.throwIfAborted();
  const lost: Error[] = [];
  const release = await acquire(directory, (error) => lost.push(error), signal);
  try {
    const result = await action();
    if (lost[0] !== undefined) throw lockLost(directory, lost[0]);
    return result;
  } finally {
    // Of a lock that was lost, another process may be the owner: there is nothing to release.
    if (lost.length === 0) await release();
  }
}

async function acquire(
  directory: string,
  onCompromised: (error: Error) => void,
  signal: AbortSignal | undefined,
): Promise<() => Promise<void>> {
  const { default: lockfile } = await import('proper-lockfile');
  const options = { lockfilePath: join(directory, 'index.lock'), realpath: false, stale: STALE_MS, onCompromised };
  let waited = 0;
  for (let delay = FIRST_DELAY_MS; ; delay = Math.min(delay * 2, LAST_DELAY_MS)) {
    try {
      return await lockfile.lock(directory, options);
    } catch (error) {
      const code = systemCode(error);
      if (code === 'ENOENT') await ensureDirectory(directory);
      else if (code !== 'ELOCKED') throw fileError(`cannot lock ${JSON.stringify(directory)}`, error);
      if (waited >= PATIENCE_MS) throw locked(directory, options.lockfilePath, error);
    }
    await sleep(delay, undefined, { signal }).catch(() => signal?.throwIfAborted());
    waited += delay;
  }
}

function locked(directory: string, lockfile: string, cause: unknown): KubecrateError {
  return new KubecrateError('IN_USE', `the image store ${JSON.stringify(directory)} is locked by another process`, {
    hint: `wait until it is done; if there is none, remove ${JSON.stringify(lockfile)}`,
    cause,
  });
}

function lockLost(directory: string, cause: Error): KubecrateError {
  return new KubecrateError('IN_USE', `the lock of the image store ${JSON.stringify(directory)} was lost`, {
    hint: 'this process was stopped for a while, or the clock jumped: run the command again',
    cause,
  });
}

/** A lock whose owner was killed is free again after this. */
const STALE_MS = 10_000;
const FIRST_DELAY_MS = 5;
const LAST_DELAY_MS = 100;
const PATIENCE_MS = 120_000;
