/** Law 6: a tag says what it was told last. */

import { NotFoundError } from '@kubecrate/errors';
import { type Descriptor, MEDIA_TYPES } from '@kubecrate/oci';
import { expect } from 'vitest';
import { chart } from './chart-fixture.ts';
import type { Law } from './compliance.ts';
import { expectStored } from './expectations.ts';
import { image } from './image-fixture.ts';
import { index } from './index-fixture.ts';
import { pushImage } from './push-image.ts';

export function tagLaws(law: Law): void {
  law('resolves a tag and a digest to the manifest', async ({ target }) => {
    const { descriptor, ...rest } = image({ seed: 'tagged' });
    await pushImage(target, { descriptor, ...rest }, 'v1');
    expect(await target.resolve('v1')).toMatchObject(plain(descriptor));
    expect(await target.resolve(descriptor.digest)).toMatchObject(plain(descriptor));
  });

  law('resolves a digest that has no tag', async ({ target }) => {
    const { descriptor, ...rest } = image({ seed: 'untagged' });
    await pushImage(target, { descriptor, ...rest });
    expect(await target.resolve(descriptor.digest)).toMatchObject(plain(descriptor));
  });

  law('keeps indexes, their children and their attestations', async (subject) => {
    const arm = { os: 'linux', architecture: 'arm', variant: 'v7' };
    const both = index([image({ seed: 'amd64' }), image({ seed: 'arm', platform: arm })], { attestations: 'one-each' });
    await pushImage(subject.target, both, 'multi');
    expect(await subject.target.resolve('multi')).toMatchObject(plain(both.descriptor));
    for (const child of both.manifests) {
      await expectStored(subject, child);
      expect(await subject.target.resolve(child.descriptor.digest)).toMatchObject(plain(child.descriptor));
    }
  });

  law('keeps artifacts: a chart with its provenance', async (subject) => {
    const artifact = chart({ name: 'mysql', version: '8.8.19', provenance: '-----BEGIN PGP SIGNED MESSAGE-----' });
    await pushImage(subject.target, artifact, '8.8.19');
    expect(await subject.target.resolve('8.8.19')).toMatchObject({ mediaType: MEDIA_TYPES.ociManifest });
    for (const content of artifact.blobs) await expectStored(subject, content);
  });

  law('says that a tag or a digest is not there', async ({ target }) => {
    const { descriptor } = image({ seed: 'absent' });
    await expect(target.resolve('nothing')).rejects.toBeInstanceOf(NotFoundError);
    await expect(target.resolve(descriptor.digest)).rejects.toBeInstanceOf(NotFoundError);
  });

  law('refuses to tag a manifest that is not stored', async ({ target }) => {
    await expect(target.tag(image({ seed: 'absent' }).descriptor, 'v1')).rejects.toBeInstanceOf(NotFoundError);
    await expect(target.resolve('v1')).rejects.toBeInstanceOf(NotFoundError);
  });

  law('moves a tag, and readers see the old manifest or the new one', async ({ target }) => {
    const [old, next] = [image({ seed: 'old' }), image({ seed: 'new' })];
    await pushImage(target, old, 'moving');
    await pushImage(target, next);
    const allowed = [old.descriptor.digest, next.descriptor.digest];
    let moving = true;
    const reader = (async () => {
      while (moving) expect(allowed).toContain((await target.resolve('moving')).digest);
    })();
    for (let i = 0; i < 10; i += 1) {
      await target.tag(old.descriptor, 'moving');
      await target.tag(next.descriptor, 'moving');
    }
    moving = false;
    await reader;
    expect(await target.resolve('moving')).toMatchObject(plain(next.descriptor));
    expect(await target.resolve(old.descriptor.digest)).toMatchObject(plain(old.descriptor));
  });

  law('gives one manifest several tags, of every spelling', async ({ target }) => {
    const { descriptor, ...rest } = image({ seed: 'many tags' });
    await pushImage(target, { descriptor, ...rest });
    const tags = ['latest', 'V1.0_RC-1', '_', '8.8.19_build.1', 'x'.repeat(128)];
    for (const tag of tags) await target.tag(descriptor, tag);
    for (const tag of tags) expect(await target.resolve(tag)).toMatchObject(plain(descriptor));
  });

  law('takes a manifest and its tag again', async ({ target }) => {
    const again = image({ seed: 'again' });
    await pushImage(target, again, 'v1');
    await pushImage(target, again, 'v1');
    expect(await target.resolve('v1')).toMatchObject(plain(again.descriptor));
  });
}

function plain({ mediaType, digest, size }: Descriptor): Pick<Descriptor, 'mediaType' | 'digest' | 'size'> {
  return { mediaType, digest, size };
}
