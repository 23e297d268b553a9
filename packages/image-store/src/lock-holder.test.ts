import { startChild } from '@kubecrate/stores/testing';
import { expect, test } from 'vitest';
import { describeHolder, isDead } from './lock-holder.ts';

type LockHolder = typeof import('./lock-holder.ts');

const SOURCE = new URL('./lock-holder.ts', import.meta.url);

test('a process that ended is dead, and one that runs is not', async () => {
  const child = startChild<LockHolder>(
    SOURCE,
    async ({ describeHolder: describe }) => {
      console.log(`holder ${await describe()}.`);
    },
    [],
  );
  const { output } = await child.ended();
  expect(await isDead(/holder (.*)\./.exec(output)?.[1] ?? '')).toBe(true);
  expect(await isDead((await describeHolder()) ?? '')).toBe(false);
});

test('a later process of the same number is another one', async () => {
  const own = (await describeHolder()) ?? '';
  expect(await isDead(own)).toBe(false);
  const [boot, space, pid, start, random] = own.split(' ');
  expect(await isDead([boot, space, pid, Number(start) - 1, random].join(' '))).toBe(true);
  expect(await isDead([boot, Number(space) + 1, pid, Number(start) - 1, random].join(' '))).toBe(false);
});

test('what is no holder is not dead', async () => {
  for (const text of ['', '1', 'x y z', '0 0 0 0 0']) expect(await isDead(text)).toBe(false);
});
