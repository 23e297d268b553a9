/** Laws 4, 5, 7, 8 and 9: what is absent is NotFoundError, what is there can be read from any byte. */

import { NotFoundError } from '@kubecrate/errors';
import { MEDIA_TYPES } from '@kubecrate/oci';
import { expect } from 'vitest';
import type { Law } from './compliance.ts';
import { expectStored, rejectionOf } from './expectations.ts';
import { image } from './image-fixture.ts';
import { blob } from './manifest-fixture.ts';
import { bytesOf, pushBlob } from './push-image.ts';
import { randomBytes } from './random-bytes.ts';

export function readLaws(law: Law): void {
  const content = blob(MEDIA_TYPES.ociLayer, randomBytes('read', 300_000));
  const empty = blob(MEDIA_TYPES.ociLayer, '');

  for (const [name, { descriptor }] of [
    ['a blob', content],
    ['an empty blob', empty],
    ['a manifest', image({ seed: 'read' })],
  ] as const) {
    law(`says that ${name} is not there`, async ({ target }) => {
      expect(await target.exists(descriptor)).toBe(false);
      await expect(target.fetch(descriptor)).rejects.toBeInstanceOf(NotFoundError);
    });
  }

  for (const start of [1, 65_536, 299_999]) {
    law(`reads from byte ${start}`, async ({ target }) => {
      await pushBlob(target, content);
      const rest = await bytesOf(await target.fetch(content.descriptor, { start }));
      expect(rest.equals(content.bytes.subarray(start))).toBe(true);
    });
  }

  for (const start of [300_000, 300_001]) {
    law(`refuses to read from byte ${start} of 300000`, async ({ target }) => {
      await pushBlob(target, content);
      await expect(target.fetch(content.descriptor, { start })).rejects.toHaveProperty('code', 'INVALID_ARGUMENT');
    });
  }

  law('reads an empty blob from byte 0', async ({ target }) => {
    await pushBlob(target, empty);
    expect(await bytesOf(await target.fetch(empty.descriptor, { start: 0 }))).toHaveLength(0);
  });

  law('gives each reader a stream of its own', async (subject) => {
    await pushBlob(subject.target, content);
    const abandoned = await subject.target.fetch(content.descriptor);
    const read = await subject.target.fetch(content.descriptor);
    abandoned.destroy();
    expect((await bytesOf(read)).equals(content.bytes)).toBe(true);
    await expectStored(subject, content);
  });

  law('rejects with the reason of a signal that is aborted already', async ({ target }) => {
    await pushBlob(target, content);
    const reason = new Error('no longer wanted');
    const signal = AbortSignal.abort(reason);
    expect(await rejectionOf(target.fetch(content.descriptor, { signal }))).toBe(reason);
    expect(await rejectionOf(target.exists(content.descriptor, { signal }))).toBe(reason);
    expect(await rejectionOf(target.resolve('v1', { signal }))).toBe(reason);
    expect(await rejectionOf(target.tag(content.descriptor, 'v1', { signal }))).toBe(reason);
  });
}
