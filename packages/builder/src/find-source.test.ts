import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasCode } from '@kubecrate/errors';
import { type FileTree, openDirectoryTree, tempDirectory } from '@kubecrate/files';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findSource } from './find-source.ts';

let directory: Awaited<ReturnType<typeof tempDirectory>>;
let tree: FileTree;

beforeAll(async () => {
  directory = await tempDirectory(tmpdir());
  const at = (path: string): string => join(directory.path, path);
  await mkdir(at('a/b'), { recursive: true });
  await writeFile(at('a/b/file'), 'text');
  await symlink('b', at('a/inside'));
  await symlink('../..', at('a/b/above'));
  await symlink('../../../etc', at('a/b/outside'));
  await symlink('/etc/passwd', at('absolute'));
  await symlink('circle', at('circle'));
  tree = openDirectoryTree(directory.path);
});

afterAll(() => directory[Symbol.asyncDispose]());

describe('findSource', () => {
  it.each([
    ['a/b/file', 'a/b/file'],
    ['./a//b/../b/file', 'a/b/file'],
    ['a/inside/file', 'a/b/file'],
    ['a/b/above', ''],
    ['.', ''],
  ])('finds %s', async (path, found) => {
    expect((await findSource(tree, path, {})).path).toBe(found);
  });

  it.each(['../x', 'a/../../x', 'a/b/outside', 'absolute'])('refuses %s, which leaves the tree', async (path) => {
    const error = await findSource(tree, path, {}).catch((caught: unknown) => caught);
    expect(hasCode(error, 'UNSAFE_PATH')).toBe(true);
  });

  it.each(['nothing', 'a/b/file/x', 'circle'])('says that %s is not there', async (path) => {
    await expect(findSource(tree, path, {})).rejects.toThrow('is not there');
  });
});
