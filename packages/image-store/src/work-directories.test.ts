import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@kubecrate/stores/testing';
import { expect, test } from 'vitest';
import { openImageStore } from './image-store.ts';

/** The name of a directory of a process that has ended. */
async function deadOwner(): Promise<string> {
  const child = spawn('true');
  await once(child, 'close');
  return `${child.pid}-abc.0123456789ab`;
}

async function fill(directory: string, size: number): Promise<void> {
  await mkdir(join(directory, 'rootfs'), { recursive: true });
  await writeFile(join(directory, 'rootfs', 'layer'), Buffer.alloc(size));
}

test('a directory for work is gone when it is disposed of, and left alone by prune until then', async () => {
  await using directory = await temporaryDirectory();
  const store = await openImageStore(directory.path);
  await using work = await store.workDirectory();
  await fill(work.path, 10_000);
  expect((await store.prune()).bytes).toBe(0);
  expect(await readdir(join(work.path, 'rootfs'))).toEqual(['layer']);
  await work[Symbol.asyncDispose]();
  expect(await readdir(join(directory.path, 'tmp'))).toEqual([]);
});

test('prune frees what dead processes worked with, and says how many bytes', async () => {
  await using directory = await temporaryDirectory();
  const store = await openImageStore(directory.path);
  await fill(join(directory.path, 'tmp', await deadOwner()), 20_000);
  expect((await store.prune()).bytes).toBe(20_000);
  expect(await readdir(join(directory.path, 'tmp'))).toEqual([]);
});

test('prune frees what older versions left when nobody works with the store', async () => {
  await using directory = await temporaryDirectory();
  const store = await openImageStore(directory.path);
  const left = ['tmp/.kubecrate-abc', '.kubecrate-def', 'embedded/.kubecrate-ghi'];
  for (const path of left) await fill(join(directory.path, path), 10_000);
  {
    await using _lease = await store.lease();
    expect((await store.prune()).bytes).toBe(0);
  }
  expect((await store.prune()).bytes).toBe(30_000);
  expect(await readdir(join(directory.path, 'tmp'))).toEqual([]);
});
