import { MemoryStore, type ReadOnlyTarget } from '@kubecrate/content';
import { cosignSignature, cosignTag, counting, image, pushImage } from '@kubecrate/content/testing';
import { hasCode } from '@kubecrate/errors';
import { parseReference } from '@kubecrate/oci';
import { describe, expect, it } from 'vitest';
import type { Registries } from './collisions.ts';
import { refuseFailures } from './report.ts';
import { saveInto } from './save-images.ts';
import { viewStore } from './store-view.ts';

const requested = (...images: string[]): { image: string; reference: ReturnType<typeof parseReference> }[] =>
  images.map((name) => ({ image: name, reference: parseReference(name) }));

/** Registries in memory: a store for each repository. */
async function registries(
  images: Readonly<Record<string, number>>,
): Promise<Registries & { stores: Map<string, MemoryStore> }> {
  const stores = new Map<string, MemoryStore>();
  for (const [name, seed] of Object.entries(images)) {
    const { domain, repository, tag } = parseReference(name);
    const key = `${domain}/${repository}`;
    const store = stores.get(key) ?? new MemoryStore();
    stores.set(key, store);
    await pushImage(store, image({ seed, layers: [{ seed: 'base' }, { seed }] }), tag);
  }
  const repository = (domain: string, name: string): ReadOnlyTarget =>
    stores.get(`${domain}/${name}`) ?? new MemoryStore();
  return { repository, stores };
}

describe('saveInto', () => {
  it('saves a library image under both names', async () => {
    const from = await registries({ 'docker.io/library/mysql:8': 1, 'quay.io/a/b:1': 2 });
    const destination = viewStore(new MemoryStore());
    const saved = await saveInto(requested('mysql:8', 'quay.io/a/b:1'), destination, { from });
    refuseFailures(saved);
    const expected = image({ seed: 1, layers: [{ seed: 'base' }, { seed: 1 }] }).descriptor.digest;
    for (const repository of ['library/mysql', 'mysql']) {
      expect((await destination.repository(repository).resolve('8')).digest).toBe(expected);
    }
    expect(saved.map(({ named }) => named.repository).sort()).toEqual(['a/b', 'library/mysql', 'mysql']);
  });

  it('fetches what images of several registries share once', async () => {
    const from = await registries({ 'docker.io/library/mysql:8': 1, 'quay.io/a/b:1': 2, 'ghcr.io/c/d:1': 3 });
    const counted = [...from.stores].map(([key, store]) => [key, counting(store)] as const);
    const sources = new Map(counted);
    const repository = (domain: string, name: string): ReadOnlyTarget =>
      sources.get(`${domain}/${name}`)?.target ?? new MemoryStore();
    const saved = await saveInto(requested('mysql:8', 'quay.io/a/b:1', 'ghcr.io/c/d:1'), viewStore(new MemoryStore()), {
      from: { repository },
    });
    refuseFailures(saved);
    const fetched = counted.flatMap(([, { subjectsOf }]) => subjectsOf('fetch'));
    expect(fetched.length).toBe(new Set(fetched).size);
  });

  it('looks for signatures of an image once, and knows them in the next run of the same store', async () => {
    const from = await registries({ 'quay.io/a/b:1': 1 });
    const upstream = from.stores.get('quay.io/a/b');
    const app = image({ seed: 1, layers: [{ seed: 'base' }, { seed: 1 }] });
    if (upstream === undefined) throw new Error('there is no such registry');
    await pushImage(upstream, cosignSignature(app.descriptor), cosignTag(app.descriptor));
    const source = counting(upstream);
    const notes = new Map<string, string>();
    const store = Object.assign(new MemoryStore(), {
      note: async (name: string) => (notes.has(name) ? Buffer.from(notes.get(name) ?? '') : undefined),
      keepNote: async (name: string, text: string) => void notes.set(name, text),
    });
    const tags: (readonly string[])[] = [];
    for (let run = 0; run < 2; run += 1) {
      const saved = await saveInto(requested('quay.io/a/b:1'), viewStore(store), {
        from: { repository: () => source.target },
      });
      refuseFailures(saved);
      tags.push(saved.flatMap(({ result }) => (result.status === 'failed' ? [] : result.tags.map(({ tag }) => tag))));
    }
    expect(tags).toEqual([['1', cosignTag(app.descriptor)], tags[0]]);
    expect(source.subjectsOf('resolve').filter((subject) => subject.startsWith('sha256-'))).toHaveLength(3);
    expect(source.subjectsOf('resolve').filter((subject) => subject === '1')).toHaveLength(2);
  });

  it('refuses two different images under one name before anything is fetched', async () => {
    const from = await registries({ 'quay.io/a/b:1': 1, 'ghcr.io/a/b:1': 2 });
    const store = counting(new MemoryStore());
    const saving = saveInto(requested('quay.io/a/b:1', 'ghcr.io/a/b:1'), viewStore(store.target), { from });
    const error = await saving.catch((caught: unknown) => caught);
    expect(hasCode(error, 'CONFLICT')).toBe(true);
    expect(String(error)).toMatch(/a\/b:1 .*quay\.io\/a\/b:1 \(sha256:\w+\) and ghcr\.io\/a\/b:1 \(sha256:\w+\)/);
    expect(store.calls).toEqual([]);
  });

  it('takes two references to one image for one name', async () => {
    const from = await registries({ 'quay.io/a/b:1': 1, 'ghcr.io/a/b:1': 1 });
    const saved = await saveInto(requested('quay.io/a/b:1', 'ghcr.io/a/b:1'), viewStore(new MemoryStore()), { from });
    expect(saved.map(({ result }) => result.status)).not.toContain('failed');
  });
});

describe('what is told', () => {
  it('names an image once that gets two names, saved or failed', async () => {
    const from = await registries({ 'docker.io/library/mysql:8': 1 });
    const told: string[] = [];
    const saved = await saveInto(requested('mysql:8', 'mysql:9'), viewStore(new MemoryStore()), {
      from,
      onEvent: (event) => {
        if (event.type === 'tagged' || event.type === 'failed') told.push(`${event.type} ${event.image}`);
      },
    });
    expect(saved).toHaveLength(4);
    expect(told.sort()).toEqual(['failed mysql:9', 'tagged mysql:8']);
  });
});

describe('refuseFailures', () => {
  it('names every image that failed, and only those', async () => {
    const from = await registries({ 'quay.io/a/b:1': 1 });
    const saved = await saveInto(
      requested('quay.io/a/b:1', 'quay.io/a/c:1', 'quay.io/a/d:1'),
      viewStore(new MemoryStore()),
      { from },
    );
    expect(() => refuseFailures(saved)).toThrow(
      /cannot save 2 of 3 images:\n {2}quay\.io\/a\/c:1: .*\n {2}quay\.io\/a\/d:1: /,
    );
  });
});
