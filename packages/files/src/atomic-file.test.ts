import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isTemporaryName, openAtomicFile, writeFileAtomic } from './atomic-file.ts';
import { ensureDirectory, tempDirectory } from './directories.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kubecrate-test-'));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

describe('writeFileAtomic', () => {
  it('writes and replaces a file, with the mode it is given', async () => {
    const path = join(root, 'file');
    await writeFileAtomic(path, 'first');
    await writeFileAtomic(path, Buffer.from('second'), { mode: 0o606, durability: 'synced' });
    expect(await readFile(path, 'utf8')).toBe('second');
    expect((await stat(path)).mode & 0o7777).toBe(0o606);
    expect(await readdir(root)).toEqual(['file']);
  });

  it('leaves the old file and nothing else where the signal is aborted', async () => {
    const path = join(root, 'file');
    await writeFile(path, 'old');
    const reason = new Error('enough');
    await expect(writeFileAtomic(path, 'new', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(root)).toEqual(['file']);
  });

  it('says which file cannot be written where the directory is missing', async () => {
    const path = join(root, 'no/file');
    await expect(writeFileAtomic(path, '')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(path),
    });
  });

  it('leaves nothing behind where the name is taken by a directory', async () => {
    await ensureDirectory(join(root, 'taken/below'));
    await expect(writeFileAtomic(join(root, 'taken'), 'x')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await readdir(root)).toEqual(['taken']);
  });
});

describe('openAtomicFile', () => {
  it('takes a stream of many small pieces', async () => {
    const pieces = Array.from({ length: 5000 }, (_, i) => `${i}\n`);
    {
      await using file = await openAtomicFile(join(root, 'file'));
      await pipeline(
        Readable.from(
          pieces.map((piece) => Buffer.from(piece)),
          { objectMode: false },
        ),
        file.writable(),
      );
      expect((await readdir(root)).every(isTemporaryName)).toBe(true);
      await file.commit();
    }
    expect(await readFile(join(root, 'file'), 'utf8')).toBe(pieces.join(''));
    expect(await readdir(root)).toEqual(['file']);
  });

  it('leaves nothing where the stream breaks in the middle', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(100_000);
      throw new Error('reset');
    }
    const write = async (): Promise<void> => {
      await using file = await openAtomicFile(join(root, 'file'));
      await pipeline(broken, file.writable());
      await file.commit();
    };
    await expect(write()).rejects.toThrow('reset');
    expect(await readdir(root)).toEqual([]);
  });

  it('does not commit once the signal is aborted', async () => {
    const controller = new AbortController();
    const write = async (): Promise<void> => {
      await using file = await openAtomicFile(join(root, 'file'), { signal: controller.signal });
      await file.handle.writeFile('x');
      controller.abort();
      await file.commit();
    };
    await expect(write()).rejects.toMatchObject({ name: 'AbortError' });
    expect(await readdir(root)).toEqual([]);
  });

  it('lets two writers of one name finish, each whole', async () => {
    const path = join(root, 'file');
    const contents = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(300_000));
    await Promise.all(contents.map((content) => writeFileAtomic(path, content)));
    expect(contents).toContain(await readFile(path, 'utf8'));
    expect(await readdir(root)).toEqual(['file']);
  });
});

describe('tempDirectory', () => {
  it('is there for its scope, and then it is not', async () => {
    let path: string;
    {
      await using directory = await tempDirectory(join(root, 'made/too'));
      path = directory.path;
      await writeFile(join(path, 'file'), 'x');
      expect(isTemporaryName(path.slice(path.lastIndexOf('/') + 1))).toBe(true);
    }
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
