import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDirectoryTree } from './directory-tree.ts';
import { comparePaths, type FileTree, type TreeEntry } from './tree.ts';

let root: string;
let tree: FileTree;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kubecrate-test-'));
  tree = openDirectoryTree(root);
  await mkdir(join(root, 'a/b'), { recursive: true });
  await writeFile(join(root, 'a.txt'), 'text', { mode: 0o640 });
  await writeFile(join(root, 'a/b/file'), '0123456789');
  await writeFile(join(root, 'a/B'), '');
  await symlink('b', join(root, 'a/link'));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

describe('a directory tree', () => {
  it('lists every entry, a directory before what is in it, siblings by name', async () => {
    expect(await paths(tree.entries())).toEqual(['a', 'a/B', 'a/b', 'a/b/file', 'a/link', 'a.txt']);
    expect((await paths(tree.entries())).sort(comparePaths)).toEqual(await paths(tree.entries()));
  });

  it('lists what is under a path, and leaves out what is pruned', async () => {
    expect(await paths(tree.entries({ under: './a/b/' }))).toEqual(['a/b', 'a/b/file']);
    expect(await paths(tree.entries({ under: 'a.txt' }))).toEqual(['a.txt']);
    expect(await paths(tree.entries({ under: 'nothing' }))).toEqual([]);
    expect(await paths(tree.entries({ prune: ({ path }) => path === 'a/b' }))).toEqual(['a', 'a/B', 'a/link', 'a.txt']);
  });

  it('gives type, size, mode, whole seconds and link target', async () => {
    await utimes(join(root, 'a.txt'), 1, 1234.9);
    expect(await tree.stat('a.txt')).toMatchObject({ type: 'file', size: 4, mode: 0o640, mtime: 1234 });
    expect(await tree.stat('a')).toMatchObject({ type: 'directory', size: 0 });
    expect(await tree.stat('a/link')).toMatchObject({ type: 'symlink', linkTarget: 'b', size: 0 });
    expect(await tree.stat('a/none')).toBeUndefined();
    expect(await tree.stat('a.txt/none')).toBeUndefined();
  });

  it('lists the children of a directory, and of anything else none', async () => {
    expect((await tree.list('')).map(({ path }) => path)).toEqual(['a', 'a.txt']);
    expect((await tree.list('a/b')).map(({ path }) => path)).toEqual(['a/b/file']);
    expect(await tree.list('a.txt')).toEqual([]);
    expect(await tree.list('none')).toEqual([]);
  });

  it('reads a file, from any byte on', async () => {
    expect(await text(await tree.open('a/b/file'))).toBe('0123456789');
    expect(await text(await tree.open('a/b/file', { start: 7 }))).toBe('789');
    expect(await tree.extent?.('a/b/file')).toEqual({ path: join(root, 'a/b/file'), offset: 0, length: 10 });
  });

  it('never follows a link, at the end of a path or before it', async () => {
    expect(await tree.stat('a/link/file')).toBeUndefined();
    expect(await tree.list('a/link')).toEqual([]);
    for (const path of ['a/link', 'a/link/file', 'a', 'none']) {
      await expect(tree.open(path)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await tree.extent?.(path)).toBeUndefined();
    }
  });

  it('refuses paths that leave it', async () => {
    await expect(tree.open('../x')).rejects.toMatchObject({ code: 'UNSAFE_PATH' });
  });

  it('lists a FIFO as something else, and does not read it', async () => {
    await promisify(execFile)('mkfifo', [join(root, 'fifo')]);
    expect(await tree.stat('fifo')).toMatchObject({ type: 'other', size: 0 });
    await expect(tree.open('fifo')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('says so where a name is not UTF-8', async () => {
    await writeFile(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff])]), '');
    await expect(paths(tree.entries())).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('stops with the reason of its signal', async () => {
    const controller = new AbortController();
    const walk = async (): Promise<void> => {
      for await (const _ of tree.entries({ signal: controller.signal })) controller.abort();
    };
    await expect(walk()).rejects.toMatchObject({ name: 'AbortError' });
    await expect(tree.open('a.txt', { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

async function paths(entries: AsyncIterable<TreeEntry>): Promise<string[]> {
  const all: string[] = [];
  for await (const { path } of entries) all.push(path);
  return all;
}
