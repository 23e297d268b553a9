/** Upload sessions: files that grow until their digest is told. */

import { randomUUID } from 'node:crypto';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileError } from '@kubecrate/errors';
import { Refusal } from './refusal.ts';

/** One upload of a repository. */
export interface Upload {
  readonly id: string;
  readonly repository: string;
  /** The file that holds what has come so far. */
  readonly path: string;
}

/** The uploads of one server, in a directory that is there while the server has any need of it. */
export class Uploads implements AsyncDisposable {
  readonly #parent: string;
  readonly #sessions = new Map<string, Session>();
  #directory: Promise<string> | undefined;

  /** `parent` is where the directory for uploads is made. */
  constructor(parent: string) {
    this.#parent = parent;
  }

  async begin(repository: string): Promise<Upload> {
    if (this.#sessions.size >= MAX_SESSIONS) {
      throw new Refusal(429, 'TOOMANYREQUESTS', 'too many uploads at a time', { 'retry-after': '60' });
    }
    const id = randomUUID();
    const path = join(await this.#open(), id);
    try {
      await (await open(path, 'wx', 0o644)).close();
    } catch (error) {
      throw fileError(`cannot begin an upload at ${JSON.stringify(path)}`, error);
    }
    const session: Session = { upload: { id, repository, path }, busy: 'no', expiry: undefined };
    this.#sessions.set(id, session);
    this.#rest(session);
    return session.upload;
  }

  /**
   * Runs `action` on an upload, which nobody else touches meanwhile.
   * @throws Refusal where it is not there or busy
   */
  async use<T>(repository: string, id: string, action: (upload: Upload) => Promise<T>): Promise<T> {
    const session = this.#sessions.get(id);
    if (session === undefined || session.upload.repository !== repository) {
      throw new Refusal(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
    }
    if (session.busy === 'yes') throw new Refusal(409, 'BLOB_UPLOAD_INVALID', 'another request writes to this upload');
    session.busy = 'yes';
    clearTimeout(session.expiry);
    try {
      return await action(session.upload);
    } finally {
      session.busy = 'no';
      if (this.#sessions.has(id)) this.#rest(session);
    }
  }

  /** Forgets an upload and removes its file. */
  async end({ id, path }: Upload): Promise<void> {
    clearTimeout(this.#sessions.get(id)?.expiry);
    this.#sessions.delete(id);
    await rm(path, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { expiry } of this.#sessions.values()) clearTimeout(expiry);
    this.#sessions.clear();
    if (this.#directory !== undefined) await rm(await this.#directory, { recursive: true, force: true });
  }

  #open(): Promise<string> {
    this.#directory ??= mkdtemp(join(this.#parent, 'kubecrate-uploads-')).catch((error: unknown) => {
      this.#directory = undefined;
      throw fileError(`cannot make a directory in ${JSON.stringify(this.#parent)}`, error);
    });
    return this.#directory;
  }

  #rest(session: Session): void {
    session.expiry = setTimeout(() => void this.end(session.upload).catch(() => undefined), IDLE_MS);
    session.expiry.unref();
  }
}

/** Number of bytes that an upload has. */
export async function sizeOf({ path }: Upload): Promise<number> {
  return (await stat(path)).size;
}

/** Adds what a stream gives. What came before a failure stays, so that the client can go on from there. */
export async function append({ path }: Upload, content: Readable): Promise<void> {
  const file = await open(path, 'a');
  try {
    for await (const chunk of content) await file.writeFile(chunk as Buffer);
  } finally {
    await file.close();
  }
}

interface Session {
  readonly upload: Upload;
  busy: 'yes' | 'no';
  expiry: NodeJS.Timeout | undefined;
}

const MAX_SESSIONS = 1000;

/** An upload that nobody continues for so long is forgotten. */
const IDLE_MS = 60 * 60 * 1000;
