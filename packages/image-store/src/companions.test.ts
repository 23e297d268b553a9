import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyImages, type ReadOnlyTarget, type Target } from '@kubecrate/content';
import {
  cosignSignature,
  cosignTag,
  image,
  memoryNamespace,
  pushBlob,
  pushImage,
  referrer,
} from '@kubecrate/content/testing';
import { openRegistryDirectory } from '@kubecrate/stores';
import { temporaryDirectory } from '@kubecrate/stores/testing';
import { expect, test } from 'vitest';
import { type ImageStore, openImageStore } from './image-store.ts';

const app = image({ seed: 'app' });
const signature = cosignSignature(app.descriptor);
const tag = cosignTag(app.descriptor);
/** A signature of the same image that somebody else made. */
const other = referrer(image({ seed: 'somebody else' }).descriptor, { text: 'another signature' });

interface Scene extends AsyncDisposable {
  readonly directory: string;
  readonly store: ImageStore;
}

async function scene(): Promise<Scene> {
  const directory = await temporaryDirectory();
  const store = await openImageStore(directory.path);
  return { directory: directory.path, store, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

/** The image with a signature, under the tag that cosign gives it. */
async function signed(by = signature): Promise<Target> {
  const source = memoryNamespace().repository('app');
  await pushImage(source, app, '1');
  await pushImage(source, by, tag);
  return source;
}

async function copy(source: ReadOnlyTarget, reference: string, destination: Target, name: string): Promise<void> {
  const { results } = await copyImages([{ image: name, source, reference, destination, tags: [name] }]);
  expect(results).toMatchObject([{ status: 'copied' }]);
}

async function namesIn(store: ImageStore): Promise<readonly string[]> {
  return (await store.images()).flatMap(({ names, descriptor }) => (names.length > 0 ? names : [descriptor.digest]));
}

test('a signature is kept with its image: not listed, pushed along, gone when the image is removed', async () => {
  await using on = await scene();
  await copy(await signed(), '1', on.store, 'registry.example.com/a:1');
  expect(await namesIn(on.store)).toEqual(['registry.example.com/a:1']);
  const destination = memoryNamespace().repository('copy');
  await copy(on.store, app.descriptor.digest, destination, '1');
  expect(await destination.resolve(tag)).toMatchObject({ digest: signature.descriptor.digest });
  await on.store.prune();
  expect(await on.store.exists(signature.descriptor)).toBe(true);
  await on.store.remove('registry.example.com/a:1');
  expect(await on.store.exists(signature.descriptor)).toBe(false);
  expect(JSON.parse(await readFile(join(on.directory, 'index.json'), 'utf8')).manifests).toEqual([]);
});

test('each repository has its own', async () => {
  await using on = await scene();
  await copy(await signed(), '1', on.store, 'registry.example.com/a:1');
  // An image that is there is not asked for its signatures again.
  for (const { descriptor, bytes } of [...other.blobs, other]) await pushBlob(on.store, { descriptor, bytes });
  await on.store.tag(app.descriptor, 'registry.example.com/b:1');
  await on.store.tagCompanion({
    tag,
    descriptor: other.descriptor,
    subject: app.descriptor,
    names: ['registry.example.com/b:1'],
  });
  const found = async (name: string): Promise<string> => (await on.store.beside(name).resolve(tag)).digest;
  expect(await found('registry.example.com/a:1')).toBe(signature.descriptor.digest);
  expect(await found('registry.example.com/b:1')).toBe(other.descriptor.digest);
  expect(await namesIn(on.store)).toEqual(['registry.example.com/a:1', 'registry.example.com/b:1']);
  const index = JSON.parse(await readFile(join(on.directory, 'index.json'), 'utf8'));
  expect(JSON.stringify(index)).toContain(`registry.example.com/b:${tag}`);
});

test('a list of referrers is no image, and its referrers are pushed along', async () => {
  await using on = await scene();
  await using directory = await temporaryDirectory();
  const source = (await openRegistryDirectory(directory.path, { access: 'write' })).repository('app');
  const sbom = referrer(app.descriptor);
  await pushImage(source, app, '1');
  await pushImage(source, sbom);
  await copy(source, '1', on.store, 'registry.example.com/a:1');
  expect(await namesIn(on.store)).toEqual(['registry.example.com/a:1']);
  const destination = memoryNamespace().repository('copy');
  await copy(on.store, app.descriptor.digest, destination, '1');
  expect(await destination.exists(sbom.descriptor)).toBe(true);
  await on.store.remove('registry.example.com/a:1');
  expect(await on.store.exists(sbom.descriptor)).toBe(false);
});

test('what an older version took for an image is a companion', async () => {
  await using on = await scene();
  await pushImage(on.store, app, 'registry.example.com/a:1');
  await pushImage(on.store, signature, 'registry.example.com/later:1');
  const file = join(on.directory, 'index.json');
  const written = await readFile(file, 'utf8');
  await writeFile(file, written.replaceAll('registry.example.com/later:1', `docker.io/library/${tag}:latest`));
  expect(await namesIn(on.store)).toEqual(['registry.example.com/a:1']);
  const destination = memoryNamespace().repository('copy');
  await copy(on.store.beside('registry.example.com/a:1'), app.descriptor.digest, destination, '1');
  expect(await destination.resolve(tag)).toMatchObject({ digest: signature.descriptor.digest });
  await on.store.prune();
  expect(await on.store.exists(signature.descriptor)).toBe(true);
  await on.store.remove('registry.example.com/a:1');
  expect(await on.store.exists(signature.descriptor)).toBe(false);
});
