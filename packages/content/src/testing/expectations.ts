/** What the laws ask of a target again and again. */

import type { Readable } from 'node:stream';
import { NotFoundError } from '@kubecrate/errors';
import { expect, vi } from 'vitest';
import type { Subject } from './compliance.ts';
import type { BlobFixture } from './manifest-fixture.ts';
import { bytesOf } from './push-image.ts';

/** The content is there and is what it should be. */
export async function expectStored({ target }: Subject, { descriptor, bytes }: BlobFixture): Promise<void> {
  expect(await target.exists(descriptor)).toBe(true);
  const stored = await bytesOf(await target.fetch(descriptor));
  expect(stored.equals(bytes), `the stored bytes of ${descriptor.digest} are those that were pushed`).toBe(true);
}

/** The content is not there, and nothing of it either. */
export async function expectAbsent(subject: Subject, { descriptor }: BlobFixture): Promise<void> {
  expect(await subject.target.exists(descriptor)).toBe(false);
  await expect(subject.target.fetch(descriptor)).rejects.toBeInstanceOf(NotFoundError);
  await expectNoLeftovers(subject);
}

/** No temporary file is left; a store may take a moment to remove it after an abort. */
export async function expectNoLeftovers({ leftovers }: Subject): Promise<void> {
  if (leftovers !== undefined) await vi.waitFor(async () => expect(await leftovers()).toEqual([]), PATIENCE);
}

/** The stream is closed, or will be in a moment. */
export async function expectClosed(stream: Readable): Promise<void> {
  await vi.waitFor(() => expect(stream.destroyed).toBe(true), PATIENCE);
}

/** How an operation failed. */
export async function rejectionOf(operation: Promise<unknown>): Promise<unknown> {
  return operation.then(
    () => expect.fail('the operation resolved'),
    (error: unknown) => error,
  );
}

const PATIENCE = { timeout: 10_000 };
