import { hasCode, KubecrateError, TransientError } from '@kubecrate/errors';
import { digestOf, parsePlatform } from '@kubecrate/oci';
import { describe, expect, it } from 'vitest';
import { type CopyJob, copyImages } from './copy.ts';
import type { CopyEvent } from './events.ts';
import { MemoryStore } from './memory-store.ts';
import { readManifest } from './read-content.ts';
import type { RetryPolicy } from './retry.ts';
import { successorsOf } from './successors.ts';
import type { ReadOnlyTarget, Target } from './target.ts';
import {
  cosignSignature,
  cosignTag,
  counting,
  failingFetch,
  image,
  index,
  lying,
  pushImage,
  referrer,
  slow,
} from './testing/index.ts';

const quick: RetryPolicy = { attempts: 3, delayMs: 1, maximumDelayMs: 2, random: () => 1 };
const amd64 = parsePlatform('linux/amd64');
const arm64 = parsePlatform('linux/arm64');

function job(source: ReadOnlyTarget, destination: Target, reference = 'v1'): CopyJob {
  return { image: `example.com/app:${reference}`, source, reference, destination, tags: [reference] };
}

async function isComplete(target: Target, tag: string): Promise<boolean> {
  const { manifest } = await readManifest(target, await target.resolve(tag));
  const { blobs, manifests } = successorsOf(manifest);
  const present = await Promise.all([...blobs, ...manifests].map((descriptor) => target.exists(descriptor)));
  return present.every(Boolean);
}

/** The digests of the index behind a tag and of its children. */
async function manifestsOf(target: Target, tag: string): Promise<readonly string[]> {
  const root = await target.resolve(tag);
  const { manifest } = await readManifest(target, root);
  return [root.digest, ...successorsOf(manifest).manifests.map(({ digest }) => digest)];
}

