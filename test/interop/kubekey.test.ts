// Images directories as the generations of KubeKey write them: listed, verified, copied, and pushed to Docker's registry.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { image, index, type ManifestFixture } from '@kubecrate/content/testing';
import { type Descriptor, descriptorOf, MEDIA_TYPES, parsePlatform } from '@kubecrate/oci';
import { expect, test } from 'vitest';
import { openWorkspace } from '../cli/kubecrate.ts';
import { startDockerRegistry } from '../fixtures/docker-registry.ts';
import { describePeer } from '../fixtures/peers.ts';
import { skopeo } from '../fixtures/skopeo.ts';

const AMD64 = image({ seed: 'amd64', format: 'docker' });
const ARM = index(
  [
    image({ seed: 'a' }),
    image({ seed: 'b', platform: parsePlatform('linux/arm/v6') }),
    image({ seed: 'c', platform: parsePlatform('linux/arm/v7') }),
  ],
  { attestations: 'one-each' },
);
const UNTYPED = withoutMediaType(image({ seed: 'untyped' }));

/** By the folder of the registry: Docker Hub, one with a port, and an image whose manifest does not say what it is. */
const IMAGES: readonly (readonly [string, string, ManifestFixture])[] = [
  ['localhost:5000/team/app', 'v1', AMD64],
  ['quay.io/a/untyped', 'v1', UNTYPED],
  ['registry-1.docker.io/library/nginx', '1.25', AMD64],
  ['registry.k8s.io/coredns/coredns', 'v1.12.1', ARM],
];

function withoutMediaType(fixture: ManifestFixture): ManifestFixture {
  const { mediaType: _, ...rest } = JSON.parse(fixture.bytes.toString()) as { mediaType: string };
  const bytes = Buffer.from(JSON.stringify(rest));
  return { ...fixture, bytes, descriptor: descriptorOf(MEDIA_TYPES.ociManifest, bytes) };
}

type Generation = 'v4.0.0' | 'v4.0.6';

/** What KubeKey itself leaves: up to v4.0.3 a file for each tag, later a list of them in the file `layout`. */
async function writeImagesDirectory(root: string, generation: Generation): Promise<void> {
  for (const [folder, tag, fixture] of IMAGES) {
    const manifests = join(root, folder, 'manifests');
    if (generation === 'v4.0.0') await write(join(manifests, tag), fixture.bytes);
    else {
      await write(join(manifests, fixture.descriptor.digest), fixture.bytes);
      await write(
        join(manifests, 'layout'),
        Buffer.from(JSON.stringify({ [tag]: fixture.descriptor.digest }, null, 2)),
      );
    }
    await writeContent(root, manifests, fixture);
  }
}

async function writeContent(
  root: string,
  manifests: string,
  { blobs, manifests: children }: ManifestFixture,
): Promise<void> {
  for (const blob of blobs) await write(join(root, 'blobs', blob.descriptor.digest), blob.bytes);
  for (const child of children) {
    await write(join(manifests, child.descriptor.digest), child.bytes);
    await writeContent(root, manifests, child);
  }
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

const DEST =
  '/{{ .module.image.src.reference.registry | replace ":" "-" }}/{{ .module.image.src.reference.repository }}:{{ .module.image.src.reference.reference }}';

/** Where {@link DEST} brings each image. */
const PUSHED: readonly (readonly [string, Descriptor, Buffer])[] = [
  ['docker.io/library/nginx:1.25', AMD64.descriptor, AMD64.bytes],
  ['localhost-5000/team/app:v1', AMD64.descriptor, AMD64.bytes],
  ['quay.io/a/untyped:v1', UNTYPED.descriptor, UNTYPED.bytes],
  ['registry.k8s.io/coredns/coredns:v1.12.1', ARM.descriptor, ARM.bytes],
];

describePeer(['docker-registry', 'skopeo'], 'images directories of KubeKey', () => {
  test.each<[Generation, Generation]>([
    ['v4.0.0', 'v4.0.6'],
    ['v4.0.6', 'v4.0.0'],
  ])('of %s are verified, copied into the form of %s, and pushed', async (written, wanted) => {
    await using workspace = await openWorkspace();
    await using registry = await startDockerRegistry();
    await writeImagesDirectory(join(workspace.directory, 'images'), written);
    await writeFile(join(workspace.directory, 'images', 'notes.json'), '{"a":1}');
    expect(await workspace.ok(['verify', './images'])).toContain('everything is whole');
    const layout = wanted === 'v4.0.0' ? 'v4.0.0' : 'v4.0.5';
    const copied = await workspace.run(['image', 'copy', '--from', 'images', '--to', 'copy', '--layout', layout]);
    expect(copied).toMatchObject({ code: 0, stderr: expect.stringContaining('images/notes.json is passed over') });
    expect(await workspace.ok(['verify', './copy'])).toContain('everything is whole');
    const manifests = join(workspace.directory, 'copy/localhost:5000/team/app/manifests');
    expect((await readdir(manifests)).includes('layout')).toBe(wanted === 'v4.0.6');
    const reference = wanted === 'v4.0.6' ? AMD64.descriptor.digest : 'v1';
    expect(await readFile(join(manifests, reference))).toEqual(AMD64.bytes);
    for (const directory of ['images', 'copy']) {
      const push = ['image', 'push', '--images-dir', directory, '--dest', `${registry.host}/${directory}${DEST}`];
      const plan = await workspace.ok([...push, '--dry-run']);
      expect(
        plan
          .trim()
          .split('\n')
          .map((line) => line.split(' => ')[1]),
      ).toEqual(PUSHED.map(([name]) => `${registry.host}/${directory}/${name}`));
      expect(await workspace.ok(push)).toContain('Success');
      for (const [name, , bytes] of PUSHED) {
        const url = `docker://${registry.host}/${directory}/${name}`;
        expect(await skopeo(['inspect', '--raw', url], workspace.home)).toBe(bytes.toString());
      }
    }
    const oci = `dir:${join(workspace.home, 'coredns')}`;
    const coredns = `docker://${registry.host}/images/registry.k8s.io/coredns/coredns:v1.12.1`;
    await skopeo(
      ['copy', '--override-os', 'linux', '--override-arch', 'arm', '--override-variant', 'v7', coredns, oci],
      workspace.home,
    );
  });

  test('what a registry holds is pulled for a platform, and pushed to another registry', async () => {
    await using workspace = await openWorkspace();
    await using registry = await startDockerRegistry();
    await writeImagesDirectory(join(workspace.directory, 'images'), 'v4.0.0');
    await workspace.ok(['image', 'push', '--images-dir', 'images', '--dest', `${registry.host}${DEST}`]);
    const name = `${registry.host}/registry.k8s.io/coredns/coredns:v1.12.1`;
    await workspace.ok(['image', 'pull', '--images-dir', 'v7', '--platform', 'linux/arm/v7', name]);
    await workspace.ok(['verify', './v7']);
    await using other = await startDockerRegistry();
    await workspace.ok(['image', 'push', '--images-dir', 'v7', '--dest', `${other.host}/coredns`]);
    const inspected = JSON.parse(
      await skopeo(
        [
          'inspect',
          '--override-os',
          'linux',
          '--override-arch',
          'arm',
          '--override-variant',
          'v7',
          `docker://${other.host}/coredns:v1.12.1`,
        ],
        workspace.home,
      ),
    ) as { Architecture: string };
    expect(inspected.Architecture).toBe('arm');
  });
});
