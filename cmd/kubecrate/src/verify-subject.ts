/** Reading everything anew that an image, a directory or an archive holds. */

import { tmpdir } from 'node:os';
import type { OperationOptions } from '@kubecrate/content';
import { NotFoundError } from '@kubecrate/errors';
import { openImageStore } from '@kubecrate/image-store';
import {
  type NamedImage,
  openArchive,
  openRegistryDirectory,
  type VerifyReport,
  verifyImages,
} from '@kubecrate/stores';
import type { Subject } from './subject.ts';

/** @throws KubecrateError where it cannot be read at all; what is wrong with its content is in the report */
export async function verifySubject(subject: Subject, { signal }: OperationOptions): Promise<VerifyReport> {
  switch (subject.kind) {
    case 'image':
      return await subject.store.verify({ image: subject.name, signal });
    case 'layout':
      return await (await openImageStore(subject.path)).verify({ signal });
    case 'archive': {
      await using archive = await openArchive(subject.path, { signal, temporaryDirectory: tmpdir() });
      return await verifyImages(archive, (await archive.images({ signal })).map(rootOf), { signal });
    }
    case 'registry-directory':
      if (subject.state === 'filled') return await verifyRegistry(subject.path, { signal });
      throw new NotFoundError(
        `${JSON.stringify(subject.path)} holds no images: it has no docker/registry/v2 and no oci-layout`,
      );
  }
}

function rootOf({ descriptor, names }: NamedImage): { descriptor: NamedImage['descriptor']; name: string } {
  return { descriptor, name: names[0] ?? descriptor.digest };
}

/** Every manifest of every repository, with what it needs from that repository. */
async function verifyRegistry(directory: string, { signal }: OperationOptions): Promise<VerifyReport> {
  const namespace = await openRegistryDirectory(directory, { access: 'read' });
  const reports: VerifyReport[] = [];
  for await (const name of namespace.repositories({ signal })) {
    const repository = namespace.repository(name);
    const roots = [];
    for await (const tag of repository.tags({ signal }))
      roots.push({ descriptor: await repository.resolve(tag, { signal }), name: `${name}:${tag}` });
    for (const digest of await repository.revisions())
      roots.push({ descriptor: await repository.resolve(digest, { signal }), name: `${name}@${digest}` });
    reports.push(await verifyImages(repository, roots, { signal }));
  }
  return {
    checked: reports.reduce((sum, { checked }) => sum + checked, 0),
    bytes: reports.reduce((sum, { bytes }) => sum + bytes, 0),
    problems: reports.flatMap(({ problems }) => problems),
  };
}
