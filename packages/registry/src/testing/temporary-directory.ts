/** A directory for one test. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string;
  /** Writes a file with the directories above it; its path. */
  write(name: string, content: string | Uint8Array, mode?: number): Promise<string>;
}

export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const directory = await mkdtemp(path.join(tmpdir(), 'kubecrate-registry-'));
  return {
    path: directory,
    async write(name, content, mode = 0o644): Promise<string> {
      const file = path.join(directory, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content, { mode });
      return file;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await rm(directory, { recursive: true, force: true });
    },
  };
}
