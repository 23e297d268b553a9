/**
 * Leases: what a process is working with and no name refers to yet, kept from being freed.
 *
 * A lease is a file of digests, one a line, whose name says which process it belongs to. A digest is written there before its content is
 * looked at or stored. Whoever frees content first puts up a marker, then reads all leases; whoever has written a digest
 * waits while there is a marker. So either the lease is seen, or the content is looked at after it is gone.
 */

import { randomBytes } from 'node:crypto';
import { appendFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OperationOptions } from '@kubecrate/content';
import { fileError, isMissing } from '@kubecrate/errors';
import { ensureDirectory } from '@kubecrate/files';
import { type Digest, isDigest } from '@kubecrate/oci';
import { currentOwner, isAlive, parseOwner, type Staging } from '@kubecrate/stores';
import { type Freeing, LeaseFile } from './lease-file.ts';
import { namesIn } from './names-in.ts';
import type { Reserve } from './reserve.ts';
import { type MakeRoom, withRoom } from './room.ts';

/** Protects what its process stores and finds until it is disposed of. */
export interface Lease extends AsyncDisposable {
  /** Protects content that is not asked for through the store. */
  hold(digests: Iterable<Digest>, options?: OperationOptions): Promise<void>;
}

/** The leases of a store: those of this process can be added to, those of all can be read. */
export class Leases {
  readonly #directory: string;
  readonly #marker: string;
  readonly #staging: Staging;
  readonly #reserve: Reserve;
  /** The open leases of this process. */
  readonly #own = new Set<LeaseFile>();

  constructor(directory: string, staging: Staging, reserve: Reserve) {
    this.#staging = staging;
    this.#reserve = reserve;
    this.#directory = join(directory, 'leases');
    this.#marker = join(directory, 'freeing');
  }

  async open({ signal }: OperationOptions = {}): Promise<Lease> {
    signal?.throwIfAborted();
    // Whoever has a lease is about to fill the disk.
    await this.#reserve.keep();
    const path = join(this.#directory, `${currentOwner()}.${randomBytes(6).toString('hex')}`);
    try {
      await ensureDirectory(this.#directory);
      await appendFile(path, '');
    } catch (error) {
      throw fileError(`cannot write the lease ${JSON.stringify(path)}`, error);
    }
    const file = new LeaseFile(path, () => this.#look());
    this.#own.add(file);
    return {
      hold: (digests, options) => this.#holdIn([file], digests, options),
      [Symbol.asyncDispose]: async (): Promise<void> => {
        this.#own.delete(file);
        await file.settled();
        await rm(path, { force: true });
      },
    };
  }

  /** Protects content under every open lease of this process; costs nothing where there is none. */
  async hold(digests: Iterable<Digest>, options?: OperationOptions): Promise<void> {
    await this.#holdIn([...this.#own], digests, options);
  }

  /** True while any living process has a lease. */
  async areOpen(): Promise<boolean> {
    return (await namesIn(this.#directory)).some(isLive);
  }

  /** What the leases of all living processes protect. */
  async held(): Promise<ReadonlySet<Digest>> {
    const held = new Set<Digest>();
    for (const name of await namesIn(this.#directory)) {
      if (!isLive(name)) continue;
      for (const line of (await this.#read(name)).split('\n')) if (isDigest(line)) held.add(line);
    }
    return held;
  }

  /** Frees content while nobody looks at it. Leases of dead processes are removed. */
  async whileFreeing<T>(makeRoom: MakeRoom, free: () => Promise<T>): Promise<T> {
    await withRoom(makeRoom, () => this.#staging.write(this.#marker, currentOwner()));
    try {
      for (const name of await namesIn(this.#directory)) {
        if (!isLive(name)) await rm(join(this.#directory, name), { force: true });
      }
      return await free();
    } finally {
      await rm(this.#marker, { force: true });
    }
  }

  async #holdIn(
    files: readonly LeaseFile[],
    digests: Iterable<Digest>,
    { signal }: OperationOptions = {},
  ): Promise<void> {
    const list = [...digests];
    const found = await Promise.all(files.map((file) => file.add(list)));
    if (found.includes('freeing')) await this.#untilFreed(signal);
  }

  async #untilFreed(signal: AbortSignal | undefined): Promise<void> {
    while ((await this.#look()) === 'freeing') {
      await sleep(POLL_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }

  async #look(): Promise<Freeing> {
    try {
      const owner = parseOwner(await readFile(this.#marker, 'utf8'));
      return owner !== undefined && isAlive(owner) ? 'freeing' : 'quiet';
    } catch (error) {
      if (isMissing(error)) return 'quiet';
      throw fileError(`cannot read ${JSON.stringify(this.#marker)}`, error);
    }
  }

  async #read(name: string): Promise<string> {
    try {
      return await readFile(join(this.#directory, name), 'utf8');
    } catch (error) {
      if (isMissing(error)) return '';
      throw fileError(`cannot read the lease ${JSON.stringify(name)}`, error);
    }
  }
}

function isLive(name: string): boolean {
  const owner = parseOwner(name.slice(0, name.indexOf('.')));
  return owner !== undefined && isAlive(owner);
}

const POLL_MS = 20;
