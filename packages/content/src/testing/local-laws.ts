/** Mounter, Linker, Locator and BulkReceiver: content that moves without a stream. */

import { createHash } from 'node:crypto';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NotFoundError } from '@kubecrate/errors';
import { digestFrom, MEDIA_TYPES } from '@kubecrate/oci';
import { expect } from 'vitest';
import { type Fill, isBlobResolver, isBulkReceiver, isLinker, isLocator, isMounter, type Segment } from '../powers.ts';
import type { Law } from './compliance.ts';
import { expectAbsent, expectNoLeftovers, expectStored, rejectionOf } from './expectations.ts';
import { blob } from './manifest-fixture.ts';
import { pushBlob } from './push-image.ts';
import { randomBytes } from './random-bytes.ts';

export function localLaws(law: Law): void {
  const content = blob(MEDIA_TYPES.ociLayer, randomBytes('local', 150_000));
  const { descriptor, bytes } = content;

  law('mounts a blob from another repository of its space', async (subject, { skip }) => {
    const { target, sibling } = subject;
    if (!isMounter(target) || sibling === undefined) return skip('it is no Mounter');
    expect(target.space).toBe(sibling.space);
    expect(await target.mount(descriptor, sibling.repository)).toBe('declined');
    await expectAbsent(subject, content);
    await pushBlob(sibling, content);
    expect(await target.exists(descriptor)).toBe(false);
    expect(await target.mount(descriptor, sibling.repository)).toBe('mounted');
    await expectStored(subject, content);
  });

  law('mounts a blob from wherever it is, or declines', async (subject, { skip }) => {
    const { target, sibling } = subject;
    if (!isMounter(target) || sibling === undefined) return skip('it is no Mounter');
    expect(await target.mount(descriptor, undefined)).toBe('declined');
    await pushBlob(sibling, content);
    if ((await target.mount(descriptor, undefined)) === 'mounted') await expectStored(subject, content);
    else await expectAbsent(subject, content);
  });

  law('knows a blob by its digest alone', async ({ target }, { skip }) => {
    if (!isBlobResolver(target)) return skip('it is no BlobResolver');
    await expect(target.resolveBlob(descriptor.digest)).rejects.toBeInstanceOf(NotFoundError);
    await pushBlob(target, content);
    const { digest, size } = descriptor;
    expect(await target.resolveBlob(digest)).toMatchObject({ digest, size });
  });

  law('takes a file by link, or declines and leaves all as it was', async (subject, { skip }) => {
    const { target } = subject;
    if (!isLinker(target)) return skip('it is no Linker');
    await using directory = await temporaryDirectory();
    const path = join(directory.path, 'blob');
    await writeFile(path, bytes);
    const answer = await target.link(descriptor, path);
    if (answer === 'linked') await expectStored(subject, content);
    else await expectAbsent(subject, content);
    await rm(path);
    if (answer === 'linked') await expectStored(subject, content);
    await expectNoLeftovers(subject);
  });

  law('links a blob that it has already', async (subject, { skip }) => {
    const { target } = subject;
    if (!isLinker(target)) return skip('it is no Linker');
    await using directory = await temporaryDirectory();
    const path = join(directory.path, 'blob');
    await writeFile(path, bytes);
    await pushBlob(target, content);
    await target.link(descriptor, path);
    await expectStored(subject, content);
    await expectNoLeftovers(subject);
  });

  law('fails to link a file that is not there', async (subject, { skip }) => {
    if (!isLinker(subject.target)) return skip('it is no Linker');
    await using directory = await temporaryDirectory();
    await rejectionOf(subject.target.link(descriptor, join(directory.path, 'nothing')));
    await expectAbsent(subject, content);
  });

  law('says where its content lies', async ({ target }, { skip }) => {
    if (!isLocator(target)) return skip('it is no Locator');
    await expect(target.locate(descriptor)).rejects.toBeInstanceOf(NotFoundError);
    await pushBlob(target, content);
    const segments = await target.locate(descriptor);
    if (segments === undefined) return;
    const parts = await Promise.all(segments.map(bytesOfSegment));
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
  });

  law('lets a file be filled and shows it then', async (subject, { skip }) => {
    const { target } = subject;
    if (!isBulkReceiver(target)) return skip('it is no BulkReceiver');
    expect(await target.receive(descriptor, filling(bytes))).toBe('received');
    await expectStored(subject, content);
    await expectNoLeftovers(subject);
  });

  law('shows nothing where the file is not filled', async (subject, { skip }) => {
    const { target } = subject;
    if (!isBulkReceiver(target)) return skip('it is no BulkReceiver');
    expect(await target.receive(descriptor, async () => 'declined')).toBe('declined');
    await expectAbsent(subject, content);
  });

  law('goes on after a fill that failed', async (subject, { skip }) => {
    const { target } = subject;
    if (!isBulkReceiver(target)) return skip('it is no BulkReceiver');
    const error = new Error('the connection broke');
    const half: Fill = async ({ path }) => {
      await writeFile(path, bytes.subarray(0, 1000));
      throw error;
    };
    expect(await rejectionOf(target.receive(descriptor, half))).toBe(error);
    expect(await target.exists(descriptor)).toBe(false);
    expect(await target.receive(descriptor, filling(bytes))).toBe('received');
    await expectStored(subject, content);
    await expectNoLeftovers(subject);
  });
}

function filling(bytes: Uint8Array): Fill {
  return async ({ path, framing }) => {
    await writeFile(path, bytes);
    if (framing === undefined) return {};
    return { framed: digestFrom(createHash('sha256').update(framing.before).update(bytes).update(framing.after)) };
  };
}

/** What a segment stands for. */
export async function bytesOfSegment(segment: Segment): Promise<Buffer> {
  if (segment.kind === 'literal') return Buffer.from(segment.bytes);
  const { path, offset, length } = segment;
  await using file = await open(path);
  const { buffer } = await file.read({ buffer: Buffer.alloc(length), position: offset });
  return buffer;
}

async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'kubecrate-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
