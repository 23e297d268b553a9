import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild, temporaryDirectory } from '@kubecrate/stores/testing';
import { expect, test } from 'vitest';
import { exclusively } from './exclusive.ts';

type Exclusive = typeof import('./exclusive.ts');

const SOURCE = new URL('./exclusive.ts', import.meta.url);

/** Holds the lock for ever. */
async function hold({ exclusively: lock }: Exclusive, directory: string): Promise<void> {
  const keepAlive = setInterval(() => undefined, 1000);
  await lock(directory, async () => {
    console.log('holding');
    await new Promise(() => undefined);
  });
  clearInterval(keepAlive);
}

/** Adds one to a number in a file, so often; reading and writing are apart. */
async function count({ exclusively: lock }: Exclusive, directory: string, times: string): Promise<void> {
  const { readFile: read, writeFile: write } = process.getBuiltinModule('node:fs/promises');
  const file = `${directory}/number`;
  console.log('counting');
  for (let i = 0; i < Number(times); i += 1) {
    await lock(directory, async () => {
      const number = Number(await read(file, 'utf8'));
      await new Promise((resolve) => setTimeout(resolve, 1));
      await write(file, String(number + 1));
    });
  }
}

/** Less than it takes a lock to grow stale: whoever gets it in this time knew that its holder is dead. */
const soon = (): AbortSignal => AbortSignal.timeout(8_000);

async function killed(directory: string): Promise<void> {
  const holder = startChild<Exclusive>(SOURCE, hold, [directory]);
  await holder.wrote('holding');
  holder.process.kill('SIGKILL');
  expect((await holder.ended()).signal).toBe('SIGKILL');
}

test('the lock of a killed process is free at once', async () => {
  await using directory = await temporaryDirectory();
  await killed(directory.path);
  expect(await readdir(directory.path)).toEqual(['index.holder', 'index.lock']);
  expect(await exclusively(directory.path, async () => 'mine', { signal: soon() })).toBe('mine');
  expect(await readdir(directory.path)).toEqual([]);
});

test('the lock of a living process is not', async () => {
  await using directory = await temporaryDirectory();
  const holder = startChild<Exclusive>(SOURCE, hold, [directory.path]);
  await holder.wrote('holding');
  const waiting = exclusively(directory.path, async () => 'mine', { signal: AbortSignal.timeout(1_500) });
  await expect(waiting).rejects.toHaveProperty('name', 'TimeoutError');
  holder.process.kill('SIGKILL');
  await holder.ended();
  expect(await exclusively(directory.path, async () => 'mine', { signal: soon() })).toBe('mine');
}, 30_000);

test('many that find the lock of a killed process still go one after the other', async () => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, 'number'), '0');
  for (let round = 1; round <= 2; round += 1) {
    await killed(directory.path);
    const counters = Array.from({ length: 4 }, () => startChild<Exclusive>(SOURCE, count, [directory.path, '10']));
    for (const counter of counters) {
      const { code, output } = await counter.ended();
      expect(code, output).toBe(0);
    }
    expect(await readFile(join(directory.path, 'number'), 'utf8')).toBe(String(round * 40));
  }
  expect(await readdir(directory.path)).toEqual(['number']);
}, 90_000);

test('a holder of another machine, or one that nobody can read, is left to grow stale', async () => {
  for (const holder of ['00000000-0000-4000-8000-000000000000 4026531836 999999999 1 0123456789ab', 'half a no']) {
    await using directory = await temporaryDirectory();
    await mkdir(join(directory.path, 'index.lock'));
    await writeFile(join(directory.path, 'index.holder'), holder);
    const waiting = exclusively(directory.path, async () => 'mine', { signal: AbortSignal.timeout(1_000) });
    await expect(waiting).rejects.toHaveProperty('name', 'TimeoutError');
  }
});
