import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { all, bytesOf } from '@kubecrate/content/testing';
import { openDirectoryTree } from '@kubecrate/files';
import { expect, test } from 'vitest';
import { subtree } from './subtree.ts';

test('is the tree that a directory of its own would be', async () => {
  const root = await mkdtemp(join(tmpdir(), 'kubecrate-subtree-'));
  try {
    await mkdir(join(root, 'a/b/c'), { recursive: true });
    await writeFile(join(root, 'a/b/c/file'), 'content');
    await writeFile(join(root, 'a/b/other'), '');
    await writeFile(join(root, 'a/beside'), 'not in it');
    const inner = subtree(openDirectoryTree(root), 'a/b');
    const outer = openDirectoryTree(join(root, 'a/b'));
    expect(await all(inner.entries())).toEqual(await all(outer.entries()));
    expect(await all(inner.entries({ under: 'c' }))).toEqual(await all(outer.entries({ under: 'c' })));
    expect(await all(inner.entries({ prune: ({ path }) => path === 'c' }))).toHaveLength(1);
    expect(await inner.list('')).toEqual(await outer.list(''));
    expect(await inner.stat('c/file')).toEqual(await outer.stat('c/file'));
    expect(await inner.stat('../beside').catch(() => undefined)).toBeUndefined();
    expect(String(await bytesOf(await inner.open('c/file', { start: 3 })))).toBe('tent');
    expect(await inner.extent?.('c/file')).toMatchObject({ offset: 0, length: 7 });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
