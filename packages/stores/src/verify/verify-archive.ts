/** Reading an archive anew. */

import type { OperationOptions } from '@kubecrate/content';
import type { ImageArchive } from '../archive/image-archive.ts';
import { Verification, type VerifyReport } from './verify-content.ts';

/** Checks every image of an archive, and reports content that belongs to none. */
export async function verifyArchive(archive: ImageArchive, options: OperationOptions = {}): Promise<VerifyReport> {
  const verification = new Verification(archive, options);
  for (const { descriptor, names } of await archive.images(options)) {
    await verification.image({ descriptor, name: names[0] ?? descriptor.digest });
  }
  const { seen } = verification;
  for (const digest of await archive.digests()) {
    if (seen.has(digest)) continue;
    verification.add({
      kind: 'unreferenced',
      subject: digest,
      where: 'the archive',
      message: `no image of the archive needs ${digest}`,
    });
  }
  return verification.report();
}
