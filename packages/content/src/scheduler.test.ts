import { getEventListeners } from 'node:events';
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

  it('starts work of equal weight in the order in which it came, whatever its host', async () => {
    const scheduler = new Scheduler({ blobs: 1, blobsPerHost: 1, requestsPerHost: 1 });
    const first = gate();
    const order: string[] = [];
    const work = [scheduler.run(blob(1), () => first.opened)];
    for (const host of ['b', 'a', 'b', 'c', 'a'])
      work.push(scheduler.run(blob(7, host), async () => void order.push(host)));
    first.open();
    await Promise.all(work);
    expect(order).toEqual(['b', 'a', 'b', 'c', 'a']);
  });

  it('never runs more at once than the limits say, and all of it in the end', async () => {
    const scheduler = new Scheduler({ blobs: 5, blobsPerHost: 2, requestsPerHost: 3 });
    const active = new Map<string, number>();
    let done = 0;
    const one = async (lane: Turn['lane'], hosts: readonly string[], weight: number): Promise<void> =>
      scheduler.run({ lane, hosts, weight }, async () => {
        const counters = [lane, ...hosts.map((host) => `${lane} ${host}`)];
        for (const counter of counters) active.set(counter, (active.get(counter) ?? 0) + 1);
        expect(active.get('blob') ?? 0).toBeLessThanOrEqual(5);
        for (const host of hosts) expect(active.get(`${lane} ${host}`)).toBeLessThanOrEqual(lane === 'blob' ? 2 : 3);
        await new Promise((resolve) => setImmediate(resolve));
        for (const counter of counters) active.set(counter, (active.get(counter) ?? 0) - 1);
        done += 1;
      });
    const hosts = ['a', 'b', 'c', 'd'];
    await Promise.all(
      Array.from({ length: 400 }, (_, i) =>
        one(
          i % 3 === 0 ? 'request' : 'blob',
          [...new Set([hosts[i % 4]!, hosts[(i * 7) % 3]!])].slice(0, 1 + (i % 2)),
          i % 11,
        ),
      ),
    );
    expect(done).toBe(400);
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

  it('leaves the waiting work of other signals alone, and no listener behind', async () => {
    const scheduler = new Scheduler({ blobs: 1, blobsPerHost: 1, requestsPerHost: 1 });
    const held = gate();
    const first = scheduler.run(blob(1), () => held.opened);
    const [stopped, kept] = [new AbortController(), new AbortController()];
    const waiting = [1, 2, 3].map((weight) =>
      scheduler.run({ ...blob(weight, 'a'), signal: stopped.signal }, async () => 'never'),
    );
    const going = [1, 2, 3].map((weight) =>
      scheduler.run({ ...blob(weight, 'a'), signal: kept.signal }, async () => weight),
    );
    expect(getEventListeners(kept.signal, 'abort')).toHaveLength(1);
    stopped.abort(new Error('stop'));
    for (const outcome of await Promise.allSettled(waiting))
      expect(outcome).toMatchObject({ reason: { message: 'stop' } });
    held.open();
    expect(await Promise.all(going)).toEqual([1, 2, 3]);
    await first;
    expect(getEventListeners(kept.signal, 'abort')).toHaveLength(0);
  });
});
