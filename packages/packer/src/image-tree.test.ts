import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { MemoryStore, type Store } from '@kubecrate/content';
import { ensureDirectory, type FileTree, type TempDirectory, tempDirectory } from '@kubecrate/files';
import type { Descriptor } from '@kubecrate/oci';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openArchiveTree, openImageTree } from './image-tree.ts';
import type { LayerTree } from './layer-tree.ts';
import { DiskStore, plainStore } from './testing/disk-store.ts';
import { type LayerFiles, pushBytes, pushLayer } from './testing/layers.ts';

let root: TempDirectory;
let disk: DiskStore;
let trees: LayerTree[];

beforeEach(async () => {
  root = await tempDirectory(tmpdir());
  trees = [];
  await ensureDirectory(join(root.path, 'blobs'));
  disk = new DiskStore(join(root.path, 'blobs'));
});

afterEach(async () => {
  for (const tree of trees) await tree[Symbol.asyncDispose]();
  expect(await readdir(join(root.path, 'tmp')).catch(() => [])).toEqual([]);
  await root[Symbol.asyncDispose]();
});

describe('the tree of an image', () => {
  it('is that of its layers, the upper over the lower', async () => {
    const tree = await treeOf(
      [
        ['a/', ''],
        ['a/x', 'lower'],
        ['a/y', 'stays'],
        ['b', 'file'],
      ],
      [
        ['a/', ''],
        ['a/x', 'upper'],
        ['b/', ''],
        ['b/now', 'a directory'],
      ],
    );
    expect(await contents(tree)).toEqual({ 'a/x': 'upper', 'a/y': 'stays', 'b/now': 'a directory' });
    expect((await tree.list('')).map(({ path, type }) => `${path} ${type}`)).toEqual(['a directory', 'b directory']);
    expect(await tree.stat('a/x')).toEqual({
      path: 'a/x',
      type: 'file',
      size: 5,
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: 0,
    });
  });

  it('has not what a whiteout hides', async () => {
    const tree = await treeOf(
      [
        ['a/x', '1'],
        ['a/y', '2'],
        ['d/e/f', '3'],
        ['g', '4'],
      ],
      [
        ['a/.wh.x', ''],
        ['.wh.d', ''],
        ['.wh.none', ''],
        ['none/.wh.x', ''],
      ],
    );
    expect(await contents(tree)).toEqual({ 'a/y': '2', g: '4' });
    expect(await tree.stat('d')).toBeUndefined();
  });

  it('keeps what the layer of a whiteout has itself, whatever the order', async () => {
    const lower: LayerFiles = [
      ['d/old', '1'],
      ['d/sub/old', '2'],
      ['e/old', '3'],
    ];
    const entries: LayerFiles = [
      ['d/', ''],
      ['d/new', '4'],
      ['d/sub/new', '5'],
      ['d/.wh..wh..opq', ''],
      ['.wh.e', ''],
      ['e/new', '6'],
    ];
    for (const upper of [entries, [...entries].reverse()]) {
      expect(await contents(await treeOf(lower, upper))).toEqual({ 'd/new': '4', 'd/sub/new': '5', 'e/new': '6' });
    }
  });

  it('passes over the bookkeeping of AUFS', async () => {
    const tree = await treeOf(
      [['a', '1']],
      [
        ['.wh..wh.plnk/x', '2'],
        ['.wh..wh.aufs', ''],
      ],
    );
    expect((await tree.list('')).map(({ path }) => path)).toContain('a');
    expect(await tree.stat('.wh..wh.aufs')).toBeUndefined();
  });

  it('gives a hard link the content of its file, also when that is replaced later', async () => {
    const tree = await treeOf(
      [
        ['a', 'content'],
        ['b', '=> a'],
        ['c', '-> a'],
        ['d', '=> c'],
      ],
      [['a', 'other']],
    );
    expect(await contents(tree)).toEqual({ a: 'other', b: 'content' });
    expect(await tree.stat('d')).toMatchObject({ type: 'symlink', linkTarget: 'a' });
  });

  it('tells which paths are one file', async () => {
    const tree = await treeOf([
      ['a', 'content'],
      ['b', '=> a'],
      ['c', 'content'],
    ]);
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((path) => tree.identity(path)));
    expect(a).toBe(b);
    expect(a).not.toBe(c);
    expect(await tree.identity('none')).toBeUndefined();
  });

  it('puts what is below a link where the link leads, within the root', async () => {
    const tree = await treeOf(
      [
        ['usr/lib/', ''],
        ['lib', '-> usr/lib'],
        ['abs', '-> /usr/../../usr/lib'],
      ],
      [
        ['lib/x', '1'],
        ['abs/y', '2'],
      ],
      [['lib/.wh.x', '']],
    );
    expect(await contents(tree)).toEqual({ 'usr/lib/y': '2' });
    expect(await tree.stat('lib')).toMatchObject({ type: 'symlink' });
    await expect(tree.open('lib/y')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each([
    [
      'an entry below a file',
      [
        ['a', '1'],
        ['a/b', '2'],
      ],
    ],
    [
      'links that go round',
      [
        ['a', '-> b'],
        ['b', '-> a'],
        ['a/x', '1'],
      ],
    ],
    ['a hard link to nothing', [['a', '=> b']]],
    [
      'a hard link to a directory',
      [
        ['b/', ''],
        ['a', '=> b'],
      ],
    ],
  ] as const)('is refused for %s, the layer named', async (_, files) => {
    await expect(treeOf(files)).rejects.toMatchObject({
      code: 'INVALID_ARCHIVE',
      message: expect.stringMatching(/^cannot read the layer sha256:/),
    });
  });

  it('is refused for a path or a hard link that leaves it', async () => {
    await expect(treeOf([['../x', '1']])).rejects.toMatchObject({ code: 'UNSAFE_PATH' });
    await expect(treeOf([['a', '=> ../../etc/passwd']])).rejects.toMatchObject({ code: 'UNSAFE_PATH' });
  });

  it('has devices as something else', async () => {
    const tree = await treeOf([['dev/null', '!3']]);
    expect(await tree.stat('dev/null')).toMatchObject({ type: 'other' });
  });

  it('is the same from any store and in any compression', async () => {
    const files: LayerFiles = [
      ['a/', ''],
      ['a/empty', ''],
      ['a/small', 'text'],
      ['a/large', 'x'.repeat(2_000_000)],
      ['b', 'end'],
    ];
    const stores: Record<string, Store> = { disk, plain: plainStore(disk), memory: new MemoryStore() };
    for (const [name, store] of Object.entries(stores)) {
      for (const compression of ['none', 'gzip'] as const) {
        const tree = await opened(store, [await pushLayer(store, files, compression)]);
        expect(await contents(tree), `${name}, ${compression}`).toEqual(
          Object.fromEntries(files.filter(([path]) => !path.endsWith('/'))),
        );
        expect(await text(await tree.open('a/small', { start: 2 }))).toBe('xt');
        expect((await buffer(await tree.open('a/large', { start: 1_999_990 }))).byteLength).toBe(10);
        expect((await buffer(await tree.open('b', { start: 100 }))).byteLength).toBe(0);
      }
    }
  });

  it('tells where plain content lies on disk', async () => {
    const layer = await pushLayer(disk, [['a', 'content']]);
    const tree = await opened(disk, [layer]);
    expect(await tree.extent('a')).toEqual({ path: disk.path(layer.digest), offset: 512, length: 7 });
    expect(await tree.extent('none')).toBeUndefined();
  });

  it('reads a packed layer once for its small files, and once more for all large ones', async () => {
    const large = randomBytes(1_500_000).toString('hex');
    const files: LayerFiles = [
      ['x', large],
      ['y', large],
      ...Array.from({ length: 50 }, (_, i) => [`s${i}`, `${i}`] as const),
    ];
    const layer = await pushLayer(disk, files, 'gzip');
    disk.calls.length = 0;
    const tree = await opened(disk, [layer]);
    for (let i = 0; i < 50; i++) expect(await text(await tree.open(`s${i}`))).toBe(`${i}`);
    expect(disk.calls).toHaveLength(1);
    const both = await Promise.all(['x', 'y'].map(async (path) => text(await tree.open(path))));
    expect(both).toEqual([large, large]);
    expect(disk.calls).toHaveLength(2);
  });

  it('says that a layer is cut off or missing, and leaves nothing behind', async () => {
    const whole = gzipSync(Buffer.alloc(100_000));
    const cut = await pushBytes(disk, whole.subarray(0, -20));
    await expect(opened(disk, [cut])).rejects.toMatchObject({ code: 'INVALID_ARCHIVE' });
    await expect(opened(new MemoryStore(), [cut])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('stops with the reason of its signal', async () => {
    const reason = new Error('enough');
    const layer = await pushLayer(disk, [['a', '1']]);
    const options = { tempDirectory: join(root.path, 'tmp'), signal: AbortSignal.abort(reason) };
    await expect(openImageTree(disk, [layer], options)).rejects.toBe(reason);
  });

  it('reads a layer of 20,000 links', async () => {
    const files = Array.from({ length: 20_000 }, (_, i) => [`r/${i % 100}/${i}/link`, `${i}`] as const);
    const tree = await opened(disk, [await pushLayer(disk, files)]);
    let count = 0;
    for await (const { type } of tree.entries()) if (type === 'file') count += 1;
    expect(count).toBe(20_000);
    expect(await text(await tree.open('r/7/19907/link'))).toBe('19907');
  });
});

describe('the tree of an archive', () => {
  const open = async (files: LayerFiles): Promise<LayerTree> => {
    const layer = await pushLayer(disk, files, 'gzip');
    const tree = await openArchiveTree(() => disk.fetch(layer), { tempDirectory: join(root.path, 'tmp') });
    trees.push(tree);
    return tree;
  };

  it('has its files', async () => {
    expect(
      await contents(
        await open([
          ['./a/b', 'x'],
          ['c', 'y'.repeat(1_100_000)],
        ]),
      ),
    ).toMatchObject({ 'a/b': 'x' });
  });

  it('keeps absolute links, which begin at the root of the image', async () => {
    const tree = await open([['bin/sh', '-> /bin/busybox']]);
    expect(await tree.stat('bin/sh')).toMatchObject({ type: 'symlink', linkTarget: '/bin/busybox' });
  });

  it('is refused for a link that leads out, a device, and what is no archive', async () => {
    await expect(open([['a', '-> ../etc/passwd']])).rejects.toMatchObject({ code: 'UNSAFE_PATH' });
    await expect(open([['a', '!4']])).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    const none = openArchiveTree(async () => Readable.from([randomBytes(2000)]), {
      tempDirectory: join(root.path, 'tmp'),
    });
    await expect(none).rejects.toMatchObject({ code: 'INVALID_ARCHIVE' });
  });
});

async function treeOf(...layers: readonly LayerFiles[]): Promise<LayerTree> {
  const descriptors: Descriptor[] = [];
  for (const files of layers) descriptors.push(await pushLayer(disk, files));
  return opened(disk, descriptors);
}

async function opened(store: Store, layers: readonly Descriptor[]): Promise<LayerTree> {
  const tree = await openImageTree(store, layers, { tempDirectory: join(root.path, 'tmp') });
  trees.push(tree);
  return tree;
}

async function contents(tree: FileTree): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { path, type } of tree.entries())
    if (type === 'file') found[path] = await text(await tree.open(path));
  return found;
}
