/** The reading half of the laws, for what cannot be written to: archives, layouts and directories as they are found. */

import { NotFoundError } from '@kubecrate/errors';
import { isManifestMediaType } from '@kubecrate/oci';
import { describe, expect, test } from 'vitest';
import { isLocator, isTagLister } from '../powers.ts';
import type { ReadOnlyTarget } from '../target.ts';
import { rejectionOf } from './expectations.ts';
import { image } from './image-fixture.ts';
import { bytesOfSegment } from './local-laws.ts';
import type { BlobFixture, ManifestFixture } from './manifest-fixture.ts';
import { all, bytesOf } from './push-image.ts';

/** A target that holds one manifest, and all that is under it, as `tag`. */
export interface ReadOnlySubject extends AsyncDisposable {
  readonly target: ReadOnlyTarget;
}

/** Checks what `open` makes of an image of two layers and a tag. */
export function readOnlyTargetComplianceSuite(
  title: string,
  open: (manifest: ManifestFixture, tag: string) => Promise<ReadOnlySubject>,
  { manifest = image({ seed: 'read only' }) }: { readonly manifest?: ManifestFixture } = {},
): void {
  const law = (sentence: string, check: (target: ReadOnlyTarget, skip: (why: string) => void) => Promise<void>): void =>
    test(sentence, async ({ skip }) => {
      await using subject = await open(manifest, 'v1');
      await check(subject.target, skip);
    });
  const contents = contentsOf(manifest);
  const largest = contents.reduce((a, b) => (b.bytes.byteLength > a.bytes.byteLength ? b : a));
  const absent = image({ seed: 'absent' });

  describe(title, () => {
    law('gives every byte of every content', async (target) => {
      for (const { descriptor, bytes } of contents) {
        expect(await target.exists(descriptor)).toBe(true);
        expect((await bytesOf(await target.fetch(descriptor))).equals(bytes)).toBe(true);
      }
    });

    law('reads from any byte, and refuses to start at the end', async (target) => {
      const { descriptor, bytes } = largest;
      for (const start of [0, 1, bytes.byteLength - 1]) {
        expect((await bytesOf(await target.fetch(descriptor, { start }))).equals(bytes.subarray(start))).toBe(true);
      }
      const atEnd = target.fetch(descriptor, { start: bytes.byteLength });
      await expect(atEnd).rejects.toHaveProperty('code', 'INVALID_ARGUMENT');
    });

    law('resolves the tag, and the digest of every manifest', async (target) => {
      const { mediaType, digest, size } = manifest.descriptor;
      expect(await target.resolve('v1')).toMatchObject({ mediaType, digest, size });
      for (const { descriptor } of contents.filter(({ descriptor }) => isManifestMediaType(descriptor.mediaType))) {
        expect(await target.resolve(descriptor.digest)).toMatchObject({ digest: descriptor.digest });
      }
    });

    law('says that content, a tag, a digest are not there', async (target) => {
      for (const { descriptor } of contentsOf(absent)) {
        expect(await target.exists(descriptor)).toBe(false);
        await expect(target.fetch(descriptor)).rejects.toBeInstanceOf(NotFoundError);
      }
      for (const name of ['nothing', absent.descriptor.digest]) {
        await expect(target.resolve(name)).rejects.toBeInstanceOf(NotFoundError);
      }
    });

    law('rejects with the reason of a signal that is aborted already', async (target) => {
      const reason = new Error('no longer wanted');
      const signal = AbortSignal.abort(reason);
      expect(await rejectionOf(target.fetch(largest.descriptor, { signal }))).toBe(reason);
      expect(await rejectionOf(target.exists(largest.descriptor, { signal }))).toBe(reason);
      expect(await rejectionOf(target.resolve('v1', { signal }))).toBe(reason);
    });

    law('lists the tag', async (target, skip) => {
      if (!isTagLister(target)) return skip('it is no TagLister');
      expect(await all(target.tags())).toEqual(['v1']);
    });

    law('says where its content lies', async (target, skip) => {
      if (!isLocator(target)) return skip('it is no Locator');
      await expect(target.locate(absent.descriptor)).rejects.toBeInstanceOf(NotFoundError);
      for (const { descriptor, bytes } of contents) {
        const segments = (await target.locate(descriptor)) ?? [];
        const parts = await Promise.all(segments.map(bytesOfSegment));
        if (parts.length > 0) expect(Buffer.concat(parts).equals(bytes)).toBe(true);
      }
    });
  });
}

function contentsOf(manifest: ManifestFixture): readonly BlobFixture[] {
  return [...manifest.manifests.flatMap(contentsOf), ...manifest.blobs, manifest];
}
