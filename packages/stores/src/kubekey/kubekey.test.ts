import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  all,
  bytesOf,
  image,
  index,
  type ManifestFixture,
  pushImage,
  readOnlyTargetComplianceSuite,
  targetComplianceSuite,
} from '@kubecrate/content/testing';
import { digestOf, hexOf } from '@kubecrate/oci';
import { expect, test } from 'vitest';
import { currentOwner } from '../staging/owner.ts';
import { leftoversIn, temporaryDirectory } from '../testing/index.ts';
import { verifyImages } from '../verify/verify-content.ts';
import { openKubekeyDirectory } from './kubekey-directory.ts';

for (const layout of ['v4.0.0', 'v4.0.5'] as const) {
  for (const name of ['docker.io/library/nginx', 'localhost:5000/team/app'] as const) {
    targetComplianceSuite(`${name} in a KubeKey directory of ${layout}`, async () => {
      const directory = await temporaryDirectory();
      const images = await openKubekeyDirectory(directory.path, { access: 'write', layout });
      return {
        target: images.repository(name),
        leftovers: () => leftoversIn(directory.path),
        [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
      };
    });
  }
}

/** As KubeKey itself writes an image: children by digest, and what is tagged by its tag (v4.0.0) or by digest and `layout` (v4.0.5). */
async function writtenByKubekey(
  root: string,
  repository: string,
  manifest: ManifestFixture,
  { tag, version }: { readonly tag: string; readonly version: 'v4.0.0' | 'v4.0.5' },
): Promise<void> {
  const write = async (path: string, bytes: Uint8Array | string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes);
  };
  const writeManifest = async (fixture: ManifestFixture, references: readonly string[]): Promise<void> => {
    for (const child of fixture.manifests) await writeManifest(child, [child.descriptor.digest]);
    for (const { descriptor, bytes } of fixture.blobs) await write(`blobs/${descriptor.digest}`, bytes);
    for (const reference of references) await write(`${repository}/manifests/${reference}`, fixture.bytes);
  };
  await writeManifest(manifest, version === 'v4.0.0' ? [tag] : [manifest.descriptor.digest]);
  if (version === 'v4.0.5') {
    await write(`${repository}/manifests/layout`, JSON.stringify({ [tag]: manifest.descriptor.digest }, undefined, 2));
  }
}

