import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, readdir, readFile, readlink, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { type FileTree, openDirectoryTree, type TempDirectory, type TreeEntry, tempDirectory } from '@kubecrate/files';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openImageTree } from './image-tree.ts';
import { DiskStore } from './testing/disk-store.ts';
import { pushLayer } from './testing/layers.ts';
import { unpackTree } from './unpack-tree.ts';

let root: TempDirectory;
let target: string;

beforeEach(async () => {
  root = await tempDirectory(tmpdir());
  target = join(root.path, 'target');
});

afterEach(async () => {
  await root[Symbol.asyncDispose]();
});

describe('unpackTree', () => {
  it('writes a tree as it is: content, permission bits, times, links', async () => {
    const source = await sampleDirectory();
    const tree = openDirectoryTree(source);
    await unpackTree(tree, target);
    expect(await entriesOf(openDirectoryTree(target))).toEqual(await entriesOf(tree));
    expect(await readFile(join(target, 'dir/file'), 'utf8')).toBe('content');
    await promisify(execFile)('diff', ['-r', '--no-dereference', source, target]);
    expect((await readdir(root.path)).sort()).toEqual(['source', 'target']);
  });

  it('writes the files of an image, from the middle of its layers', async () => {
    const store = new DiskStore(root.path);
    const layers = [
      await pushLayer(store, [
        ['a/b', 'one'],
        ['l', '-> /a/b'],
      ]),
      await pushLayer(store, [['c', 'two']], 'gzip'),
    ];
    {
      await using tree = await openImageTree(store, layers, { tempDirectory: root.path });
      await unpackTree(tree, target);
    }
    expect(await readFile(join(target, 'a/b'), 'utf8')).toBe('one');
    expect(await readFile(join(target, 'c'), 'utf8')).toBe('two');
    expect(await readlink(join(target, 'l'))).toBe('/a/b');
  });

  it('tells of a file that cannot be written, waits for the others, and leaves nothing', async () => {
    const file = (path: string): TreeEntry => ({ path, type: 'file', size: 1, mode: 0o644, uid: 0, gid: 0, mtime: 0 });
    const opened: string[] = [];
    const tree: FileTree = {
      ...openDirectoryTree(root.path),
      async *entries() {
        for (let i = 0; i < 40; i += 1) {
          yield file(`f${i}`);
          // The first write has failed long before it is waited for.
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
      async open(path) {
        opened.push(path);
        if (path === 'f0') throw new Error('no space left');
        await new Promise((resolve) => setTimeout(resolve, 50));
        return Readable.from([Buffer.from('x')]);
      },
    };
    await expect(unpackTree(tree, target)).rejects.toThrow('no space left');
    expect(opened.length).toBeGreaterThan(1);
    expect(await readdir(root.path)).toEqual([]);
  });

  it('fills a directory that is empty, and keeps it', async () => {
    await mkdir(target);
    const { ino } = await lstat(target);
    await unpackTree(openDirectoryTree(await sampleDirectory()), target);
    expect((await lstat(target)).ino).toBe(ino);
    expect(await readdir(target)).toEqual(['dir', 'link', 'out']);
  });

  it('refuses a directory that is not empty, and a file', async () => {
    await mkdir(target);
    await writeFile(join(target, 'mine'), 'x');
    const tree = openDirectoryTree(await sampleDirectory());
    await expect(unpackTree(tree, target)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await expect(unpackTree(tree, join(target, 'mine'))).rejects.toMatchObject({ name: 'KubecrateError' });
    expect(await readdir(target)).toEqual(['mine']);
  });

  it.each([
    ['a path that leads out', [entry('../x')]],
    ['an absolute path', [entry('/tmp/x')]],
    ['an entry below a link', [entry('a', { type: 'symlink', linkTarget: '..' }), entry('a/x')]],
    ['an entry below a file', [entry('a'), entry('a/x')]],
    ['another spelling', [entry('a/', { type: 'directory' })]],
    ['the root itself', [entry('', { type: 'directory' })]],
  ])('refuses %s, and leaves nothing', async (_, entries) => {
    await expect(unpackTree(treeOf(entries), target)).rejects.toMatchObject({ code: 'UNSAFE_PATH' });
    expect(await readdir(root.path)).toEqual([]);
  });

  it('refuses a device, and a path that is there twice', async () => {
    await expect(unpackTree(treeOf([entry('x', { type: 'other' })]), target)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
    await expect(unpackTree(treeOf([entry('x'), entry('x')]), target)).rejects.toMatchObject({
      name: 'KubecrateError',
    });
    expect(await readdir(root.path)).toEqual([]);
  });

  it('leaves nothing where a file cannot be read, or the signal is aborted in the middle', async () => {
    const many = Array.from({ length: 200 }, (_, i) => entry(`f${i}`, { size: 1 }));
    const broken = treeOf(many, async (path) => {
      if (path === 'f150') throw new Error('broken');
    });
    await expect(unpackTree(broken, target)).rejects.toThrow('broken');
    const controller = new AbortController();
    const stopped = treeOf(many, async (path) => {
      if (path === 'f50') controller.abort(new Error('enough'));
    });
    await expect(unpackTree(stopped, target, { signal: controller.signal })).rejects.toThrow('enough');
    await mkdir(target);
    await expect(unpackTree(broken, target)).rejects.toThrow('broken');
    expect(await readdir(root.path)).toEqual(['target']);
    expect(await readdir(target)).toEqual([]);
  });
});

async function sampleDirectory(): Promise<string> {
  const path = join(root.path, 'source');
  await mkdir(join(path, 'dir/sub'), { recursive: true });
  await writeFile(join(path, 'dir/file'), 'content');
  await writeFile(join(path, 'dir/sub/empty'), '');
  await symlink('dir/file', join(path, 'link'));
  await symlink('../../etc/passwd', join(path, 'out'));
  await chmod(join(path, 'dir/file'), 0o4751);
  await utimes(join(path, 'dir/file'), 1000, 1000);
  await utimes(join(path, 'dir'), 2000, 2000);
  await chmod(join(path, 'dir'), 0o555);
  return path;
}

async function entriesOf(tree: FileTree): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  for await (const found of tree.entries()) entries.push(found);
  return entries;
}

function entry(path: string, rest: Partial<TreeEntry> = {}): TreeEntry {
  return { path, type: 'file', size: 0, mode: 0o644, uid: 0, gid: 0, mtime: 0, ...rest };
}

/** A tree that says whatever it is told. */
function treeOf(entries: readonly TreeEntry[], onOpen: (path: string) => Promise<void> = async () => {}): FileTree {
  return {
    async *entries() {
      yield* entries;
    },
    stat: async (path) => entries.find((found) => found.path === path),
    list: async () => [],
    open: async (path) => {
      await onOpen(path);
      return Readable.from([Buffer.from('x')]);
    },
  };
}
