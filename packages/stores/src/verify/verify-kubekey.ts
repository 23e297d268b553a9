/** Reading a KubeKey images directory anew. */

import type { OperationOptions } from '@kubecrate/content';
import { openKubekeyDirectory } from '../kubekey/kubekey-directory.ts';
import { Verification, type VerifyReport } from './verify-content.ts';

/**
 * Checks every image of the directory, and reports files that belong to none. Repositories have manifests of their own: each is
 * checked by itself. @throws NotFoundError where the directory is not there
 */
export async function verifyKubekeyDirectory(path: string, options: OperationOptions = {}): Promise<VerifyReport> {
  const directory = await openKubekeyDirectory(path, { access: 'read' });
  const { images, strays } = await directory.images(options);
  const verifications = new Map<string, Verification>();
  for (const { domain, repository, name, descriptor } of images) {
    const place = `${domain}/${repository}`;
    const verification = verifications.get(place) ?? new Verification(directory.repository(place), options);
    verifications.set(place, verification);
    await verification.image({ descriptor, name });
  }
  const reports = [...verifications.values()].map((verification) => verification.report());
  return {
    checked: reports.reduce((sum, { checked }) => sum + checked, 0),
    bytes: reports.reduce((sum, { bytes }) => sum + bytes, 0),
    problems: [
      ...reports.flatMap(({ problems }) => problems),
      ...strays.map(({ path: subject, reason }) => ({
        kind: 'unreferenced' as const,
        subject,
        where: path,
        message: reason,
      })),
    ],
  };
}
