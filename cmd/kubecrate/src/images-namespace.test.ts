import { MemoryStore } from '@kubecrate/content';
import { all, image, index, pushImage, streamOf } from '@kubecrate/content/testing';
import type { Descriptor } from '@kubecrate/oci';
import { describe, expect, test } from 'vitest';
import { imagesNamespace } from './images-namespace.ts';

const one = image({ seed: 1 });
const two = image({ seed: 2 });

async function content(): Promise<MemoryStore> {
  const store = new MemoryStore();
  await pushImage(store, one);
  await pushImage(store, two);
  return store;
}

async function names(images: readonly { descriptor: Descriptor; names: readonly string[] }[]): Promise<string[]> {
  const namespace = await imagesNamespace({ content: await content(), images, path: '/tmp/my-App_1.tar.gz' });
  const tagged: string[] = [];
  for await (const name of namespace.repositories()) {
    for (const tag of await all(namespace.repository(name).tags())) tagged.push(`${name}:${tag}`);
  }
  return tagged;
}

describe('images as repositories', () => {
  test('are called as they are, without the registry', async () => {
    expect(
      await names([{ descriptor: one.descriptor, names: ['example.com:5000/a/b:1', 'docker.io/library/x:2'] }]),
    ).toEqual(['a/b:1', 'library/x:2', 'x:2']);
  });

  test('are called after the file where they have no name, or a tag alone', async () => {
    expect(await names([{ descriptor: one.descriptor, names: [] }])).toEqual(['my-app_1:latest']);
    expect(await names([{ descriptor: one.descriptor, names: ['v1'] }])).toEqual(['my-app_1:v1']);
  });

  test('of two that would have one name are refused, but for the short name of Docker Hub', async () => {
    const clash = [
      { descriptor: one.descriptor, names: ['a.example.com/x:1'] },
      { descriptor: two.descriptor, names: ['b.example.com/x:1'] },
    ];
    await expect(names(clash)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('b.example.com/x:1'),
    });
    const alias = [
      { descriptor: two.descriptor, names: ['docker.io/library/x:1'] },
      { descriptor: one.descriptor, names: ['a.example.com/x:1'] },
    ];
    const namespace = await imagesNamespace({ content: await content(), images: alias, path: 'x' });
    expect((await namespace.repository('x').resolve('1')).digest).toBe(one.descriptor.digest);
    expect((await namespace.repository('library/x').resolve('1')).digest).toBe(two.descriptor.digest);
  });

  test('have their own content and nothing else, also where an index lacks a child', async () => {
    const store = await content();
    const absent = image({ seed: 3, platform: { os: 'linux', architecture: 'arm64' } });
    const multi = index([one, absent]);
    await store.push(multi.descriptor, streamOf(multi.bytes));
    const images = [{ descriptor: multi.descriptor, names: ['example.com/multi:1'] }];
    const repository = (await imagesNamespace({ content: store, images, path: 'x' })).repository('multi');
    expect((await repository.resolve(one.descriptor.digest)).digest).toBe(one.descriptor.digest);
    expect(await repository.exists(one.layers[0]!.descriptor)).toBe(true);
    expect(await repository.exists(two.layers[0]!.descriptor)).toBe(false);
    await expect(repository.fetch(two.layers[0]!.descriptor)).rejects.toHaveProperty('code', 'NOT_FOUND');
    await expect(repository.resolveBlob(two.layers[0]!.descriptor.digest)).rejects.toHaveProperty('code', 'NOT_FOUND');
    await expect(repository.resolve(two.descriptor.digest)).rejects.toHaveProperty('code', 'NOT_FOUND');
    await expect(repository.resolve(absent.descriptor.digest)).rejects.toHaveProperty('code', 'NOT_FOUND');
  });
});
