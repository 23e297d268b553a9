/** Laws 2, 3, 7 and 8: a push that fails leaves nothing behind. */

import { Readable } from 'node:stream';
import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import { type Descriptor, digestOf, MEDIA_TYPES } from '@kubecrate/oci';
import { expect } from 'vitest';
import type { Law, Subject } from './compliance.ts';
import { expectAbsent, expectClosed, expectNoLeftovers, expectStored, rejectionOf } from './expectations.ts';
import { type BlobFixture, blob } from './manifest-fixture.ts';
import { pushBlob, streamOf } from './push-image.ts';
import { randomBytes } from './random-bytes.ts';

const SIZE = 200_000;

export function failedPushLaws(law: Law): void {
  const { descriptor, bytes }: BlobFixture = blob(MEDIA_TYPES.ociLayer, randomBytes('failed push', SIZE));

  law('refuses content of another digest', async (subject) => {
    const other = randomBytes('something else', SIZE);
    await expectRefused(subject, descriptor, streamOf(other), 'DIGEST_MISMATCH');
    await expectAbsent(subject, blob(MEDIA_TYPES.ociLayer, other));
  });

  law('refuses content that is too short', async (subject) => {
    await expectRefused(subject, descriptor, streamOf(bytes.subarray(0, SIZE - 1)), 'SIZE_MISMATCH');
  });

  law('refuses an empty stream where there should be bytes', async (subject) => {
    await expectRefused(subject, descriptor, streamOf(Buffer.alloc(0)), 'SIZE_MISMATCH');
  });

  law('refuses content that is one byte too long', async (subject) => {
    await expectRefused(subject, descriptor, streamOf(Buffer.concat([bytes, Buffer.of(0)])), 'SIZE_MISMATCH');
  });

  law('refuses one byte where nothing is expected', async (subject) => {
    const nothing = { mediaType: MEDIA_TYPES.ociLayer, digest: digestOf(''), size: 0 };
    await expectRefused(subject, nothing, streamOf(Buffer.of(0)), 'SIZE_MISMATCH');
  });

  law('does not go on reading content without an end', async (subject) => {
    let given = 0;
    const endless = Readable.from(
      (async function* () {
        for (; ; given += 65_536) yield Buffer.alloc(65_536);
      })(),
      { objectMode: false },
    );
    await expectRefused(subject, descriptor, endless, 'SIZE_MISMATCH');
    expect(given).toBeLessThan(50 * SIZE);
  });

  law('fails where the stream fails', async (subject) => {
    const error = new Error('the source broke');
    const broken = Readable.from(
      (async function* () {
        yield bytes.subarray(0, SIZE / 2);
        throw error;
      })(),
      { objectMode: false },
    );
    expect(await rejectionOf(subject.target.push(descriptor, broken))).not.toBeInstanceOf(NotFoundError);
    await expectAbsent(subject, { descriptor, bytes });
  });

  law('stops at an abort in the middle, with its reason', async (subject) => {
    const { stream, stalled } = stalling(bytes.subarray(0, SIZE / 2));
    const controller = new AbortController();
    const pushing = rejectionOf(subject.target.push(descriptor, stream, { signal: controller.signal }));
    await stalled;
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await pushing).toBe(reason);
    await expectClosed(stream);
    await expectAbsent(subject, { descriptor, bytes });
  });

  law('closes the stream of a push that was aborted before it began', async (subject) => {
    const stream = streamOf(bytes);
    const reason = new Error('never mind');
    const signal = AbortSignal.abort(reason);
    expect(await rejectionOf(subject.target.push(descriptor, stream, { signal }))).toBe(reason);
    await expectClosed(stream);
    await expectAbsent(subject, { descriptor, bytes });
  });

  law('shows nothing before all of it is there', async (subject) => {
    const { stream, stalled, resume } = stalling(bytes.subarray(0, SIZE / 2), bytes.subarray(SIZE / 2));
    const pushing = subject.target.push(descriptor, stream);
    await stalled;
    expect(await subject.target.exists(descriptor)).toBe(false);
    await expect(subject.target.fetch(descriptor)).rejects.toBeInstanceOf(NotFoundError);
    resume();
    await pushing;
    await expectStored(subject, { descriptor, bytes });
  });

  law('succeeds at the second try', async (subject) => {
    await rejectionOf(subject.target.push(descriptor, streamOf(bytes.subarray(0, SIZE / 2))));
    await pushBlob(subject.target, { descriptor, bytes });
    await expectStored(subject, { descriptor, bytes });
    await expectNoLeftovers(subject);
  });

  law('does not take another push of the same blob down with it', async (subject) => {
    const { stream, stalled } = stalling(bytes.subarray(0, SIZE / 2));
    const controller = new AbortController();
    const aborted = rejectionOf(subject.target.push(descriptor, stream, { signal: controller.signal }));
    await stalled;
    const wrong = rejectionOf(subject.target.push(descriptor, streamOf(randomBytes('wrong', SIZE))));
    const good = pushBlob(subject.target, { descriptor, bytes });
    controller.abort(new Error('not this one'));
    await Promise.all([aborted, wrong, good]);
    await expectStored(subject, { descriptor, bytes });
    await expectNoLeftovers(subject);
  });

  law('leaves stored content as it is when wrong bytes come for it', async (subject) => {
    await pushBlob(subject.target, { descriptor, bytes });
    // A store may see that it has the content and not look at the stream: resolving is as right as refusing.
    await subject.target.push(descriptor, streamOf(randomBytes('wrong', SIZE))).catch(() => undefined);
    await expectStored(subject, { descriptor, bytes });
    await expectNoLeftovers(subject);
  });
}

async function expectRefused(
  subject: Subject,
  descriptor: Descriptor,
  stream: Readable,
  code: 'SIZE_MISMATCH' | 'DIGEST_MISMATCH',
): Promise<void> {
  const error = await rejectionOf(subject.target.push(descriptor, stream));
  expect(error).toBeInstanceOf(KubecrateError);
  expect(error).toHaveProperty('code', code);
  await expectClosed(stream);
  await expectAbsent(subject, { descriptor, bytes: Buffer.alloc(0) });
}

/** A stream that gives `first`, says so, and waits for `resume` before it gives `rest`. */
function stalling(
  first: Uint8Array,
  rest: Uint8Array = Buffer.alloc(0),
): { stream: Readable; stalled: Promise<void>; resume: () => void } {
  let say = (): void => undefined;
  let resume = (): void => undefined;
  const stalled = new Promise<void>((resolve) => {
    say = resolve;
  });
  const resumed = new Promise<void>((resolve) => {
    resume = resolve;
  });
  let step = 0;
  const stream = new Readable({
    read(): void {
      step += 1;
      if (step === 1) this.push(first);
      if (step !== 2) return;
      say();
      void resumed.then(() => {
        this.push(rest);
        this.push(null);
      });
    },
  });
  return { stream, stalled, resume: () => resume() };
}
