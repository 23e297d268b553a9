import { describe, expect, it } from 'vitest';
import { Scheduler, type Turn } from './scheduler.ts';

const limits = { blobs: 2, blobsPerHost: 1, requestsPerHost: 1 };
const blob = (weight: number, ...hosts: string[]): Turn => ({ lane: 'blob', hosts, weight });

/** Work that ends when it is told to. */
function gate(): { readonly opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('Scheduler', () => {
  it('starts the heaviest waiting work first', async () => {
    const scheduler = new Scheduler({ blobs: 1, blobsPerHost: 1, requestsPerHost: 1 });
    const first = gate();
    const order: number[] = [];
    const work = [scheduler.run(blob(1), () => first.opened)];
    for (const weight of [5, 50, 20]) work.push(scheduler.run(blob(weight), async () => void order.push(weight)));
    first.open();
    await Promise.all(work);
    expect(order).toEqual([50, 20, 5]);
  });

  it('keeps to the limit of a host without holding up another host', async () => {
    const scheduler = new Scheduler(limits);
    const held = gate();
    const order: string[] = [];
    const first = scheduler.run(blob(1, 'a'), () => held.opened);
    const second = scheduler.run(blob(9, 'a'), async () => void order.push('a'));
    await scheduler.run(blob(1, 'b'), async () => void order.push('b'));
    expect(order).toEqual(['b']);
    held.open();
    await Promise.all([first, second]);
    expect(order).toEqual(['b', 'a']);
  });

  it('lets small requests pass blobs', async () => {
    const scheduler = new Scheduler(limits);
    const held = gate();
    const first = scheduler.run(blob(1, 'a'), () => held.opened);
    await expect(scheduler.run({ lane: 'request', hosts: ['a'], weight: 0 }, async () => 'answered')).resolves.toBe(
      'answered',
    );
    held.open();
    await first;
  });

  it('gives the place of failed work to the next', async () => {
    const scheduler = new Scheduler({ blobs: 1, blobsPerHost: 1, requestsPerHost: 1 });
    const failing = scheduler.run(blob(1), () => Promise.reject(new Error('broken')));
    const next = scheduler.run(blob(1), async () => 'done');
    await expect(failing).rejects.toThrow('broken');
    await expect(next).resolves.toBe('done');
  });

  it('takes aborted work out of the queue', async () => {
    const scheduler = new Scheduler({ blobs: 1, blobsPerHost: 1, requestsPerHost: 1 });
    const held = gate();
    const first = scheduler.run(blob(1), () => held.opened);
    const controller = new AbortController();
    const waiting = scheduler.run({ ...blob(1), signal: controller.signal }, async () => 'never');
    controller.abort(new Error('stop'));
    await expect(waiting).rejects.toThrow('stop');
    held.open();
    await first;
    await expect(scheduler.run(blob(1), async () => 'free')).resolves.toBe('free');
  });
});