describe('copyImages', () => {
  it('brings a manifest, its configuration and its layers, and tags it last', async () => {
    const source = new MemoryStore();
    const fixture = image({ seed: 1 });
    await pushImage(source, fixture, 'v1');
    const { target, calls } = counting(new MemoryStore());
    const { results } = await copyImages([job(source, target)]);
    expect(results).toMatchObject([{ status: 'copied', descriptor: { digest: fixture.descriptor.digest } }]);
    expect(await isComplete(target, 'v1')).toBe(true);
    const writes = calls.filter(({ verb }) => verb === 'push' || verb === 'tag');
    expect(writes.at(-1)).toEqual({ verb: 'tag', subject: fixture.descriptor.digest });
    expect(writes.at(-2)).toEqual({ verb: 'push', subject: fixture.descriptor.digest });
  });

  it('moves a layer that many images share once', async () => {
    const layers = [{ seed: 'shared', size: 5000 }];
    const fixtures = [1, 2, 3].map((seed) => image({ seed, layers: [...layers, { seed }] }));
    const memory = new MemoryStore();
    for (const [i, fixture] of fixtures.entries()) await pushImage(memory, fixture, `v${i}`);
    const source = counting(memory);
    const destination = new MemoryStore();
    const { results } = await copyImages(fixtures.map((_, i) => job(source.target, destination, `v${i}`)));
    expect(results.map(({ status }) => status)).toEqual(['copied', 'copied', 'copied']);
    const fetched = source.subjectsOf('fetch');
    expect(fetched.length).toBe(new Set(fetched).size);
  });

  it('fetches nothing the second time', async () => {
    const memory = new MemoryStore();
    await pushImage(memory, image({ seed: 1 }), 'v1');
    const destination = new MemoryStore();
    await copyImages([job(memory, destination)]);
    const source = counting(memory);
    const { results } = await copyImages([job(source.target, destination)]);
    expect(results).toMatchObject([{ status: 'unchanged' }]);
    expect(source.calls.map(({ verb }) => verb)).toEqual(['resolve']);
  });

  it('heals a destination that has the tag but lost a layer', async () => {
    const source = new MemoryStore();
    const fixture = image({ seed: 1 });
    await pushImage(source, fixture, 'v1');
    const destination = new MemoryStore();
    await copyImages([job(source, destination)]);
    const lost = fixture.blobs[1]?.descriptor;
    if (lost === undefined) throw new Error('the fixture has no layer');
    await destination.delete(lost);
    await copyImages([job(source, destination)]);
    expect(await destination.exists(lost)).toBe(true);
  });

  it('keeps the bytes of an index and takes only the wanted platform, with its attestation', async () => {
    const children = [amd64, arm64].map((platform, seed) => image({ seed, platform }));
    const fixture = index(children, { attestations: 'one-each' });
    const source = new MemoryStore();
    await pushImage(source, fixture, 'v1');
    const destination = new MemoryStore();
    const { results } = await copyImages([job(source, destination)], { platforms: [arm64] });
    expect(results).toMatchObject([{ status: 'copied', descriptor: { digest: fixture.descriptor.digest } }]);
    const present = await Promise.all(fixture.manifests.map(({ descriptor }) => destination.exists(descriptor)));
    expect(present).toEqual([false, true, false, true]);
  });

  it('refuses an image that lacks a wanted platform, and says what it has', async () => {
    const source = new MemoryStore();
    await pushImage(source, index([image({ seed: 1, platform: arm64 })]), 'v1');
    await pushImage(source, image({ seed: 2, platform: arm64 }), 'single');
    const jobs = ['v1', 'single'].map((reference) => job(source, new MemoryStore(), reference));
    const { results } = await copyImages(jobs, { platforms: [amd64] });
    for (const result of results) {
      expect(result.status === 'failed' && hasCode(result.error, 'PLATFORM_MISSING')).toBe(true);
      expect(result.status === 'failed' && String(result.error)).toContain(
        'has no manifest for linux/amd64; it has linux/arm64',
      );
    }
  });

  it('goes on without a missing platform where that is a warning', async () => {
    const source = new MemoryStore();
    await pushImage(source, index([image({ seed: 1, platform: arm64 })]), 'v1');
    const events: CopyEvent[] = [];
    const options = {
      platforms: [amd64, arm64],
      onMissingPlatform: 'warn',
      onEvent: (event: CopyEvent) => events.push(event),
    } as const;
    const { results } = await copyImages([job(source, new MemoryStore())], options);
    expect(results).toMatchObject([{ status: 'copied' }]);
    expect(events.filter(({ type }) => type === 'warning')).toHaveLength(1);
  });

  it('takes referrers along and leaves them findable by the fallback tag', async () => {
    const fixture = image({ seed: 1 });
    const sbom = referrer(fixture.descriptor);
    const memory = new MemoryStore();
    await pushImage(memory, fixture, 'v1');
    await pushImage(memory, sbom);
    await pushImage(memory, cosignSignature(fixture.descriptor), cosignTag(fixture.descriptor));
    const source = Object.assign(memory, {
      async *referrers(subject: { digest: string }) {
        if (subject.digest === fixture.descriptor.digest) yield sbom.descriptor;
      },
    });
    const destination = new MemoryStore();
    const { results } = await copyImages([job(source, destination)]);
    expect(await destination.exists(sbom.descriptor)).toBe(true);
    const fallback = fixture.descriptor.digest.replace(':', '-');
    const listed = await readManifest(destination, await destination.resolve(fallback));
    expect(listed.manifest).toMatchObject({ kind: 'index', manifests: [{ digest: sbom.descriptor.digest }] });
    expect(results[0]?.status === 'copied' && results[0].tags.map(({ tag }) => tag).sort()).toEqual(
      ['v1', fallback, cosignTag(fixture.descriptor)].sort(),
    );
    await expect(destination.resolve(cosignTag(fixture.descriptor))).resolves.toBeDefined();
  });

  it('tries a broken transfer again and says so', async () => {
    const memory = new MemoryStore();
    await pushImage(memory, image({ seed: 1, layers: [{ seed: 1, size: 200_000 }] }), 'v1');
    const source = failingFetch(memory, 1000, { times: 1, where: ({ size }) => size > 100_000 });
    const events: CopyEvent[] = [];
    const { results } = await copyImages([job(source, new MemoryStore())], {
      retry: quick,
      onEvent: (event) => events.push(event),
    });
    expect(results).toMatchObject([{ status: 'copied' }]);
    expect(events).toContainEqual(expect.objectContaining({ type: 'retrying', attempt: 2 }));
  });

  it.each(['listed', 'not listed'] as const)(
    'finds a signature where the tags of a registry are %s, and asks for no tag that a listing does not have',
    async (tags) => {
      const memory = new MemoryStore();
      const [signed, other] = [image({ seed: 1 }), image({ seed: 2 })];
      await pushImage(memory, signed, 'v1');
      await pushImage(memory, other, 'v2');
      await pushImage(memory, cosignSignature(signed.descriptor), cosignTag(signed.descriptor));
      const { target, subjectsOf } = counting(memory);
      const names = ['v1', 'v2', cosignTag(signed.descriptor)];
      let listings = 0;
      const source: ReadOnlyTarget = Object.assign(target, {
        host: 'registry.example.com',
        async *tags() {
          listings += 1;
          if (tags === 'not listed') throw new KubecrateError('DENIED', "tags are nobody's business");
          yield* names;
        },
      });
      const destination = new MemoryStore();
      await copyImages([job(source, destination, 'v1'), job(source, destination, 'v2')]);
      expect((await destination.resolve(cosignTag(signed.descriptor))).digest).toMatch(/^sha256:/);
      const asked = subjectsOf('resolve').filter((name) => name.startsWith('sha256-'));
      expect(listings).toBe(1);
      expect(asked).toHaveLength(tags === 'listed' ? 1 : 6);
    },
  );

  it('brings a blob and a manifest to a repository once, however many tags of it are asked for', async () => {
    const source = new MemoryStore();
    const other = new MemoryStore();
    const fixture = image({ seed: 1 });
    for (const tag of ['v1', 'v2', 'v3']) {
      await pushImage(source, fixture, tag);
      await pushImage(other, fixture, tag);
    }
    const space = {};
    const repository = (name: string) => {
      const mounted: string[] = [];
      const counted = counting(new MemoryStore());
      const target = Object.assign(counted.target, {
        host: 'registry.example.com',
        space,
        repository: name,
        async mount({ digest }: { digest: string }, from: string | undefined) {
          if (from === undefined) return 'declined' as const;
          mounted.push(digest);
          return 'mounted' as const;
        },
      });
      return { target, mounted, pushes: () => counted.subjectsOf('push') };
    };
    const [one, two] = [repository('one'), repository('two')];
    const jobs = ['v1', 'v2', 'v3'].flatMap((tag) => [job(source, one.target, tag), job(other, two.target, tag)]);
    const { results } = await copyImages(jobs);
    expect(results.map(({ status }) => status)).toEqual(Array(6).fill('copied'));
    for (const { mounted, pushes } of [one, two]) {
      const brought = [...mounted, ...pushes()].sort();
      expect(brought).toEqual(
        [fixture.descriptor, ...fixture.blobs.map(({ descriptor }) => descriptor)].map(({ digest }) => digest).sort(),
      );
    }
  });

  it.each(['mounted', 'declined', 'refused'] as const)(
    'takes blobs over from a repository that may have them; where that is %s, goes on',
    async (outcome) => {
      const source = new MemoryStore();
      const fixture = image({ seed: 1 });
      await pushImage(source, fixture, 'v1');
      const { target, subjectsOf } = counting(new MemoryStore());
      const asked: (string | undefined)[] = [];
      const destination = Object.assign(target, {
        host: 'registry.example.com',
        space: {},
        repository: 'copy',
        async mount(_: object, from: string | undefined) {
          if (from === undefined) return 'declined' as const;
          asked.push(from);
          if (outcome === 'refused') throw new KubecrateError('DENIED', 'not yours');
          return outcome;
        },
      });
      const { results } = await copyImages([{ ...job(source, destination), mountFrom: 'pulled' }]);
      expect(results).toMatchObject([{ status: 'copied' }]);
      expect(asked).toEqual(fixture.blobs.map(() => 'pulled'));
      expect(subjectsOf('push')).toHaveLength(outcome === 'mounted' ? 1 : 1 + fixture.blobs.length);
    },
  );

  it('does not look for a manifest of which a part was missing in a registry', async () => {
    const source = new MemoryStore();
    await pushImage(source, index([image({ seed: 1 }), image({ seed: 2 })]), 'v1');
    const { target, calls } = counting(new MemoryStore());
    await copyImages([job(source, Object.assign(target, { host: 'registry.example.com' }))]);
    const pushed = calls.filter(({ verb }) => verb === 'push').map(({ subject }) => subject);
    const looked = calls.filter(({ verb }) => verb === 'exists').map(({ subject }) => subject);
    const manifests = [...(await manifestsOf(source, 'v1'))];
    expect(pushed).toEqual(expect.arrayContaining(manifests));
    expect(looked.filter((digest) => manifests.includes(digest))).toEqual([]);
  });

  it('gives up after the last attempt, tags nothing, and lets the other images through', async () => {
    const memory = new MemoryStore();
    await pushImage(memory, image({ seed: 1, layers: [{ seed: 1, size: 200_000 }] }), 'bad');
    await pushImage(memory, image({ seed: 2 }), 'good');
    const source = failingFetch(memory, 1000, { where: ({ size }) => size > 100_000 });
    const destination = new MemoryStore();
    const { results } = await copyImages([job(source, destination, 'bad'), job(source, destination, 'good')], {
      retry: quick,
    });
    expect(results.map(({ status }) => status)).toEqual(['failed', 'copied']);
    expect(results[0]?.status === 'failed' && results[0].error).toBeInstanceOf(TransientError);
    await expect(destination.resolve('bad')).rejects.toThrow('not there');
    expect(await isComplete(destination, 'good')).toBe(true);
  });

  it('refuses content that is not what the manifest says', async () => {
    const memory = new MemoryStore();
    await pushImage(memory, image({ seed: 1 }), 'v1');
    const destination = new MemoryStore();
    const { results } = await copyImages([job(lying(memory, 'flipped-bit'), destination)], { retry: quick });
    expect(results[0]?.status === 'failed' && hasCode(results[0].error, 'DIGEST_MISMATCH')).toBe(true);
  });

  it('ends an aborted run with the reason of the abort', async () => {
    const memory = new MemoryStore();
    await pushImage(memory, image({ seed: 1 }), 'v1');
    const controller = new AbortController();
    const running = copyImages([job(slow(memory, 30), new MemoryStore())], { signal: controller.signal });
    controller.abort(new Error('the user pressed Ctrl-C'));
    await expect(running).rejects.toThrow('the user pressed Ctrl-C');
  });

  it('names an image that is not there', async () => {
    const { results } = await copyImages([job(new MemoryStore(), new MemoryStore())]);
    expect(results[0]?.status === 'failed' && hasCode(results[0].error, 'NOT_FOUND')).toBe(true);
  });

  it('copies what is known by its digest alone without a tag', async () => {
    const source = new MemoryStore();
    const fixture = image({ seed: 1 });
    await pushImage(source, fixture);
    const destination = new MemoryStore();
    const { results } = await copyImages([{ ...job(source, destination, fixture.descriptor.digest), tags: [] }]);
    expect(results).toMatchObject([{ status: 'copied', tags: [] }]);
    expect(digestOf((await readManifest(destination, fixture.descriptor)).bytes)).toBe(fixture.descriptor.digest);
  });
});