for (const version of ['v4.0.0', 'v4.0.5'] as const) {
  const both = index([
    image({ seed: 'amd' }),
    image({ seed: 'arm', platform: { os: 'linux', architecture: 'arm64' } }),
  ]);
  readOnlyTargetComplianceSuite(
    `a directory that KubeKey ${version} wrote`,
    async (manifest, tag) => {
      const directory = await temporaryDirectory();
      await writtenByKubekey(directory.path, 'registry-1.docker.io/library/nginx', manifest, { tag, version });
      const images = await openKubekeyDirectory(directory.path, { access: 'read' });
      return {
        target: images.repository('docker.io/library/nginx'),
        [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
      };
    },
    { manifest: both },
  );
}

test('images of Docker Hub are written where KubeKey looks for them and where its documents show them', async () => {
  await using directory = await temporaryDirectory();
  const images = await openKubekeyDirectory(directory.path, { access: 'write' });
  const nginx = image({ seed: 'nginx' });
  await pushImage(images.repository('docker.io/library/nginx'), nginx, '1.25');
  for (const folder of ['docker.io', 'registry-1.docker.io']) {
    const manifests = join(directory.path, folder, 'library/nginx/manifests');
    expect(await readdir(manifests)).toEqual(['1.25', nginx.descriptor.digest]);
    expect((await readFile(join(manifests, '1.25'))).equals(nginx.bytes)).toBe(true);
  }
  expect(await readdir(join(directory.path, 'blobs'))).toEqual(
    nginx.blobs.map(({ descriptor }) => descriptor.digest).sort(),
  );
  expect((await images.images()).images).toMatchObject([
    {
      name: 'docker.io/library/nginx:1.25',
      spellings: ['docker.io/library/nginx:1.25', 'registry-1.docker.io/library/nginx:1.25'],
    },
  ]);
});

test('the later layout lists its tags in one file', async () => {
  await using directory = await temporaryDirectory();
  const images = await openKubekeyDirectory(directory.path, { access: 'write', layout: 'v4.0.5' });
  const [one, two] = [image({ seed: 'one' }), image({ seed: 'two' })];
  const repository = images.repository('quay.io/a/b');
  await Promise.all([pushImage(repository, two, '2'), pushImage(repository, one, '1')]);
  const layout = await readFile(join(directory.path, 'quay.io/a/b/manifests/layout'), 'utf8');
  expect(layout).toBe(`{\n  "1": "${one.descriptor.digest}",\n  "2": "${two.descriptor.digest}"\n}`);
});

test('a directory of both generations is listed whole, and stray files are reported and skipped', async () => {
  await using directory = await temporaryDirectory();
  const [old, young, plain] = [image({ seed: 'old' }), image({ seed: 'young' }), image({ seed: 'plain' })];
  const { mediaType: _mediaType, ...rest } = JSON.parse(plain.bytes.toString());
  const bytes = Buffer.from(JSON.stringify(rest));
  const untyped = {
    ...plain,
    bytes,
    descriptor: { ...plain.descriptor, digest: digestOf(bytes), size: bytes.byteLength },
  };
  await writtenByKubekey(directory.path, 'registry-1.docker.io/library/nginx', old, { tag: '1.25', version: 'v4.0.0' });
  await writtenByKubekey(directory.path, 'localhost:5000/team/app', young, { tag: 'v1', version: 'v4.0.5' });
  await writtenByKubekey(directory.path, 'quay.io/a/untyped', untyped, { tag: 'v1', version: 'v4.0.0' });
  await writeFile(join(directory.path, 'notes.txt'), 'hello');
  await writeFile(join(directory.path, 'quay.io/a/untyped/manifests/v2'), 'no manifest');
  const images = await openKubekeyDirectory(directory.path, { access: 'read' });
  const { images: found, broken, strays } = await images.images();
  expect(found.map(({ name, descriptor }) => [name, descriptor.digest])).toEqual([
    ['docker.io/library/nginx:1.25', old.descriptor.digest],
    ['localhost:5000/team/app:v1', young.descriptor.digest],
    ['quay.io/a/untyped:v1', untyped.descriptor.digest],
  ]);
  expect(strays.map(({ path }) => path)).toEqual(['notes.txt']);
  expect(broken).toMatchObject([{ name: 'quay.io/a/untyped:v2', path: 'quay.io/a/untyped/manifests/v2' }]);
  expect(await all(images.repositories())).toEqual([
    'docker.io/library/nginx',
    'localhost:5000/team/app',
    'quay.io/a/untyped',
  ]);
  const untypedTarget = images.repository('quay.io/a/untyped');
  const descriptor = await untypedTarget.resolve('v1');
  expect((await bytesOf(await untypedTarget.fetch(descriptor))).equals(bytes)).toBe(true);
  expect((await verifyImages(untypedTarget, [{ descriptor, name: 'untyped' }])).problems).toEqual([]);
});

for (const layout of ['v4.0.0', 'v4.0.5'] as const) {
  test(`in ${layout}, what no tag has and no index contains is an image by its digest`, async () => {
    await using directory = await temporaryDirectory();
    const images = await openKubekeyDirectory(directory.path, { access: 'write', layout });
    const [one, two, alone] = [image({ seed: 'one' }), image({ seed: 'two' }), image({ seed: 'alone' })];
    const both = index([one, two]);
    const repository = images.repository('docker.io/team/app');
    await pushImage(repository, index([both, alone]), 'v1');
    await pushImage(images.repository('docker.io/team/other'), alone);
    await pushImage(repository, index([two]));
    const { images: found, broken, manifests } = await images.images();
    const [other, tagged, digest] = [alone.descriptor, index([both, alone]).descriptor, index([two]).descriptor].map(
      (descriptor) => descriptor.digest,
    );
    expect(found.map(({ name }) => name)).toEqual([
      'docker.io/team/app:v1',
      `docker.io/team/app@${digest}`,
      `docker.io/team/other@${other}`,
    ]);
    expect(found[1]?.spellings).toContain(`registry-1.docker.io/team/app:${digest}`);
    expect(broken).toEqual([]);
    expect(manifests).toContain(`docker.io/team/app@${tagged}`);
    expect(manifests).toContain(`docker.io/team/app@${two.descriptor.digest}`);
  });
}

test('to a writer, a tag or a manifest that is not whole in every folder is not there', async () => {
  await using directory = await temporaryDirectory();
  const images = await openKubekeyDirectory(directory.path, { access: 'write' });
  const repository = images.repository('docker.io/team/app');
  const app = image({ seed: 'app' });
  await pushImage(repository, app, '1');
  for (const folder of ['docker.io', 'registry-1.docker.io']) {
    const manifests = join(directory.path, folder, 'team/app/manifests');
    await writeFile(join(manifests, '1'), 'x'.repeat(app.bytes.byteLength));
    await expect(repository.resolve('1')).rejects.toHaveProperty('code', 'NOT_FOUND');
    await repository.tag(app.descriptor, '1');
    expect((await repository.resolve('1')).digest).toBe(app.descriptor.digest);
    await writeFile(join(manifests, app.descriptor.digest), 'x'.repeat(app.bytes.byteLength));
    expect(await repository.exists(app.descriptor)).toBe(false);
    await pushImage(repository, app, '1');
    expect(await repository.exists(app.descriptor)).toBe(true);
    expect(await readFile(join(manifests, app.descriptor.digest))).toEqual(app.bytes);
  }
});

test('what killed processes left of blobs that are there by now is removed, and nothing else', async () => {
  await using directory = await temporaryDirectory();
  const images = await openKubekeyDirectory(directory.path, { access: 'write' });
  const app = image({ seed: 'app' });
  await pushImage(images.repository('quay.io/a/b'), app, '1');
  const staging = join(directory.path, '.kubecrate/partial');
  await mkdir(staging, { recursive: true });
  const [here, gone] = [hexOf(app.layers[0]!.descriptor.digest), 'a'.repeat(64)];
  const dead = '999999999-0';
  const ours = currentOwner();
  for (const [name, owner] of [
    [here, dead],
    [here, 'kept'],
    ['file', dead],
    [here, ours],
    [gone, dead],
  ])
    await writeFile(join(staging, `${name}.${owner}.0123456789ab.part`), 'x');
  await images.tidy();
  expect((await readdir(staging)).sort()).toEqual(
    [`${here}.${ours}.0123456789ab.part`, `${gone}.${dead}.0123456789ab.part`].sort(),
  );
});

test('a directory that is not there is not made up', async () => {
  await using directory = await temporaryDirectory();
  const absent = openKubekeyDirectory(join(directory.path, 'nothing'), { access: 'read' });
  await expect(absent).rejects.toHaveProperty('code', 'NOT_FOUND');
});
