/** {@link StoredFiles} of a real directory; links inside it are followed, for it is its owner's. */

import { readFileSync, statSync } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Segment } from '@kubecrate/content';
import { fileError, isMissing, KubecrateError, NotFoundError } from '@kubecrate/errors';
import type { StoredFiles } from './stored-files.ts';

export function directoryFiles(root: string): StoredFiles {
  const at = (path: string): string => `${root}/${path}`;
  // A look at a file and the reading of a link of 71 bytes take microseconds; as promises they take far longer, and a run that
  // finds nothing to do consists of a thousand of them.
  const size = async (path: string): Promise<number | undefined> => {
    try {
      const stats = statSync(at(path), { throwIfNoEntry: false });
      return stats?.isFile() === true ? stats.size : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw fileError(`cannot look at ${JSON.stringify(at(path))}`, error);
    }
  };
  return {
    where: root,
    size,
    async read(path, limit, { signal } = {}): Promise<Buffer | undefined> {
      signal?.throwIfAborted();
      const found = await size(path);
      if (found === undefined) return undefined;
      if (found > limit) throw tooLarge(at(path), found, limit);
      // Who asks in a loop must not keep everyone else waiting.
      await setImmediate();
      try {
        return readFileSync(at(path));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw fileError(`cannot read ${JSON.stringify(at(path))}`, error);
      }
    },
    async open(path, start, { signal } = {}) {
      signal?.throwIfAborted();
      const file = join(root, path);
      const handle = await unlessMissing(`cannot read ${JSON.stringify(file)}`, () => open(file, 'r'));
      if (handle === undefined) throw new NotFoundError(`${JSON.stringify(file)} is not there`);
      return handle.createReadStream({ start, highWaterMark: 512 * 1024, signal });
    },
    async names(path, type): Promise<readonly string[]> {
      const what = `cannot list ${JSON.stringify(join(root, path))}`;
      const entries = await unlessMissing(what, () => readdir(join(root, path), { withFileTypes: true }));
      const named: string[] = [];
      for (const entry of entries ?? []) {
        const stats = entry.isSymbolicLink() ? await stat(join(root, path, entry.name)) : entry;
        if (type === 'directory' ? stats.isDirectory() : stats.isFile()) named.push(entry.name);
      }
      return named.sort();
    },
    async segment(path): Promise<Segment | undefined> {
      const length = await size(path);
      return length === undefined ? undefined : { kind: 'file', path: join(root, path), offset: 0, length };
    },
  };
}

/** The error for a file that should be small. */
export function tooLarge(path: string, size: number, limit: number): KubecrateError {
  return new KubecrateError(
    'LIMIT_EXCEEDED',
    `cannot read ${JSON.stringify(path)} into memory: it has ${size} bytes, the limit is ${limit}`,
  );
}

async function unlessMissing<T>(what: string, action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError(what, error);
  }
}
