/** Content management: "Deleting tags", "Deleting Manifests", "Deleting Blobs". */

import { blob, image, randomBytes } from '@kubecrate/content/testing';
import { digestOf } from '@kubecrate/oci';
import { expect } from 'vitest';
import type { Requirement } from './conformance-suite.ts';

export function managementRequirements(requirement: Requirement): void {
  requirement(
    'a tag is deleted, and its manifest stays',
    async (repository) => {
      const manifest = image({ seed: 'untagged' });
      await repository.pushImage(manifest, 'gone');
      await repository.pushImage(manifest, 'kept');
      expect((await repository.request('DELETE', 'manifests/gone')).status).toBe(202);
      expect((await repository.getManifest('gone')).status).toBe(404);
      expect((await repository.getManifest('kept')).status).toBe(200);
      expect((await repository.getManifest(manifest.descriptor.digest)).status).toBe(200);
    },
    'delete-tag',
  );

  requirement('a manifest is deleted by its digest', async (repository) => {
    const manifest = image({ seed: 'deleted' });
    await repository.pushImage(manifest, 'v1');
    const path = `manifests/${manifest.descriptor.digest}`;
    expect((await repository.request('DELETE', path)).status).toBe(202);
    expect((await repository.getManifest(manifest.descriptor.digest)).status).toBe(404);
    expect((await repository.getManifest('v1')).status).toBe(404);
    expect((await repository.request('DELETE', path)).status).toBe(404);
  });

  requirement('a blob is deleted', async (repository) => {
    const content = blob('application/octet-stream', randomBytes('deleted', 1000));
    await repository.pushBlob(content);
    const path = `blobs/${content.descriptor.digest}`;
    expect((await repository.request('DELETE', path)).status).toBe(202);
    expect((await repository.request('HEAD', path)).status).toBe(404);
    expect((await repository.request('DELETE', path)).status).toBe(404);
  });

  requirement('what is not there cannot be deleted', async (repository) => {
    await repository.pushImage(image({ seed: 'there' }), 'v1');
    for (const path of [`manifests/${digestOf('absent')}`, `blobs/${digestOf('absent')}`]) {
      expect((await repository.request('DELETE', path)).status).toBe(404);
    }
  });
}
