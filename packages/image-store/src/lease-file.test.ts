import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tempDirectory } from '@kubecrate/files';
import { digestOf } from '@kubecrate/oci';
import { expect, test } from 'vitest';
import { type Freeing, LeaseFile } from './lease-file.ts';

const digests = Array.from({ length: 50 }, (_, i) => digestOf(String(i)));

test('writes what many ask for at once in few writes, each digest once, before it answers', async () => {
  await using directory = await tempDirectory(tmpdir());
  const path = join(directory.path, 'lease');
  const seen: string[] = [];
  const file = new LeaseFile(path, async () => {
    seen.push(await readFile(path, 'utf8'));
    return 'quiet';
  });
  const first = file.add(digests.slice(0, 10));
  await Promise.all([first, ...digests.map((digest) => file.add([digest]))]);
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  expect([...lines].sort()).toEqual([...digests].sort());
  expect(seen.length).toBeLessThan(4);
  expect(await file.add(digests)).toBe('quiet');
  expect((await readFile(path, 'utf8')).trimEnd().split('\n')).toEqual(lines);
});

test('looks for somebody who frees after each write, and again for a digest that was asked for meanwhile', async () => {
  await using directory = await tempDirectory(tmpdir());
  const answers: Freeing[] = ['freeing', 'quiet'];
  const file = new LeaseFile(join(directory.path, 'lease'), async () => answers.shift() ?? 'quiet');
  expect(await file.add(digests.slice(0, 1))).toBe('freeing');
  expect(await file.add(digests.slice(0, 1))).toBe('quiet');
  expect(answers).toEqual([]);
});

test('an append that fails is told to everyone who waits for it, and the next one is tried', async () => {
  await using directory = await tempDirectory(tmpdir());
  const file = new LeaseFile(directory.path, async () => 'quiet');
  const asked = [file.add(digests.slice(0, 1)), file.add(digests.slice(1, 2))];
  for (const result of await Promise.allSettled(asked)) {
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'INVALID_ARGUMENT' } });
  }
  await expect(file.add(digests.slice(0, 1))).rejects.toThrow(`cannot write the lease "${directory.path}"`);
});
