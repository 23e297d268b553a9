/** Laws 1 and 8: what is pushed is there, whoever pushed it, and its stream is closed. */

import { MEDIA_TYPES } from '@kubecrate/oci';
import { expect } from 'vitest';
import type { Law } from './compliance.ts';
import { expectClosed, expectNoLeftovers, expectStored } from './expectations.ts';
import { image } from './image-fixture.ts';
import { index } from './index-fixture.ts';
import { blob } from './manifest-fixture.ts';
import { pushBlob, pushImage, streamOf } from './push-image.ts';
import { randomBytes } from './random-bytes.ts';

export function pushLaws(law: Law): void {
  for (const [name, size] of [
    ['an empty blob', 0],
    ['a blob of one byte', 1],
    ['a blob of 5 MiB', 5 * 1024 * 1024],
    ['a blob of no round size', 1_234_567],
  ] as const) {
    law(`stores ${name} and gives it back`, async (subject) => {
      const content = blob(MEDIA_TYPES.ociLayer, randomBytes(name, size));
      await pushBlob(subject.target, content);
      await expectStored(subject, content);
      await expectNoLeftovers(subject);
    });
  }

  law('stores an image with its manifest, byte for byte', async (subject) => {
    const { config, layers, descriptor, ...rest } = image({ seed: 'push' });
    await pushImage(subject.target, { ...rest, descriptor }, 'v1');
    for (const content of [config, ...layers, { ...rest, descriptor }]) await expectStored(subject, content);
  });

  law('stores Docker manifests and lists as it stores those of OCI', async (subject) => {
    const list = index([image({ seed: 'docker', format: 'docker' })], { format: 'docker' });
    await pushImage(subject.target, list, 'docker');
    await expectStored(subject, list);
    expect(await subject.target.resolve('docker')).toMatchObject({ mediaType: MEDIA_TYPES.dockerManifestList });
  });

  law('resolves where the content is stored already', async (subject) => {
    const content = blob(MEDIA_TYPES.ociLayer, randomBytes('twice', 100_000));
    await pushBlob(subject.target, content);
    await pushBlob(subject.target, content);
    await expectStored(subject, content);
    await expectNoLeftovers(subject);
  });

  law('resolves for each of several pushes of one blob at a time', async (subject) => {
    const content = blob(MEDIA_TYPES.ociLayer, randomBytes('at once', 700_000));
    await Promise.all(Array.from({ length: 4 }, () => pushBlob(subject.target, content)));
    await expectStored(subject, content);
    await expectNoLeftovers(subject);
  });

  law('takes many different blobs at a time', async (subject) => {
    const blobs = Array.from({ length: 12 }, (_, i) => blob(MEDIA_TYPES.ociLayer, randomBytes(i, 10_000 + i)));
    await Promise.all(blobs.map((content) => pushBlob(subject.target, content)));
    for (const content of blobs) await expectStored(subject, content);
  });

  law('closes the stream that it was given', async ({ target }) => {
    const content = blob(MEDIA_TYPES.ociLayer, randomBytes('closed', 300_000));
    for (const stream of [streamOf(content.bytes), streamOf(content.bytes)]) {
      await target.push(content.descriptor, stream);
      await expectClosed(stream);
    }
  });
}
