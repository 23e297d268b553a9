// A registry directory is what docker-registry's own storage is, both ways.

import { bytesOf, pushImage } from '@kubecrate/content/testing';
import { openRegistryDirectory } from '@kubecrate/stores';
import { expect, test } from 'vitest';
import { startDockerRegistry } from '../fixtures/docker-registry.ts';
import { expectServed } from '../fixtures/expect-served.ts';
import { describePeer } from '../fixtures/peers.ts';
import { runSuccessfully } from '../fixtures/run-process.ts';
import { type SampleImage, sampleImages } from '../fixtures/sample-images.ts';
import { skopeo } from '../fixtures/skopeo.ts';
import { temporaryDirectory } from '../fixtures/temporary-directory.ts';

async function write(directory: string, images: readonly SampleImage[]): Promise<void> {
  const namespace = await openRegistryDirectory(directory, { access: 'write' });
  for (const { repository, tag, manifest } of images) await pushImage(namespace.repository(repository), manifest, tag);
}

describePeer('docker-registry', 'docker-registry on a registry directory', () => {
  test('serves every image, chart and signature, byte for byte', async () => {
    await using directory = await temporaryDirectory();
    await write(directory.path, sampleImages());
    await using registry = await startDockerRegistry({ directory: directory.path, access: 'read-only' });
    for (const { repository, tag, manifest } of sampleImages()) {
      await expectServed(registry.url, repository, manifest, tag);
    }
  });

  test('lists the repositories and their tags', async () => {
    await using directory = await temporaryDirectory();
    await write(directory.path, sampleImages());
    await using registry = await startDockerRegistry({ directory: directory.path, access: 'read-only' });
    const catalog = await (await fetch(`${registry.url}/v2/_catalog`)).json();
    const repositories = [...new Set(sampleImages().map(({ repository }) => repository))].sort();
    expect(catalog).toEqual({ repositories });
    const tags = await (await fetch(`${registry.url}/v2/library/ubuntu/tags/list`)).json();
    expect(tags).toEqual({ name: 'library/ubuntu', tags: ['18.04'] });
  });

  test('serves what is added while it runs', async () => {
    await using directory = await temporaryDirectory();
    await using registry = await startDockerRegistry({ directory: directory.path });
    const [first, ...rest] = sampleImages();
    for (const images of [[first as SampleImage], rest]) {
      await write(directory.path, images);
      for (const { repository, tag, manifest } of images) await expectServed(registry.url, repository, manifest, tag);
    }
  });

  test('writes a directory that we read', async () => {
    await using directory = await temporaryDirectory();
    await using source = await temporaryDirectory();
    await write(source.path, sampleImages());
    await using from = await startDockerRegistry({ directory: source.path, access: 'read-only' });
    await using to = await startDockerRegistry({ directory: directory.path });
    for (const { repository, tag } of sampleImages()) await copyByHttp(from.url, to.url, repository, tag);
    const namespace = await openRegistryDirectory(directory.path, { access: 'read' });
    for (const { repository, tag, manifest } of sampleImages()) {
      const target = namespace.repository(repository);
      expect(await target.resolve(tag)).toMatchObject({ digest: manifest.descriptor.digest });
      for (const { descriptor, bytes } of [manifest, ...manifest.manifests, ...manifest.blobs]) {
        expect((await bytesOf(await target.fetch(descriptor))).equals(bytes)).toBe(true);
      }
    }
  });

  /** Moves a fixture with nothing but HTTP, so that what arrives is what docker-registry itself wrote. */
  async function copyByHttp(from: string, to: string, repository: string, tag: string): Promise<void> {
    const found = sampleImages().find((sample) => sample.repository === repository && sample.tag === tag);
    const send = async (manifest: SampleImage['manifest'], reference: string): Promise<void> => {
      for (const child of manifest.manifests) await send(child, child.descriptor.digest);
      for (const { descriptor } of manifest.blobs) {
        const bytes = await (await fetch(`${from}/v2/${repository}/blobs/${descriptor.digest}`)).arrayBuffer();
        const begun = await fetch(`${to}/v2/${repository}/blobs/uploads/`, { method: 'POST' });
        const location = `${begun.headers.get('location')}&digest=${descriptor.digest}`;
        const headers = { 'content-type': 'application/octet-stream' };
        expect((await fetch(location, { method: 'PUT', body: bytes, headers })).status).toBe(201);
      }
      const headers = { 'content-type': manifest.descriptor.mediaType };
      const body = new Uint8Array(manifest.bytes);
      const url = `${to}/v2/${repository}/manifests/${reference}`;
      expect((await fetch(url, { method: 'PUT', body, headers })).status).toBe(201);
    };
    if (found !== undefined) await send(found.manifest, tag);
  }
});

describePeer(['docker-registry', 'skopeo'], 'skopeo and a registry directory behind docker-registry', () => {
  test('skopeo copies every image and chart out of it, and the digests stay', async () => {
    await using directory = await temporaryDirectory();
    await using home = await temporaryDirectory();
    await write(directory.path, sampleImages());
    await using registry = await startDockerRegistry({ directory: directory.path, access: 'read-only' });
    for (const { repository, tag, manifest } of sampleImages()) {
      const source = `docker://${registry.host}/${repository}:${tag}`;
      const layout = `dir:${home.path}/${repository.replaceAll('/', '-')}-${tag}`;
      await skopeo(['copy', '--all', '--preserve-digests', source, layout], home.path);
      const copied = await runSuccessfully('cat', [`${layout.slice('dir:'.length)}/manifest.json`]);
      expect(copied).toBe(manifest.bytes.toString());
    }
  });

  test('skopeo pushes into it through docker-registry, and we read that', async () => {
    await using directory = await temporaryDirectory();
    await using source = await temporaryDirectory();
    await using home = await temporaryDirectory();
    const images = sampleImages().filter(({ repository }) => repository !== 'google_containers/coredns');
    await write(source.path, images);
    await using from = await startDockerRegistry({ directory: source.path, access: 'read-only' });
    await using to = await startDockerRegistry({ directory: directory.path });
    for (const { repository, tag } of images) {
      const name = `${repository}:${tag}`;
      await skopeo(['copy', '--all', `docker://${from.host}/${name}`, `docker://${to.host}/${name}`], home.path);
    }
    const namespace = await openRegistryDirectory(directory.path, { access: 'read' });
    for (const { repository, tag, manifest } of images) {
      const { digest } = await namespace.repository(repository).resolve(tag);
      expect(digest).toBe(manifest.descriptor.digest);
    }
  });
});
