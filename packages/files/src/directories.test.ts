import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ensureDirectory } from './directories.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kubecrate-directories-'));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

it('makes a directory and those above it, once or again', async () => {
  const path = join(root, 'a/b/c');
  await Promise.all([ensureDirectory(path), ensureDirectory(path), ensureDirectory(path)]);
  await ensureDirectory(path);
  expect((await stat(path)).isDirectory()).toBe(true);
});

it('gives the mode to what it makes, and to nothing else', async () => {
  await mkdir(join(root, 'a'), { mode: 0o700 });
  await ensureDirectory(join(root, 'a/b/c'), { mode: 0o751 });
  const modes = await Promise.all(
    ['a', 'a/b', 'a/b/c'].map(async (path) => (await stat(join(root, path))).mode & 0o777),
  );
  expect(modes).toEqual([0o700, 0o751, 0o751]);
});

it('fails where a file is in the way', async () => {
  await writeFile(join(root, 'file'), '');
  await expect(ensureDirectory(join(root, 'file'))).rejects.toThrow('cannot make the directory');
  await expect(ensureDirectory(join(root, 'file/below'))).rejects.toThrow('cannot make the directory');
});

it.runIf(process.platform === 'linux')('fails, and does not try for ever, where nothing can be made', async () => {
  await expect(ensureDirectory('/proc/nope/below')).rejects.toThrow('cannot make the directory');
});
