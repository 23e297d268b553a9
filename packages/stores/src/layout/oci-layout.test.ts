import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  image,
  index,
  pushImage,
  readOnlyTargetComplianceSuite,
  targetComplianceSuite,
} from '@kubecrate/content/testing';
import { openDirectoryTree } from '@kubecrate/files';
import { expect, test } from 'vitest';
import { treeFiles } from '../files/tree-files.ts';
import { leftoversIn, temporaryDirectory } from '../testing/index.ts';
import { openOciLayout } from './oci-layout.ts';
import { OciLayoutFiles } from './oci-layout-files.ts';

targetComplianceSuite('an OCI layout directory', async () => {
  const directory = await temporaryDirectory();
  return {
    target: await openOciLayout(directory.path, { access: 'write' }),
    leftovers: () => leftoversIn(directory.path),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
});

readOnlyTargetComplianceSuite('an OCI layout in a tree of files', async (manifest, tag) => {
  const directory = await temporaryDirectory();
  await pushImage(await openOciLayout(directory.path, { access: 'write' }), manifest, tag);
  return {
    target: new OciLayoutFiles(treeFiles(openDirectoryTree(directory.path), 'a tree')),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
});

test('a whole reference is written in full in both annotations, a tag in the one that means it', async () => {
  await using directory = await temporaryDirectory();
  const layout = await openOciLayout(directory.path, { access: 'write' });
  const app = image({ seed: 'app' });
  await pushImage(layout, app, 'alpine:3.20');
  await layout.tag(app.descriptor, 'v1');
  const written = JSON.parse(await readFile(join(directory.path, 'index.json'), 'utf8'));
  expect(written.manifests.map(({ annotations }: { annotations: unknown }) => annotations)).toEqual([
    {
      'org.opencontainers.image.ref.name': 'docker.io/library/alpine:3.20',
      'io.containerd.image.name': 'docker.io/library/alpine:3.20',
    },
    { 'org.opencontainers.image.ref.name': 'v1' },
  ]);
  expect(await layout.images()).toMatchObject([{ names: ['docker.io/library/alpine:3.20', 'v1'] }]);
  for (const name of ['alpine:3.20', 'docker.io/library/alpine:3.20', 'v1']) {
    expect(await layout.resolve(name)).toMatchObject({ digest: app.descriptor.digest });
  }
});

test('a name moves to another image, and several processes may read meanwhile', async () => {
  await using directory = await temporaryDirectory();
  const layout = await openOciLayout(directory.path, { access: 'write' });
  const [old, young] = [image({ seed: 'old' }), index([image({ seed: 'young' })])];
  await pushImage(layout, old, 'x:1');
  await pushImage(layout, young, 'docker.io/library/x:1');
  expect((await layout.resolve('x:1')).digest).toBe(young.descriptor.digest);
  const reader = await openOciLayout(directory.path, { access: 'read' });
  expect((await reader.images()).map(({ names }) => names)).toEqual([['docker.io/library/x:1']]);
});

test('tags given at the same time are all kept', async () => {
  await using directory = await temporaryDirectory();
  const layout = await openOciLayout(directory.path, { access: 'write' });
  const app = image({ seed: 'app' });
  await pushImage(layout, app);
  await Promise.all(Array.from({ length: 20 }, (_, i) => layout.tag(app.descriptor, `v${i}`)));
  expect((await layout.images())[0]?.names).toHaveLength(20);
});

test('a directory that is no layout is refused', async () => {
  await using directory = await temporaryDirectory();
  await expect(openOciLayout(directory.path, { access: 'read' })).rejects.toThrow('is no OCI layout');
});
