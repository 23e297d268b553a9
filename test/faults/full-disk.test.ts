// A disk that is full. A limit on the size of files, which every user can set, fails the same writes in the same places.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryStore } from '@kubecrate/content';
import { image, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { openImageStore } from '@kubecrate/image-store';
import { startServer } from '@kubecrate/server';
import { writeArchive } from '@kubecrate/stores';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BEFORE, openScene, type Scene } from './scene.ts';

/** One layer does not fit, in each of the ways that a layer comes: packed small, and by the bulk. */
const large = image({ seed: 'large', layers: [{ seed: 'small' }, { seed: 'large', size: 3_000_000 }] });
/** Each layer fits, all of them in one file do not. */
const many = image({
  seed: 'many',
  layers: [1, 2, 3].map((seed) => ({ seed: `many ${seed}`, size: 700_000 })),
});
const LIMIT = { fileLimit: 1000 };
const SAYS = [/cannot (write|store) /, 'choose another directory, or raise the limit'];
const PLATFORM = ['--platform', 'linux/amd64'];

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene[Symbol.asyncDispose]());

async function registry(): Promise<{ readonly host: string } & AsyncDisposable> {
  const namespace = memoryNamespace();
  await pushImage(namespace.repository('large'), large, '1');
  await pushImage(namespace.repository('many'), many, '1');
  return startServer(namespace);
}

describe('while an image is fetched', () => {
  test('by build', async () => {
    await using server = await registry();
    await scene.write({ Kubefile: 'FROM scratch\nCOPY imageList manifests\n', imageList: `${server.host}/large:1\n` });
    const build = ['build', '-t', 'test:1', '-o', 'out.tar', ...PLATFORM, '.'];
    await scene.refuses(build, { says: [`${server.host}/large:1`, ...SAYS] }, LIMIT);
    await scene.workspace.ok(build);
  });

  test('by build, as the base', async () => {
    await using server = await registry();
    await scene.write({ Kubefile: `FROM ${server.host}/large:1\n` });
    const build = ['build', '-t', 'test:1', '-o', 'out.tar', ...PLATFORM, '.'];
    await scene.refuses(build, { says: [`${server.host}/large:1`, ...SAYS] }, LIMIT);
  });

  test('by mirror', async () => {
    await using server = await registry();
    const mirror = ['mirror', '--dir', 'mirror', ...PLATFORM, `${server.host}/large:1`];
    await scene.refuses(mirror, { says: [`${server.host}/large:1`, ...SAYS] }, LIMIT);
    await scene.workspace.ok(mirror);
  });
});

test('while files are packed by build', async () => {
  await scene.write({ Kubefile: 'FROM scratch\nCOPY random /\n', random: large.layers[1]!.bytes });
  const build = ['build', '-t', 'test:1', '-o', 'out.tar', ...PLATFORM, '.'];
  await scene.refuses(build, { says: ['Kubefile:2', 'cannot pack', SAYS[1]!] }, LIMIT);
});

test('while an archive is loaded', async () => {
  const content = new MemoryStore();
  await pushImage(content, large);
  const names = ['example.com/large:1'];
  const file = join(scene.workspace.directory, 'large.tar');
  await writeArchive(content, [{ descriptor: large.descriptor, names }], file, { format: 'oci-archive' });
  await scene.refuses(['load', '-i', 'large.tar'], { says: ['example.com/large:1', file, ...SAYS] }, LIMIT);
  await scene.workspace.ok(['load', '-i', 'large.tar']);
});

test('while the tarball is written: the image is in the store, and the tarball is the one of before', async () => {
  await using server = await registry();
  await scene.write({ Kubefile: 'FROM scratch\nCOPY imageList manifests\n', imageList: `${server.host}/many:1\n` });
  const build = ['build', '-t', 'test:1', '-o', 'out.tar', ...PLATFORM, '.'];
  const { code, stderr } = await scene.workspace.run(build, { ...LIMIT, env: scene.env });
  expect(code).toBe(1);
  expect(stderr).toContain(`cannot write ${JSON.stringify(join(scene.workspace.directory, 'out.tar'))}`);
  expect(stderr).toContain(SAYS[1]);
  expect((await readdir(scene.workspace.directory)).filter((name) => name.startsWith('.'))).toEqual([]);
  expect(await readFile(scene.tarball, 'utf8')).toBe(BEFORE);
  const store = await openImageStore(scene.workspace.store);
  expect((await store.verify({ image: 'test:1' })).problems).toEqual([]);
});
