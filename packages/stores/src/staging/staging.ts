/**
 * Where files of a store are written until they are whole: one directory on the same file system, from which they are renamed.
 *
 * Names are `<name>.<owner>.<token>.part`. What a dead process left is taken over by its name (a broken download goes on),
 * and the directory is there only while something is in it.
 */

import { randomBytes } from 'node:crypto';
import { closeSync, fchmodSync, openSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileError, isMissing, KubecrateError, systemCode } from '@kubecrate/errors';
import { type Durability, syncDirectory } from '@kubecrate/files';
import { DUPLICATIONS, isNoDuplicate } from './duplicate-file.ts';
import { fileSize } from './file-size.ts';
import { inDirectoryOf, inDirectoryOfSync } from './in-directory-of.ts';
import { currentOwner, isAlive, parseOwner } from './owner.ts';
import { READABLE_FILE } from './readable-directories.ts';

/** A file on its way. Disposed of before {@link StagedFile.publish} or {@link StagedFile.keep}, it leaves nothing behind. */
export interface StagedFile extends AsyncDisposable {
  readonly path: string;
  /** Gives the file its name, in place of what has it. */
  publish(target: string): Promise<void>;
  /** Leaves what is in the file for a later attempt; an empty file is not worth it. */
  keep(): void;
}

/** A file that nobody writes any more, with the name that it was made under. */
export interface LeftFile {
  readonly name: string;
  readonly size: number;
}

/** The staging directory of a store; it counts the files in use, to remove the directory after the last. */
export class Staging {
  readonly directory: string;
  #inUse = 0;

  /** `root` is the directory of the store. */
  constructor(root: string) {
    this.directory = join(root, '.kubecrate', 'partial');
  }

  /** A new empty file. */
  async create(name: string): Promise<StagedFile> {
    return await this.#stage(name, () => this.#createFile(name));
  }

  /** The largest file of that name that was kept, or that a dead process left; else a new empty one. */
  async resume(name: string): Promise<StagedFile> {
    return await this.#stage(name, async () => (await this.#claim(name)) ?? (await this.#createFile(name)));
  }

  /** A second name for the file at `path`: a hard link, else a reflink; undefined where the file systems allow neither. */
  async adopt(path: string, name: string): Promise<StagedFile | undefined> {
    for (const duplicate of DUPLICATIONS) {
      try {
        return await this.#stage(name, () => this.#make(name, (own) => duplicate(path, own)));
      } catch (error) {
        if (!(error instanceof KubecrateError && isNoDuplicate(error.cause))) throw error;
      }
    }
    return undefined;
  }

  /** Writes a small file whole, in place of what is there. `synced` also waits for the disk, for what must survive a power cut. */
  async write(target: string, bytes: Uint8Array | string, durability: Durability = 'cached'): Promise<void> {
    if (durability === 'cached' && bytes.length <= SMALL_FILE) {
      await this.#writeSmall(target, bytes);
      return;
    }
    await using file = await this.create(SMALL_NAME);
    try {
      const handle = await open(file.path, 'r+');
      try {
        await handle.writeFile(bytes);
        if (durability === 'synced') await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw fileError(`cannot write ${JSON.stringify(target)}`, error);
    }
    await file.publish(target);
    if (durability === 'synced') await syncDirectory(dirname(target));
  }

  /**
   * A registry directory has a link of 71 bytes for every blob of every image: as promises, these writes would cost more than the
   * blobs do.
   */
  async #writeSmall(target: string, bytes: Uint8Array | string): Promise<void> {
    this.#inUse += 1;
    try {
      const path = this.#newPath(SMALL_NAME);
      inDirectoryOfSync(path, () => writeFileOnceSync(path, bytes));
      try {
        inDirectoryOfSync(target, () => renameSync(path, target));
      } catch (error) {
        rmSync(path, { force: true });
        throw error;
      }
    } catch (error) {
      throw fileError(`cannot write ${JSON.stringify(target)}`, error);
    } finally {
      this.#leave();
    }
  }

