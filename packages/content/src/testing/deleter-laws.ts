/** Deleter. */

import { hasCode, NotFoundError } from '@kubecrate/errors';
import { MEDIA_TYPES } from '@kubecrate/oci';
import { expect, type TestContext } from 'vitest';
import { isDeleter } from '../powers.ts';
import type { Law } from './compliance.ts';
import { expectStored } from './expectations.ts';
import { image } from './image-fixture.ts';
import { blob } from './manifest-fixture.ts';
import { pushBlob, pushImage } from './push-image.ts';
import { randomBytes } from './random-bytes.ts';

export function deleterLaws(law: Law): void {
  law('deletes a manifest and its tags, and no other', async (subject, context) => {
    const { target } = subject;
    if (!isDeleter(target)) return context.skip('it is no Deleter');
    const [gone, kept] = [image({ seed: 'gone' }), image({ seed: 'kept' })];
    await pushImage(target, gone, 'gone');
    await target.tag(gone.descriptor, 'gone-too');
    await pushImage(target, kept, 'kept');
    await supported(context, target.delete(gone.descriptor));
    expect(await target.exists(gone.descriptor)).toBe(false);
    for (const name of ['gone', 'gone-too', gone.descriptor.digest]) {
      await expect(target.resolve(name)).rejects.toBeInstanceOf(NotFoundError);
    }
    expect((await target.resolve('kept')).digest).toBe(kept.descriptor.digest);
    await expectStored(subject, kept);
  });

  law('deletes a blob, which can then be pushed anew', async (subject, context) => {
    const { target } = subject;
    if (!isDeleter(target)) return context.skip('it is no Deleter');
    const content = blob(MEDIA_TYPES.ociLayer, randomBytes('deleted', 1000));
    await pushBlob(target, content);
    await supported(context, target.delete(content.descriptor));
    expect(await target.exists(content.descriptor)).toBe(false);
    await expect(target.fetch(content.descriptor)).rejects.toBeInstanceOf(NotFoundError);
    await pushBlob(target, content);
    await expectStored(subject, content);
  });

  law('removes a tag and keeps its manifest', async (subject, context) => {
    const { target } = subject;
    if (!isDeleter(target)) return context.skip('it is no Deleter');
    const untagged = image({ seed: 'untag' });
    await pushImage(target, untagged, 'one');
    await target.tag(untagged.descriptor, 'two');
    await supported(context, target.untag('one'));
    await expect(target.resolve('one')).rejects.toBeInstanceOf(NotFoundError);
    expect((await target.resolve('two')).digest).toBe(untagged.descriptor.digest);
    await expectStored(subject, untagged);
  });

  law('says that what should be deleted is not there', async ({ target }, context) => {
    if (!isDeleter(target)) return context.skip('it is no Deleter');
    const absent = image({ seed: 'absent' });
    await expectNotFound(context, target.delete(absent.descriptor));
    await expectNotFound(context, target.delete(absent.config.descriptor));
    await expectNotFound(context, target.untag('absent'));
  });
}

async function expectNotFound(context: TestContext, operation: Promise<void>): Promise<void> {
  await expect(supported(context, operation)).rejects.toBeInstanceOf(NotFoundError);
}

/** A registry may be set up not to delete; that is its right, and the test says so. */
async function supported(context: TestContext, operation: Promise<void>): Promise<void> {
  try {
    await operation;
  } catch (error) {
    if (hasCode(error, 'UNSUPPORTED')) return context.skip('the registry does not delete');
    throw error;
  }
}
