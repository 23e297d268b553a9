/** Short sections that one process at a time may be in. */

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OperationOptions } from '@kubecrate/content';
import { fileError, isMissing, KubecrateError, systemCode } from '@kubecrate/errors';
import { ensureDirectory } from '@kubecrate/files';
import { describeHolder, isDead } from './lock-holder.ts';
import { type MakeRoom, withRoom } from './room.ts';

export interface ExclusiveOptions extends OperationOptions {
  /** Asked where the disk has no room for a lock. */
  readonly makeRoom?: MakeRoom;
}

/** Runs `action` while no other process runs one for this directory; waits for its turn. @throws KubecrateError IN_USE after two minutes */
export async function exclusively<T>(
  directory: string,
  action: () => Promise<T>,
  { signal, makeRoom = async () => 'none' }: ExclusiveOptions = {},
): Promise<T> {
  signal?.throwIfAborted();
  const lost: Error[] = [];
  const release = await withRoom(makeRoom, () => acquire(directory, (error) => lost.push(error), signal));
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
      if ((await freeDead(directory, options.lockfilePath)) === 'free') {
        return await withHolder(directory, await lockfile.lock(directory, options));
      }
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

/** Writes down who holds a lock; the note goes before the lock does. */
async function withHolder(directory: string, release: () => Promise<void>): Promise<() => Promise<void>> {
  const holder = await describeHolder();
  if (holder === undefined) return release;
  const note = join(directory, 'index.holder');
  try {
    await writeFile(note, holder);
  } catch (error) {
    await rm(note, { force: true });
    await release();
    throw error;
  }
  return async () => {
    // Where this process stood still for long, another one may have taken the lock over.
    if ((await readNote(note)) === holder) await rm(note, { force: true });
    await release();
  };
}

/**
 * Takes away the lock of a process that was killed. One process at a time does that, and nobody locks meanwhile: the lock that is taken away
 * would be that of the next one. 'busy': another process is at it.
 */
async function freeDead(directory: string, lock: string): Promise<'free' | 'busy'> {
  const note = join(directory, 'index.holder');
  if (!(await isHeldByDead(note))) return 'free';
  const { default: lockfile } = await import('proper-lockfile');
  const freeing = join(directory, 'index.freeing');
  const release = await lockfile
    .lock(freeing, { lockfilePath: freeing, realpath: false, stale: STALE_MS, onCompromised: () => undefined })
    .catch((error: unknown) => {
      if (systemCode(error) === 'ELOCKED') return undefined;
      throw error;
    });
  if (release === undefined) return 'busy';
  try {
    if (await isHeldByDead(note)) {
      // The lock first: while the note is there, nobody else takes the lock of the dead for one that is stale.
      await rm(lock, { recursive: true, force: true });
      if (await isHeldByDead(note)) await rm(note, { force: true });
    }
  } finally {
    await release();
  }
  return 'free';
}

async function isHeldByDead(note: string): Promise<boolean> {
  const holder = await readNote(note);
  return holder !== undefined && (await isDead(holder));
}

async function readNote(note: string): Promise<string | undefined> {
  try {
    return await readFile(note, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
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

/** A lock whose holder was killed on another machine is free again after this. */
const STALE_MS = 10_000;
const FIRST_DELAY_MS = 5;
const LAST_DELAY_MS = 100;
const PATIENCE_MS = 120_000;
