/** Pull: "Pulling manifests", "Pulling blobs", "Checking if content exists in the registry". */

import { blob, chart, image, index, randomBytes } from '@kubecrate/content/testing';
import { digestOf } from '@kubecrate/oci';
import { expect } from 'vitest';
import type { Requirement } from './conformance-suite.ts';
import { expectError } from './registry-under-test.ts';

export function pullRequirements(requirement: Requirement): void {
  requirement('GET /v2/ answers 200 where the API is there', async (repository) => {
    expect((await repository.request('GET', '/v2/')).status).toBe(200);
  });

  for (const [name, manifest] of [
    ['an image', image({ seed: 'oci' })],
    ['an image of Docker', image({ seed: 'docker', format: 'docker' })],
    ['an index', index([image({ seed: 1 }), image({ seed: 2 })], { attestations: 'one-each' })],
    ['an artifact', chart({ name: 'mysql', version: '1.0.0' })],
  ] as const) {
    requirement(`${name} is pulled as it was pushed, by tag and by digest`, async (repository) => {
      await repository.pushImage(manifest, 'v1');
      await repository.pushImage(manifest);
      for (const reference of ['v1', manifest.descriptor.digest]) {
        const response = await repository.getManifest(reference);
        expect(response.status).toBe(200);
        expect(response.headers.get('content-type')).toBe(manifest.descriptor.mediaType);
        expect(response.headers.get('docker-content-digest')).toBe(manifest.descriptor.digest);
        expect(Buffer.from(await response.arrayBuffer()).equals(manifest.bytes)).toBe(true);
      }
    });
  }

  requirement('HEAD of a manifest gives its length and digest', async (repository) => {
    const manifest = image({ seed: 'head' });
    await repository.pushImage(manifest, 'v1');
    const response = await repository.getManifest('v1', 'HEAD');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(manifest.bytes.byteLength));
    expect(response.headers.get('docker-content-digest')).toBe(manifest.descriptor.digest);
    expect(await response.text()).toBe('');
  });

  requirement('a manifest that is not there is 404 MANIFEST_UNKNOWN', async (repository) => {
    await repository.pushImage(image({ seed: 'there' }), 'v1');
    const { digest } = image({ seed: 'absent' }).descriptor;
    for (const reference of ['v2', digest]) {
      await expectError(await repository.getManifest(reference), 404, 'MANIFEST_UNKNOWN');
      expect((await repository.getManifest(reference, 'HEAD')).status).toBe(404);
    }
  });

  requirement('a repository that is not there is 404', async (repository) => {
    await expectError(await repository.getManifest('v1'), 404, 'MANIFEST_UNKNOWN', 'NAME_UNKNOWN');
    const response = await repository.request('GET', `blobs/${digestOf('absent')}`);
    await expectError(response, 404, 'BLOB_UNKNOWN', 'NAME_UNKNOWN');
  });

  requirement('a blob is pulled, and asked for by HEAD', async (repository) => {
    const content = blob('application/octet-stream', randomBytes('blob', 1_000_000));
    await repository.pushBlob(content);
    const path = `blobs/${content.descriptor.digest}`;
    const response = await repository.request('GET', path);
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer()).equals(content.bytes)).toBe(true);
    const head = await repository.request('HEAD', path);
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '1000000']);
    expect(head.headers.get('docker-content-digest')).toBe(content.descriptor.digest);
  });

  requirement('a range of a blob is pulled', async (repository) => {
    const content = blob('application/octet-stream', randomBytes('range', 100_000));
    await repository.pushBlob(content);
    const path = `blobs/${content.descriptor.digest}`;
    for (const [range, start, end] of [
      ['bytes=0-9', 0, 10],
      ['bytes=50000-', 50_000, 100_000],
      ['bytes=99999-99999', 99_999, 100_000],
      ['bytes=-1', 99_999, 100_000],
    ] as const) {
      const response = await repository.request('GET', path, { headers: { range } });
      expect(response.status).toBe(206);
      expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/100000`);
      expect(Buffer.from(await response.arrayBuffer()).equals(content.bytes.subarray(start, end))).toBe(true);
    }
    const past = await repository.request('GET', path, { headers: { range: 'bytes=100000-' } });
    expect(past.status).toBe(416);
    await past.body?.cancel();
  });

  requirement('a blob that is not there is 404 BLOB_UNKNOWN', async (repository) => {
    await repository.pushImage(image({ seed: 'there' }), 'v1');
    const path = `blobs/${digestOf('absent')}`;
    await expectError(await repository.request('GET', path), 404, 'BLOB_UNKNOWN');
    expect((await repository.request('HEAD', path)).status).toBe(404);
  });

  requirement('content of one repository is not served by another', async (repository) => {
    const manifest = image({ seed: 'elsewhere' });
    await repository.pushImage(manifest, 'v1');
    const other = `/v2/${repository.name}-else`;
    expect((await repository.request('GET', `${other}/manifests/${manifest.descriptor.digest}`)).status).toBe(404);
    expect((await repository.request('GET', `${other}/blobs/${manifest.config.descriptor.digest}`)).status).toBe(404);
  });
}
