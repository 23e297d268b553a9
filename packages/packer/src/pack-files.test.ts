import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { MemoryStore, readContent } from '@kubecrate/content';
import { ensureDirectory, openDirectoryTree, type TarInput, type TempDirectory, tempDirectory } from '@kubecrate/files';
import { digestOf, MEDIA_TYPES } from '@kubecrate/oci';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openImageTree } from './image-tree.ts';
import { packFiles } from './pack-files.ts';
import { DiskStore } from './testing/disk-store.ts';

let root: TempDirectory;
let temporary: string;

beforeEach(async () => {
  root = await tempDirectory(tmpdir());
  temporary = join(root.path, 'tmp');
});

afterEach(async () => {
  expect(await readdir(temporary).catch(() => [])).toEqual([]);
  await root[Symbol.asyncDispose]();
});

describe('packFiles', () => {
  it('gives the same bytes for the same input in two directories at two times in two orders', async () => {
    const store = new MemoryStore();
    const first = await packFiles(await inputs(await context('one', 1000)), store, { tempDirectory: temporary });
    const reversed = (await inputs(await context('two', 2000))).reverse();
    const second = await packFiles(reversed, store, { tempDirectory: temporary });
    expect(second).toEqual(first);
  });

  it('gives a gzip layer that the tar of the system reads, and the digest of its tar', async () => {
    const store = new MemoryStore();
    const layer = await packFiles(await inputs(await context('one', 1000)), store, { tempDirectory: temporary });
    const bytes = await readContent(store, layer.descriptor);
    expect(layer.descriptor.mediaType).toBe(MEDIA_TYPES.ociLayerGzip);
    expect(layer.diffId).toBe(digestOf(gunzipSync(bytes)));
    await writeFile(join(root.path, 'layer.tar.gz'), bytes);
    const { stdout } = await promisify(execFile)('tar', ['--utc', '-tvzf', join(root.path, 'layer.tar.gz')]);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.replace(/ +/g, ' ')),
    ).toEqual([
      'drwxr-xr-x 0/0 0 1970-01-01 00:00 dir/',
      '-rwxr-x--- 0/0 7 1970-01-01 00:00 dir/file',
      'lrwxrwxrwx 0/0 0 1970-01-01 00:00 dir/link -> file',
      '-rw-r--r-- 0/0 0 1970-01-01 00:00 empty',
    ]);
  });

  it('gives a plain layer where that is asked for', async () => {
    const layer = await packFiles([], new MemoryStore(), { tempDirectory: temporary, compression: 'none' });
    expect(layer.descriptor).toEqual({
      mediaType: MEDIA_TYPES.ociLayer,
      digest: digestOf(Buffer.alloc(1024)),
      size: 1024,
    });
    expect(layer.diffId).toBe(layer.descriptor.digest);
  });

  it('gives the same bytes again when a layer is read and packed once more', async () => {
    await ensureDirectory(join(root.path, 'blobs'));
    const store = new DiskStore(join(root.path, 'blobs'));
    const options = { tempDirectory: temporary };
    const layer = await packFiles(await inputs(await context('one', 1000)), store, options);
    await using tree = await openImageTree(store, [layer.descriptor], options);
    const again: TarInput[] = [];
    for await (const entry of tree.entries()) again.push({ entry, open: () => tree.open(entry.path) });
    expect(await packFiles(again, new MemoryStore(), options)).toEqual(layer);
  });

  it('takes the later of two entries of one path', async () => {
    const store = new MemoryStore();
    const entry = { path: 'a', type: 'file', size: 1, mode: 0o644, uid: 0, gid: 0, mtime: 0 } as const;
    const both = [
      { entry, bytes: Buffer.from('1') },
      { entry, bytes: Buffer.from('2') },
    ];
    const options = { tempDirectory: temporary };
    expect(await packFiles(both, store, options)).toEqual(await packFiles(both.slice(1), store, options));
  });

  it('hands the layer to the store by a link, and not again where it is there', async () => {
    await ensureDirectory(join(root.path, 'blobs'));
    const store = new DiskStore(join(root.path, 'blobs'));
    const pack = async () => packFiles(await inputs(await context('one', 1000)), store, { tempDirectory: temporary });
    const { descriptor } = await pack();
    await pack();
    expect(store.calls).toEqual([`link ${descriptor.digest}`]);
    expect(digestOf(await readContent(store, descriptor))).toBe(descriptor.digest);
  });

  it('stores nothing where a file changes while it is read', async () => {
    const store = new DiskStore(root.path);
    const changed = (await inputs(await context('one', 1000))).map((input) => ({
      ...input,
      entry: { ...input.entry, size: input.entry.size * 2 },
    }));
    await expect(packFiles(changed, store, { tempDirectory: temporary })).rejects.toMatchObject({
      code: 'SIZE_MISMATCH',
    });
    expect(store.calls).toEqual([]);
  });

  it('stores nothing where it is stopped in the middle', async () => {
    const controller = new AbortController();
    const entry = { path: 'a', type: 'file', size: 2 ** 30, mode: 0o644, uid: 0, gid: 0, mtime: 0 } as const;
    async function* endless(): AsyncGenerator<Buffer> {
      for (let i = 0; ; i++) {
        if (i === 20) controller.abort(new Error('enough'));
        yield Buffer.alloc(65_536);
      }
    }
    const store = new DiskStore(root.path);
    const inputs: TarInput[] = [{ entry, open: async () => Readable.from(endless()) }];
    const packing = packFiles(inputs, store, { tempDirectory: temporary, signal: controller.signal });
    await expect(packing).rejects.toThrow('enough');
    expect(store.calls).toEqual([]);
  });

  it('passes on the error of a file that cannot be read', async () => {
    const entry = { path: 'a', type: 'file', size: 5, mode: 0o644, uid: 0, gid: 0, mtime: 0 } as const;
    const open = (): Promise<Readable> => Promise.reject(new Error('gone'));
    await expect(packFiles([{ entry, open }], new MemoryStore(), { tempDirectory: temporary })).rejects.toThrow('gone');
  });
});

async function context(name: string, time: number): Promise<string> {
  const path = join(root.path, name);
  await mkdir(join(path, 'dir'), { recursive: true });
  await writeFile(join(path, 'dir/file'), 'content');
  await writeFile(join(path, 'empty'), '');
  await symlink('file', join(path, 'dir/link')).catch(() => undefined);
  await chmod(join(path, 'dir'), 0o755);
  await chmod(join(path, 'dir/file'), 0o750);
  await chmod(join(path, 'empty'), 0o644);
  await utimes(join(path, 'dir/file'), time, time);
  return path;
}

/** The files of a directory as they go into an image: of root, without a time. */
async function inputs(directory: string): Promise<TarInput[]> {
  const tree = openDirectoryTree(directory);
  const all: TarInput[] = [];
  for await (const entry of tree.entries()) {
    all.push({ entry: { ...entry, uid: 0, gid: 0, mtime: 0 }, open: () => tree.open(entry.path) });
  }
  return all;
}
