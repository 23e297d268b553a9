/** Push: "Pushing blobs", "Pushing a blob in chunks", "Mounting a blob from another repository", "Pushing Manifests". */

import { blob, image, index, randomBytes } from '@kubecrate/content/testing';
import { digestOf, MEDIA_TYPES } from '@kubecrate/oci';
import { expect } from 'vitest';
import type { Requirement } from './conformance-suite.ts';
import { expectError, locationOf, type RepositoryClient, withDigest } from './registry-under-test.ts';

const OCTETS = { 'content-type': 'application/octet-stream' };

export function pushRequirements(requirement: Requirement): void {
  const content = blob('application/octet-stream', randomBytes('push', 200_000));
  const { digest } = content.descriptor;

  requirement('POST then PUT stores a blob, and says where it is', async (repository) => {
    const location = withDigest(await repository.beginUpload(), digest);
    const response = await repository.request('PUT', location, { body: content.bytes, headers: OCTETS });
    expect(response.status).toBe(201);
    await expectStored(repository, locationOf(response));
  });

  requirement('a single POST stores a blob, or begins an upload', async (repository) => {
    const path = `blobs/uploads/?digest=${digest}`;
    const response = await repository.request('POST', path, { body: content.bytes, headers: OCTETS });
    expect([201, 202]).toContain(response.status);
    if (response.status === 201) return expectStored(repository, locationOf(response));
    const location = withDigest(locationOf(response), digest);
    const finished = await repository.request('PUT', location, { body: content.bytes, headers: OCTETS });
    expect(finished.status).toBe(201);
    await expectStored(repository, locationOf(finished));
  });

  requirement('a blob is stored in chunks, the last of which may come with the PUT', async (repository) => {
    for (const last of ['with PUT', 'before PUT'] as const) {
      const end = last === 'with PUT' ? 150_000 : 200_000;
      let location = await repository.beginUpload();
      for (let start = 0; start < end; start += 50_000) {
        const chunk = content.bytes.subarray(start, start + 50_000);
        const headers = { ...OCTETS, 'content-range': `${start}-${start + 49_999}` };
        const response = await repository.request('PATCH', location, { body: chunk, headers });
        expect(response.status).toBe(202);
        expect(response.headers.get('range')).toBe(`0-${start + 49_999}`);
        location = locationOf(response);
      }
      const rest = content.bytes.subarray(end);
      const headers: Record<string, string> = { ...OCTETS };
      if (rest.byteLength > 0) headers['content-range'] = `${end}-199999`;
      const response = await repository.request('PUT', withDigest(location, digest), { body: rest, headers });
      expect(response.status).toBe(201);
      await expectStored(repository, locationOf(response));
    }
  });

  requirement('an upload says how far it is', async (repository) => {
    const location = await repository.beginUpload();
    const body = content.bytes.subarray(0, 1000);
    const headers = { ...OCTETS, 'content-range': '0-999' };
    const patched = await repository.request('PATCH', location, { body, headers });
    const response = await repository.request('GET', locationOf(patched));
    expect([response.status, response.headers.get('range')]).toEqual([204, '0-999']);
    expect(locationOf(response)).not.toBe('');
  });

  requirement(
    'a chunk out of order is 416',
    async (repository) => {
      const location = await repository.beginUpload();
      const body = content.bytes.subarray(0, 1000);
      const headers = { ...OCTETS, 'content-range': '1000-1999' };
      const response = await repository.request('PATCH', location, { body, headers });
      expect(response.status).toBe(416);
      await response.arrayBuffer();
    },
    'out-of-order-416',
  );

  requirement('content of another digest is refused', async (repository) => {
    const location = withDigest(await repository.beginUpload(), digestOf('else'));
    const response = await repository.request('PUT', location, { body: content.bytes, headers: OCTETS });
    await expectError(response, 400, 'DIGEST_INVALID');
    expect((await repository.request('HEAD', `blobs/${digestOf('else')}`)).status).toBe(404);
  });

  requirement('an upload that is not there is 404', async (repository) => {
    await repository.pushBlob(content);
    const path = 'blobs/uploads/00000000-0000-4000-8000-000000000000';
    const response = await repository.request('PATCH', path, { body: content.bytes, headers: OCTETS });
    await expectError(response, 404, 'BLOB_UPLOAD_UNKNOWN', 'BLOB_UPLOAD_INVALID');
  });

  requirement('a blob is mounted from another repository, or an upload begins', async (repository) => {
    await repository.pushBlob(content);
    const target = `/v2/${repository.name}-mounted/blobs`;
    const query = `mount=${digest}&from=${repository.name}`;
    const response = await repository.request('POST', `${target}/uploads/?${query}`);
    expect([201, 202]).toContain(response.status);
    if (response.status === 201) await expectStored(repository, locationOf(response));
  });

  requirement('a blob that is nowhere is not mounted: an upload begins', async (repository) => {
    const query = `mount=${digestOf('nowhere')}&from=${repository.name}-else`;
    const response = await repository.request('POST', `blobs/uploads/?${query}`);
    expect(response.status).toBe(202);
    expect(locationOf(response)).not.toBe('');
  });

  requirement('PUT stores a manifest under a tag and a digest, and says where it is', async (repository) => {
    const manifest = image({ seed: 'put' });
    for (const part of manifest.blobs) await repository.pushBlob(part);
    for (const reference of ['v1', manifest.descriptor.digest]) {
      const response = await repository.putManifest(manifest, reference);
      expect(response.status).toBe(201);
      expect(response.headers.get('docker-content-digest')).toBe(manifest.descriptor.digest);
      expect((await repository.request('HEAD', locationOf(response), ACCEPT_OCI)).status).toBe(200);
    }
  });

  requirement('a manifest whose blobs are missing, or that is none, is refused', async (repository) => {
    const missing = await repository.putManifest(image({ seed: 'missing' }), 'v1');
    expect(missing.status).toBeGreaterThanOrEqual(400);
    expect(missing.status).toBeLessThan(500);
    const nonsense = blob(MEDIA_TYPES.ociManifest, '{"schemaVersion":2}');
    const response = await repository.putManifest(nonsense, 'v1');
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect((await repository.getManifest('v1')).status).toBe(404);
  });

  requirement('a tag moves to the manifest that came last', async (repository) => {
    const [old, next] = [image({ seed: 'old' }), image({ seed: 'next' })];
    await repository.pushImage(old, 'v1');
    await repository.pushImage(next, 'v1');
    const response = await repository.getManifest('v1', 'HEAD');
    expect(response.headers.get('docker-content-digest')).toBe(next.descriptor.digest);
    expect((await repository.getManifest(old.descriptor.digest, 'HEAD')).status).toBe(200);
  });

  requirement('an index is stored after its children', async (repository) => {
    const both = index([image({ seed: 'a' }), image({ seed: 'b' })]);
    await repository.pushImage(both, 'multi');
    expect((await repository.getManifest('multi', 'HEAD')).status).toBe(200);
  });

  async function expectStored(repository: RepositoryClient, location: string): Promise<void> {
    const response = await repository.request('GET', location);
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer()).equals(content.bytes)).toBe(true);
  }
}

const ACCEPT_OCI = { headers: { accept: MEDIA_TYPES.ociManifest } };