  /** Removes what dead processes left, or those files of it that are `useless`; gives the number of bytes that this frees. */
  async clean(useless: (left: LeftFile) => Promise<boolean> = async () => true): Promise<number> {
    let freed = 0;
    for (const left of await this.#leftBehind(() => true)) {
      if (!(await useless(left))) continue;
      await rm(left.path, { force: true });
      freed += left.size;
    }
    this.#removeDirectory();
    return freed;
  }

  async #stage(name: string, make: () => Promise<string>): Promise<StagedFile> {
    this.#inUse += 1;
    try {
      return this.#staged(name, await make());
    } catch (error) {
      this.#leave();
      throw fileError(`cannot write in ${JSON.stringify(this.directory)}`, error);
    }
  }

  #staged(name: string, path: string): StagedFile {
    let state: 'open' | 'kept' | 'published' = 'open';
    return {
      path,
      publish: async (target): Promise<void> => {
        try {
          inDirectoryOfSync(target, () => renameSync(path, target));
          state = 'published';
        } catch (error) {
          throw fileError(`cannot write ${JSON.stringify(target)}`, error);
        }
      },
      keep(): void {
        state = 'kept';
      },
      [Symbol.asyncDispose]: async (): Promise<void> => {
        if (state === 'kept' && (await fileSize(path)) !== 0) await rename(path, this.#newPath(name, KEPT));
        // Also after a publish: renaming a hard link onto another one of the same file leaves both.
        else rmSync(path, { force: true });
        this.#leave();
      },
    };
  }

  #createFile(name: string): Promise<string> {
    return this.#make(name, async (path) => writeFileOnceSync(path, ''));
  }

  async #make(name: string, create: (path: string) => Promise<void>): Promise<string> {
    const path = this.#newPath(name);
    await inDirectoryOf(path, () => create(path));
    return path;
  }

  async #claim(name: string): Promise<string | undefined> {
    const left = await this.#leftBehind((candidate) => candidate === name);
    for (const { path } of left.sort((a, b) => b.size - a.size)) {
      const mine = this.#newPath(name);
      try {
        await rename(path, mine);
        return mine;
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    }
    return undefined;
  }

  async #leftBehind(wanted: (name: string) => boolean): Promise<(LeftFile & { readonly path: string })[]> {
    const found: (LeftFile & { readonly path: string })[] = [];
    for (const file of namesIn(this.directory)) {
      const [, name, ownerText] = STAGED_NAME.exec(file) ?? [];
      const owner = parseOwner(ownerText ?? '');
      if (name === undefined || ownerText === undefined || !wanted(name)) continue;
      if (ownerText !== KEPT && (owner === undefined || isAlive(owner))) continue;
      const path = join(this.directory, file);
      const size = await fileSize(path);
      if (size !== undefined) found.push({ name, path, size });
    }
    return found;
  }

  #newPath(name: string, owner: string = currentOwner()): string {
    return join(this.directory, `${name}.${owner}.${randomBytes(6).toString('hex')}.part`);
  }

  #leave(): void {
    this.#inUse -= 1;
    if (this.#inUse === 0) this.#removeDirectory();
  }

  #removeDirectory(): void {
    for (const path of [this.directory, dirname(this.directory)]) {
      try {
        rmdirSync(path);
      } catch (error) {
        if (isMissing(error) || STILL_NEEDED.has(systemCode(error) ?? '')) return;
        throw fileError(`cannot remove the directory ${JSON.stringify(path)}`, error);
      }
    }
  }
}

/** A new file with these bytes, which is gone again where they do not fit. */
function writeFileOnceSync(path: string, bytes: Uint8Array | string): void {
  const file = openSync(path, 'wx', READABLE_FILE);
  try {
    fchmodSync(file, READABLE_FILE);
    writeFileSync(file, bytes);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Links, manifests and small blobs are written at once; bytes. */
export const SMALL_FILE: number = 64 * 1024;

/** The name of files that are written in one go: nobody goes on with one of them. */
export const SMALL_NAME = 'file';

/** In place of the owner: free to take over, also for the process that left it. */
const KEPT = 'kept';
const STAGED_NAME = /^(.+)\.([^.]+)\.[0-9a-f]{12}\.part$/;

/** The directory holds other files, or this user may not remove it: it stays. */
const STILL_NEEDED = new Set(['ENOTEMPTY', 'EEXIST', 'EBUSY', 'EACCES', 'EPERM', 'EROFS']);
