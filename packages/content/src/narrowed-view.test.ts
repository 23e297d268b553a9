import { type Platform, parseManifest, parsePlatform } from '@kubecrate/oci';
import { describe, expect, test } from 'vitest';
import { copyImages } from './copy.ts';
import { MemoryStore } from './memory-store.ts';
import { type Narrowing, narrowedView } from './narrowed-view.ts';
import { isHosted, isTagLister } from './powers.ts';
import { readContent } from './read-content.ts';
import { selectPlatforms } from './select-platforms.ts';
import { all, chart, image, index, pushImage } from './testing/index.ts';

const AMD64 = parsePlatform('linux/amd64');
const ARM64 = parsePlatform('linux/arm64');

function narrowing(wanted: Platform, onlyChild: Narrowing['onlyChild'] = 'index'): Narrowing {
  return {
    select: (found) => selectPlatforms(found, [wanted]).manifests,
    accepts: ({ architecture }) => architecture === wanted.architecture,
    onlyChild,
  };
}

const amd64 = image({ seed: 1, platform: AMD64 });
const arm64 = image({ seed: 2, platform: ARM64 });
const both = index([amd64, arm64], { attestations: 'one-each', annotations: { 'org.example': 'kept' } });

async function sourceOf(): Promise<MemoryStore> {
  const source = new MemoryStore();
  await pushImage(source, both, 'both');
  await pushImage(source, amd64, 'amd64');
  await pushImage(source, chart({ name: 'mysql', version: '1.0.0' }), 'chart');
  return source;
}

describe('narrowedView', () => {
  test('an index keeps the wanted children with their attestations and every other field', async () => {
    const view = narrowedView(await sourceOf(), narrowing(AMD64));
    const descriptor = await view.resolve('both');
    expect(descriptor.digest).not.toBe(both.descriptor.digest);
    const manifest = parseManifest(await readContent(view, descriptor), descriptor.mediaType);
    expect(manifest).toMatchObject({ kind: 'index', annotations: { 'org.example': 'kept' } });
    const children = manifest.kind === 'index' ? manifest.manifests : [];
    expect(children).toHaveLength(2);
    expect(children[0]?.digest).toBe(amd64.descriptor.digest);
    expect(await view.exists(descriptor)).toBe(true);
    expect(await view.resolve(descriptor.digest)).toEqual(descriptor);
  });

  test('what it gives is whole: a copy of it needs nothing that is not wanted', async () => {
    const destination = new MemoryStore();
    const source = narrowedView(await sourceOf(), narrowing(AMD64));
    const { results } = await copyImages([{ image: 'x', source, reference: 'both', destination, tags: ['t'] }]);
    expect(results[0]?.status).toBe('copied');
    expect(await destination.exists(amd64.descriptor)).toBe(true);
    expect(await destination.exists(arm64.descriptor)).toBe(false);
  });

  test('an index that keeps all its children keeps its bytes', async () => {
    const view = narrowedView(await sourceOf(), { ...narrowing(AMD64), select: ({ manifests }) => manifests });
    expect((await view.resolve('both')).digest).toBe(both.descriptor.digest);
  });

  test('one child left can stand for itself', async () => {
    const source = new MemoryStore();
    await pushImage(source, index([amd64, arm64]), 'both');
    const view = narrowedView(source, narrowing(ARM64, 'manifest'));
    expect((await view.resolve('both')).digest).toBe(arm64.descriptor.digest);
  });

  test('an image of another platform is missing; an artifact has none and suits all', async () => {
    const view = narrowedView(await sourceOf(), narrowing(ARM64));
    await expect(view.resolve('amd64')).rejects.toMatchObject({ code: 'PLATFORM_MISSING' });
    await expect(
      narrowedView(await sourceOf(), narrowing(parsePlatform('linux/s390x'))).resolve('both'),
    ).rejects.toMatchObject({
      code: 'PLATFORM_MISSING',
    });
    expect((await view.resolve('chart')).digest).toMatch(/^sha256:/);
  });

  test('powers of the source are powers of the view, others are not', async () => {
    const view = narrowedView(await sourceOf(), narrowing(AMD64));
    expect(isHosted(view)).toBe(false);
    expect(isTagLister(view) && (await all(view.tags()))).toEqual(['amd64', 'both', 'chart']);
    const hosted = narrowedView(Object.assign(await sourceOf(), { host: 'h:1' }), narrowing(AMD64));
    expect(isHosted(hosted) && hosted.host).toBe('h:1');
  });
});
