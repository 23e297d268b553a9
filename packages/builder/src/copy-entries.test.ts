import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openDirectoryTree, type TempDirectory, tempDirectory } from '@kubecrate/files';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CopyRequest, copyEntries } from './copy-entries.ts';

let root: TempDirectory;
beforeEach(async () => {
  root = await tempDirectory(tmpdir());
});
afterEach(() => root[Symbol.asyncDispose]());

async function write(...files: readonly string[]): Promise<void> {
  for (const file of files) {
    await mkdir(dirname(join(root.path, file)), { recursive: true });
    await writeFile(join(root.path, file), file);
  }
}

/** `path mode uid` of what COPY makes of sources in `context/` over the files in `rootfs/`. */
async function copied(
  sources: readonly string[],
  destination: string,
  given: Partial<CopyRequest> = {},
): Promise<string[]> {
  const tree = openDirectoryTree(join(root.path, 'context'));
  await mkdir(join(root.path, 'rootfs'), { recursive: true });
  const request: CopyRequest = {
    sources: sources.map((path) => ({ kind: 'path', tree, path, ignore: undefined })),
    destination,
    excludes: [],
    owner: undefined,
    mode: undefined,
    mtime: 0,
    rootfs: openDirectoryTree(join(root.path, 'rootfs')),
    ...given,
  };
  const entries = await copyEntries(request, {});
  return entries.map(({ entry: { path, mode, uid } }) => `${path} ${mode.toString(8)} ${uid}`);
}

it('copies what a link leads to under the name of the link, found by its path or by a pattern', async () => {
  await write('context/real');
  await symlink('real', join(root.path, 'context/link'));
  expect(await copied(['link'], '/in/')).toEqual(['in 755 0', 'in/link 644 0']);
  expect(await copied(['./link'], '/in/')).toEqual(['in 755 0', 'in/link 644 0']);
  expect(await copied(['l*k'], '/in/')).toEqual(['in 755 0', 'in/link 644 0']);
  expect(await copied(['link'], '/in')).toEqual(['in 644 0']);
});

it('leaves a directory that is there its mode and its owner', async () => {
  await write('context/file', 'context/d/sub/file', 'rootfs/etc/old', 'rootfs/etc/sub/old');
  await chmod(join(root.path, 'rootfs/etc'), 0o700);
  const owner = { uid: 5, gid: 6 };
  expect(await copied(['file'], '/etc/', { owner })).toEqual(['etc/file 644 5']);
  expect(await copied(['file'], '/etc', { owner })).toEqual(['etc/file 644 5']);
  expect(await copied(['d'], '/etc', { owner })).toEqual(['etc/sub/file 644 5']);
  expect(await copied(['d'], '/etc/new', { owner })).toEqual([
    'etc/new 755 5',
    'etc/new/sub 755 5',
    'etc/new/sub/file 644 5',
  ]);
});

it('goes through the links of a destination, as the image has them, and replaces none', async () => {
  await write('context/file', 'rootfs/usr/lib/old');
  await symlink('usr/lib', join(root.path, 'rootfs/lib'));
  await symlink('/usr/lib', join(root.path, 'rootfs/absolute'));
  await symlink('../../../usr', join(root.path, 'rootfs/above'));
  expect(await copied(['file'], '/lib/')).toEqual(['usr/lib/file 644 0']);
  expect(await copied(['file'], '/lib')).toEqual(['usr/lib/file 644 0']);
  expect(await copied(['file'], '/absolute/new/')).toEqual(['usr/lib/new 755 0', 'usr/lib/new/file 644 0']);
  expect(await copied(['file'], '/above/other')).toEqual(['usr/other 644 0']);
});

it('refuses a destination whose links go in a circle', async () => {
  await write('context/file', 'rootfs/file');
  await symlink('b', join(root.path, 'rootfs/a'));
  await symlink('a', join(root.path, 'rootfs/b'));
  await expect(copied(['file'], '/a/x')).rejects.toThrow('cannot copy to "/a/x": its links go in a circle');
});
